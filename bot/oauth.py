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

from bot.profile import DECLINED, SNAPSHOT, ProfileTaker, take_profile
from domain import legal, members, orders
from domain.members.ports import CODES_TO_RESTART, OAuthIdentity, OAuthScope
from kernel.addresses import caller_key
from kernel.errors import Invalid, Refused
from kernel.web.forms import query_param, read_form
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
        self._taker = ProfileTaker(deps.store, deps.oauth, deps.pictures)

    def add_routes(self, app: web.Application) -> None:
        """Add the pages, relative to where the sub-application is mounted."""
        app.router.add_get("/login", self.login)
        app.router.add_post("/profile", self.ask_profile)
        app.router.add_get("/callback", self.callback)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Go to WeChat silently and return to ``next`` signed in."""
        next_path = local_path(query_param(request, "next", most=601, default="/m/"))
        next_path = with_medium(next_path, query_param(request, "s"))
        if browser(request).member_id is not None:
            raise web.HTTPFound(next_path)
        return await self._begin(request, next_path, "snsapi_base", None)

    async def ask_profile(self, request: web.Request) -> web.StreamResponse:
        """Ask WeChat for nickname and picture; only a form with its token leads here.

        WeChat shows a snapshot page (快照页) if no tap of the person preceded.
        """
        form = await read_form(request)
        next_path = local_path(form.raw("next"))
        is_signed_in = browser(request).member_id is not None
        scope: OAuthScope = "snsapi_userinfo" if is_signed_in else "snsapi_base"
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
        asks_profile = back.scope == "snsapi_userinfo"
        if not code:
            if asks_profile:
                await self._say(request, DECLINED)
            raise web.HTTPFound(back.next_path)  # the person declined
        if not back.is_usable:
            if found.member_id is not None:
                raise web.HTTPFound(back.next_path)  # Back or Refresh after a sign-in
            await self._again(request, back, state)
        identity = await self._exchange(request, code, back, state)
        if identity.is_snapshot:
            if not asks_profile or found.member_id is None:
                raise Invalid("snapshot_user")
            await self._say(request, SNAPSHOT)
            raise web.HTTPFound(back.next_path)
        member_id = await self._sign_in(request, identity)
        if asks_profile and "snsapi_userinfo" in identity.scope:
            await self._say(request, await take_profile(self._taker, member_id, identity))
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
        return identity

    async def _say(self, request: web.Request, text: str) -> None:
        """Leave a message that the next page shows once."""
        session = await browser(request).ensure()
        await request.config_dict[STORE].write(members.set_flash, session.id, text)

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
        wish = found.wants_care
        renew = members.renew_session
        cookie = await store.write(renew, found.info.id, member_id, is_care_mode=wish)
        found.take_over(cookie, await store.read(members.find_session, cookie))
        if found.is_care_mode != wish:
            found.wish_care(found.is_care_mode)  # so it stays after the session's end
        return member_id


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
