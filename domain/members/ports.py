"""What members needs from the outside: who somebody is, as WeChat tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

OAuthScope = Literal["snsapi_base", "snsapi_userinfo"]

# A used, late or invented code: start a new round (at most twice), show no error.
CODES_TO_RESTART = frozenset({"40029", "40163", "42003"})


@dataclass(frozen=True)
class OAuthIdentity:
    """Who opened the page (网页授权). A snapshot visitor (快照页) is nobody: open no account."""

    openid: str
    unionid: str | None
    scope: str
    is_snapshot: bool = False
    access_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class OAuthProfile:
    """What a person agreed to show: nickname and picture."""

    openid: str
    unionid: str | None
    nickname: str
    avatar_url: str


@dataclass(frozen=True)
class FanInfo:
    """A fan (粉丝) as WeChat knows them; all but the ids is empty if they do not follow."""

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
    """One page of the account's fans; ``next_openid`` is None on the last."""

    total: int
    openids: tuple[str, ...]
    next_openid: str | None


class OAuthPort(Protocol):
    """Sign-in through WeChat."""

    def authorize_url(
        self, redirect_uri: str, state: str, scope: OAuthScope = "snsapi_base"
    ) -> str:
        """Where to send the browser so that it comes back with a code."""

    async def exchange(self, code: str) -> OAuthIdentity:
        """Who the code belongs to. Refused(code) with one of CODES_TO_RESTART: a new round."""

    async def profile(self, identity: OAuthIdentity) -> OAuthProfile:
        """Nickname and picture, after snsapi_userinfo only."""


class FansPort(Protocol):
    """The account's fans."""

    async def user_info(self, openid: str) -> FanInfo:
        """One fan; somebody who left is answered as not following."""

    async def user_infos(self, openids: Sequence[str]) -> tuple[FanInfo, ...]:
        """Up to 100 fans in one call."""

    async def fans(self, next_openid: str | None = None) -> FanPage:
        """One page of up to 10,000 fans."""


class PagePort(Protocol):
    """The JS-SDK's permission to act on a page."""

    async def page_config(
        self, url: str, apis: Sequence[str], open_tags: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The signed argument of ``wx.config`` for the page as the browser sees it, less its #."""
