"""Events that members publish; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MemberSignedIn:
    """A browser was signed in to a member; ``visitor`` is the browser's id before."""

    member_id: int
    visitor: str
    is_new: bool
    session_id: int | None = None


@dataclass(frozen=True)
class MemberFollowed:
    """A member followed the account, or scanned one of its codes while following."""

    member_id: int
    openid: str
    scene: str | None
    is_new: bool


@dataclass(frozen=True)
class MemberUnfollowed:
    """A member stopped following the account (取消关注)."""

    member_id: int
