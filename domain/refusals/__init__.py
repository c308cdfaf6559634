"""What WeChat refuses is seen (微信拒绝): kept, shown, told to the owner, and over by itself."""

from domain.refusals.desk import RefusalDesk
from domain.refusals.notices import install_titles
from domain.refusals.service import Noted, OpenRefusal, note, open_refusals, passed, remind

__all__ = [
    "Noted", "OpenRefusal", "RefusalDesk", "install_titles", "note", "open_refusals", "passed",
    "remind",
]  # fmt: skip
