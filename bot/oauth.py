"""Sign-in by WeChat (网页授权): ``/oauth/login?next=…`` goes out, ``/oauth/callback`` comes back.

The state is random, bound to the browser and valid once; the page to return to is kept on the
server. A used or expired code starts a new round instead of showing an error; after two rounds it
stops. A snapshot visitor (快照页) has no identity: no account is made.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import quote

from aiohttp import web

from domain import legal, members, orders
from domain.members.ports import CODES_TO_RESTART, OAuthIdentity, OAuthScope
from kernel.addresses import caller_key
from kernel.errors import Invalid, LimitReached, Refused
from kernel.web.forms import query_param
from kernel.web.keys import LIMITER, STORE
from kernel.web.sessions import browser

if TYPE_CHECKING:
    from bot.deps import BotDeps

log = logging.getLogger("fenmall.oauth")

# Counted by address. Guests of one banquet share an address, so the limit only stops programs.
ROUNDS_MOST, ROUNDS_SECONDS = 600, 60


class OAuthDoor:
    """The two pages of the sign-in."""

    def __init__(self, deps: BotDeps) -> None:
        self._deps = deps

    def add_routes(self, app: web.Application) -> None:
        """Add ``/login`` and ``/callback``, relative to where the sub-application is mounted."""
        app.router.add_get("/login", self.login)
        app.router.add_get("/callback", self.callback)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Go to WeChat and return to ``next`` signed in; silent unless scope=profile is asked."""
        next_path = local_path(query_param(request, "next", most=601, default="/m/"))
        next_path = with_medium(next_path, query_param(request, "s"))
        wants_profile = query_param(request, "scope") == "profile"
        found = browser(request)
        if found.member_id is not None and not wants_profile:
            raise web.HTTPFound(next_path)
        scope: OAuthScope = "snsapi_userinfo" if wants_profile else "snsapi_base"
        return await self._begin(request, next_path, scope, None)

    async def _begin(
        self, request: web.Request, next_path: str, scope: OAuthScope, earlier: str | None
    ) -> NoReturn:
        address = caller_key()
        await request.config_dict[LIMITER].hit(
            "oauth", address, most=ROUNDS_MOST, seconds=ROUNDS_SECONDS
        )
        session = await browser(request).ensure()
        state = await request.config_dict[STORE].write(
            members.begin_oauth, session.id, next_path, scope, earlier
        )
        callback = f"{self._deps.config.public_url}/oauth/callback"
        raise web.HTTPFound(self._deps.oauth.authorize_url(callback, state, scope))

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """WeChat sends the browser back here with a code; without one if the person declined."""
        code, state = (
            query_param(request, "code", most=512),
            query_param(request, "state", most=129),
        )
        found = browser(request)
        if not 0 < len(state) <= 128:
            raise Invalid("oauth_state")
        store = request.config_dict[STORE]
        if found.info is None:
            # WeChat may call twice, the second time still with the cookie that the first call
            # replaced
            back = await store.read(members.oauth_round_of, state)
            await self._again(request, back, state)
        back = await store.write(members.use_state, found.info.id, state)
        if not code:
            raise web.HTTPFound(back.next_path)  # the person declined
        if not back.is_usable:
            if found.member_id is not None:
                raise web.HTTPFound(back.next_path)  # Back or Refresh after a sign-in
            await self._again(request, back, state)
        identity = await self._exchange(request, code, back, state)
        member_id = await self._sign_in(request, identity)
        raise web.HTTPFound(await self._next(request, member_id, back.next_path))

    async def _again(
        self, request: web.Request, back: members.OauthReturn, state: str
    ) -> NoReturn:
        """Start a new round for this browser. Raises Conflict('oauth_loop') after two."""
        await self._begin(request, back.next_path, cast("OAuthScope", back.scope), state)

    async def _exchange(
        self, request: web.Request, code: str, back: members.OauthReturn, state: str
    ) -> OAuthIdentity:
        try:
            identity = await self._deps.oauth.exchange(code)
        except Refused as error:
            if str(error.code) not in CODES_TO_RESTART:
                raise
            log.info("a sign-in code was of no use: %s", error)
            await self._again(request, back, state)
        if identity.is_snapshot:
            raise Invalid("snapshot_user")
        return identity

    async def _next(self, request: web.Request, member_id: int, next_path: str) -> str:
        """Where the person wanted to go; before it a privacy policy that asks anew, if any."""
        asked = await request.config_dict[STORE].read(legal.asking, member_id, "privacy")
        return f"/m/agree/privacy?next={quote(next_path, safe='')}" if asked.is_due else next_path

    async def _sign_in(self, request: web.Request, identity: OAuthIdentity) -> int:
        found, store = browser(request), request.config_dict[STORE]
        member_id, _ = await store.write(
            members.sign_in,
            self._deps.config.wechat.appid,
            identity.openid,
            identity.unionid,
            found.visitor,
            session_id=found.info.id,
        )
        if "snsapi_userinfo" in identity.scope:
            await self._take_profile(request, member_id, identity)
        cookie = await store.write(members.renew_session, found.info.id, member_id)
        found.take_over(cookie, await store.read(members.find_session, cookie))
        return member_id

    async def _take_profile(
        self, request: web.Request, member_id: int, identity: OAuthIdentity
    ) -> None:
        """Store the nickname that the person has just agreed to share."""
        profile = await self._deps.oauth.profile(identity)
        try:
            await request.config_dict[STORE].write(
                members.set_nickname, member_id, profile.nickname[:20]
            )
            await request.config_dict[STORE].write(legal.consent_to_profile, member_id)
        except (Invalid, LimitReached) as error:
            log.info("a nickname was not taken over: %s", error.code)


def with_medium(path: str, medium: str) -> str:
    """A path of the mall that says by which way of the account the person comes (入口)."""
    if medium not in orders.OF_THE_ACCOUNT or not path.startswith("/m/") or "#" in path:
        return path
    return f"{path}{'&' if '?' in path else '?'}s={medium}"


def local_path(path: str) -> str:
    """The path if it stays within this site, else "/m/"; prevents an open redirect."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\", "/oauth"))
    if not is_local or len(path) > 600 or any(c < " " or c == "\\" for c in path):
        return "/m/"
    return path
