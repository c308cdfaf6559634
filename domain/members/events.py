"""What other domains hear about members, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MemberSignedIn:
    """A browser became a member's; ``visitor`` is what it was known as before."""

    member_id: int
    visitor: str
    is_new: bool
    session_id: int | None = None


@dataclass(frozen=True)
class MemberFollowed:
    """A member followed the account or, following already, scanned one of its codes."""

    member_id: int
    openid: str
    scene: str | None
    is_new: bool


@dataclass(frozen=True)
class MemberUnfollowed:
    """A member left the account (取消关注)."""

    member_id: int
