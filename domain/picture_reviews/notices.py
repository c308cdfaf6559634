"""Notices about pictures that a member added (图片审核通知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import Code, MemberNotice, Reason


@dataclass(frozen=True, kw_only=True)
class PictureShown(MemberNotice):
    """A picture is shown from now on (图片通过)."""

    KEY: ClassVar[str] = "picture_shown"
    PAGE: ClassVar[str] = "/m/me"
    AT_ONCE: ClassVar[bool] = False
    kind: Code


@dataclass(frozen=True, kw_only=True)
class PictureRefused(MemberNotice):
    """A picture is not shown, with the ground (图片未通过)."""

    KEY: ClassVar[str] = "picture_refused"
    PAGE: ClassVar[str] = "/m/me"
    kind: Code
    reason: Reason
