"""Calls that WeChat refuses (微信拒绝): stored, shown, notified, ended by a success."""

from domain.refusals.desk import RefusalDesk
from domain.refusals.notices import install_titles
from domain.refusals.service import Noted, OpenRefusal, note, open_refusals, passed, remind

__all__ = [
    "Noted", "OpenRefusal", "RefusalDesk", "install_titles", "note", "open_refusals", "passed",
    "remind",
]  # fmt: skip
