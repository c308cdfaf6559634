"""Calls that WeChat refuses (微信拒绝): stored, shown, notified, ended by a success."""

from domain.refusals.buffer import RefusalBuffer
from domain.refusals.erasing import PERSONAL
from domain.refusals.notices import install_titles
from domain.refusals.service import (
    OpenRefusal,
    ReportedRefusal,
    list_open_refusals,
    record_refusals,
    record_success,
    remind,
)

__all__ = [
    "PERSONAL", "OpenRefusal", "RefusalBuffer", "ReportedRefusal", "install_titles",
    "list_open_refusals", "record_refusals", "record_success", "remind",
]  # fmt: skip
