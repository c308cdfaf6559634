"""Mounts the faces on the public application and gives each its ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from admin import AdminDeps, make_admin_app
from admin.sessions import StaffSessions
from app.runtime import Runtime
from app.wiring import payout_terms, poster_terms
from bot import BotDeps, add_webhook
from bot.following import Followers
from bot.menu import publish_menu
from bot.oauth import OAuthDoor
from domain import distribution, impact, members
from domain.distribution import Carrier, PosterReady
from gateways.pictures.store import PosterFiles
from kernel import health
from kernel.chat import ImageReply
from kernel.store import Store
from kernel.web.keys import FACE, SESSIONS
from kernel.web.middleware import browser_session, error_pages
from mall_h5 import MallDeps, make_legal_app, make_mall_app
from mall_h5.notify import add_notify_routes
from mall_h5.web import error_page
from mall_h5.words import FILTERS


class MemberSessions:
    """Implements ``SessionBackend`` for members, in the database."""

    cookie = "fm_s"
    max_age = members.SESSION_DAYS * 86_400

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, cookie: str) -> Any:
        """The valid session of a cookie, or None."""
        return await self._store.peek(members.find_session, cookie)

    async def open(self, cookie: str, visitor: str) -> Any:
        """Write the session row of a cookie and return the session."""
        await self._store.write(members.open_session, cookie, visitor)
        return await self.find(cookie)


def mount_faces(app: web.Application, runtime: Runtime) -> None:
    """Mount chat, sign-in, mall, legal pages, merchant and WeChat Pay's notification URLs."""
    posters = Posters(runtime)
    browsers = MemberSessions(runtime.store)
    runtime.renderer.env.filters.update(FILTERS)
    bot = _bot_deps(runtime, posters)
    add_webhook(app, bot)
    add_notify_routes(app, runtime.store, runtime.pay, runtime.limiter)
    mall = MallDeps(
        pay=runtime.pay,
        pages=runtime.wechat.pages,
        pictures=runtime.pictures,
        poster=posters.picture,
        uploads=runtime.uploads,
        documents=runtime.documents,
        own_files=runtime.exports,
        payout_terms=payout_terms(runtime),
        identity=runtime.identity,
    )
    app.add_subapp("/oauth", _oauth_app(bot, browsers))
    app.add_subapp("/m", make_mall_app(mall, browsers))
    app.add_subapp("/legal", make_legal_app(mall, browsers))
    app.add_subapp("/admin", make_admin_app(_admin_deps(runtime), StaffSessions(runtime.store)))


class Posters:
    """Referral posters, as a picture for pages and as an upload for the chat."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._files = PosterFiles(runtime.uploads / "posters")

    async def picture(self, member_id: int, product_id: int | None) -> bytes:
        """A poster as JPEG; its QR code is the short link, which never expires."""
        ready = await self._ready(member_id, product_id, "link")
        return ready.data

    async def reply(self, member_id: int, product_id: int | None) -> ImageReply:
        """A poster uploaded to WeChat; its QR code is a scene, so that scanning it follows."""
        ready = await self._ready(member_id, product_id, "scan")
        media_id = await distribution.media_for(
            self._runtime.store, self._runtime.wechat.messenger, ready
        )
        return ImageReply(media_id)

    async def _ready(
        self, member_id: int, product_id: int | None, carrier: Carrier
    ) -> PosterReady:
        runtime = self._runtime
        return await distribution.poster_for(
            runtime.store,
            runtime.painter,
            runtime.wechat.scene_qr,
            self._files,
            member_id,
            product_id,
            terms=await runtime.store.peek(poster_terms, runtime),
            carrier=carrier,
        )


def _bot_deps(runtime: Runtime, posters: Posters) -> BotDeps:
    wechat = runtime.wechat
    return BotDeps(
        config=runtime.config,
        store=runtime.store,
        redis=runtime.redis,
        inbound=wechat.inbound,
        messenger=wechat.messenger,
        oauth=wechat.oauth,
        fans=wechat.fans,
        limiter=runtime.limiter,
        renderer=runtime.renderer,
        poster=posters.reply,
        followers=Followers(wechat.messenger, runtime.redis, runtime.pictures.largest),
        pictures=runtime.pictures,
        asked=runtime.asked,
        assistant=runtime.assistant,
    )


def _admin_deps(runtime: Runtime) -> AdminDeps:
    async def publish() -> None:
        await publish_menu(runtime.store, runtime.wechat.menu, runtime.config.public_url)

    async def ailing() -> Mapping[str, str | None]:
        return (await health.check(runtime.store, runtime.redis)).parts

    has_identity = runtime.identity is not None
    has_model = bool(runtime.config.assistant.base_url)
    impact.connect(*["identity_check"] * has_identity, *["assistant"] * has_model)
    return AdminDeps(
        ailing=ailing,
        pay=runtime.pay,
        messenger=runtime.wechat.messenger,
        menu=runtime.wechat.menu,
        pictures=runtime.pictures,
        documents=runtime.documents,
        exports=runtime.exports,
        evidence=runtime.evidence,
        publish_menu=publish,
        passwords=runtime.passwords,
        has_identity_provider=has_identity,
    )


def _oauth_app(bot: BotDeps, browsers: MemberSessions) -> web.Application:
    shown = error_pages(error_page)
    app = web.Application(middlewares=[shown, browser_session(), shown])
    app[SESSIONS] = browsers
    app[FACE] = "oauth"
    OAuthDoor(bot).add_routes(app)
    return app
