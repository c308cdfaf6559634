"""The ports that members need: WeChat sign-in, fans and the JS-SDK."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

OAuthScope = Literal["snsapi_base", "snsapi_userinfo"]

# WeChat's errors for a used, expired or invalid code: start a new sign-in round, at most twice.
CODES_TO_RESTART = frozenset({"40029", "40163", "42003"})


@dataclass(frozen=True)
class OAuthIdentity:
    """The person who opened the page (网页授权).

    A snapshot visitor (快照页) is a shared dummy identity: make no account for it.
    """

    openid: str
    unionid: str | None
    scope: str
    is_snapshot: bool = False
    access_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class OAuthProfile:
    """Nickname and picture that a person agreed to share."""

    openid: str
    unionid: str | None
    nickname: str
    avatar_url: str


@dataclass(frozen=True)
class FanInfo:
    """A fan (粉丝) as WeChat describes them; without following, only the ids are filled."""

    openid: str
    is_following: bool
    unionid: str | None = None
    subscribed_at: datetime | None = None
    subscribe_scene: str = ""
    qr_scene: str = ""
    language: str = ""
    tag_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class FanPage:
    """One page of the account's fans; ``next_openid`` is None on the last page."""

    total: int
    openids: tuple[str, ...]
    next_openid: str | None


class OAuthPort(Protocol):
    """Sign-in through WeChat."""

    def authorize_url(
        self, redirect_uri: str, state: str, scope: OAuthScope = "snsapi_base"
    ) -> str:
        """The address to which the browser is sent, and from which it returns with a code."""

    async def exchange(self, code: str) -> OAuthIdentity:
        """The identity of a code. Raises Refused; a code in CODES_TO_RESTART needs a new round."""

    async def profile(self, identity: OAuthIdentity) -> OAuthProfile:
        """Nickname and picture; needs the scope snsapi_userinfo."""

    async def picture(self, url: str) -> bytes:
        """A person's picture by the address in their profile, which ends when they change it.

        Raises Refused for an address that is not WeChat's.
        """


class FansPort(Protocol):
    """The account's fans."""

    async def user_info(self, openid: str) -> FanInfo:
        """One fan; a person who left is returned as not following."""

    async def user_infos(self, openids: Sequence[str]) -> tuple[FanInfo, ...]:
        """Up to 100 fans in one call."""

    async def fans(self, next_openid: str | None = None) -> FanPage:
        """One page of up to 10,000 fans."""


class PagePort(Protocol):
    """Signatures that let a page use the JS-SDK."""

    async def page_config(
        self, url: str, apis: Sequence[str], open_tags: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The signed argument of ``wx.config``; ``url`` is the page's address without its #."""
