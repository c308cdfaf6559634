"""Notices about WeChat's refusals, to the owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.notices import Code, OwnerNotice
from kernel.refusals import Side


@dataclass(frozen=True, kw_only=True)
class WechatRefused(OwnerNotice):
    """WeChat refuses a call: since when and how often (微信拒绝)."""

    KEY: ClassVar[str] = "wechat_refused"
    PAGE: ClassVar[str] = "/admin/"
    side: Side
    call: Code
    code: Code
    detail: Code = ""
    subject: Code = ""
    since: datetime | None = None
    count: int = 1

    @property
    def template(self) -> str:
        """The title of the template concerned; '' if there is none."""
        return _title_of(self.subject)


def install_titles(title_of: Callable[[str], str]) -> None:
    """Set the function that gives a template's title; without it the id is shown."""
    global _title_of
    _title_of = title_of


_title_of: Callable[[str], str] = str
