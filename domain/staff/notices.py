"""Notices about staff accounts, to the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from domain.notices import OwnerNotice, Who


@dataclass(frozen=True, kw_only=True)
class StaffGuessed(OwnerNotice):
    """A staff member's secret was entered wrong many times in a day (密码被猜)."""

    KEY: ClassVar[str] = "staff_guessed"
    PAGE: ClassVar[str] = "/admin/staff"
    who: Who
    door: Literal["password", "code", "step", "change"]
    tries: int


@dataclass(frozen=True, kw_only=True)
class StaffEnrolled(OwnerNotice):
    """A staff member set up the one-time code for the first time (绑定动态码)."""

    KEY: ClassVar[str] = "staff_enrolled"
    PAGE: ClassVar[str] = "/admin/staff"
    who: Who
