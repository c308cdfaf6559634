"""The mall on a test database, and browsers that open its pages and send its forms."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from domain.adults import IdentityCheckPort
from domain.members import sessions
from gateways.pictures.images import ImageStore
from gateways.private_files import PrivateFiles
from kernel import clock
from kernel.ids import digest, token
from kernel.store import Store
from kernel.web.browsers import Browser
from mall_h5 import MallDeps, make_legal_app, make_mall_app
from mall_h5.words import FILTERS
from models import WebSession
from tests.factories.pay import FakePay
from tests.factories.transfers import TERMS
from tests.harness.markup import forms_of

COOKIE = "fm_s"
WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/122.0 Mobile MicroMessenger/8.0.49"
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/122.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) Chrome/122.0 Safari/537.36"


class Sessions:
    """The sessions of members in the test's database."""

    cookie = COOKIE
    max_age = 3600

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, cookie: str) -> Any:
        return await self._store.read(sessions.find_session, cookie)

    async def open(self, cookie: str, visitor: str) -> Any:
        await self._store.write(sessions.open_session, cookie, visitor)
        return await self.find(cookie)


class Pages:
    """The JS-SDK's configuration without a signature."""

    async def page_config(self, url: str, apis: Any, open_tags: Any = ()) -> dict[str, Any]:
        return {"url": url, "jsApiList": list(apis)}


async def no_poster(member_id: int, product_id: int | None) -> bytes:
    """Fail: no test here asks for a poster."""
    raise AssertionError((member_id, product_id))


def mount_mall(
    app: web.Application, store: Store, pay: FakePay, folder: Path,
    identity: IdentityCheckPort | None,
) -> None:  # fmt: skip
    """Add the mall below /m and the documents below /legal, with a small WeChat Pay."""
    from kernel.web.keys import RENDERER

    app[RENDERER].env.filters.update(FILTERS)
    deps = MallDeps(
        pay=pay, pages=Pages(), pictures=ImageStore(folder), poster=no_poster, uploads=folder,
        payout_terms=TERMS, documents=PrivateFiles(folder / "private"), identity=identity,
        own_files=PrivateFiles(folder / "exports"),
    )  # fmt: skip
    app.add_subapp("/m", make_mall_app(deps, Sessions(store)))
    app.add_subapp("/legal", make_legal_app(deps, Sessions(store)))


@dataclass
class Seen:
    """An answer; ``location`` is the target of a redirect, else empty."""

    status: int
    text: str
    location: str
    headers: Any

    def fields(self, action: str) -> list[tuple[str, str]]:
        """The fields that the form with this action would send."""
        forms = forms_of(self.text)
        for form in forms:
            if form.action == action:
                return list(form.fields)
        raise AssertionError((action, [form.action for form in forms], self.status))


@dataclass
class Shopper:
    """One person's browser."""

    client: TestClient[Any, Any]
    cookie: str
    member_id: int | None = None
    agent: str = WECHAT
    stands_on: str = ""  # the page on which the sent form is

    def session_ends(self) -> None:
        """Expire the session and keep its cookie, as after thirty days."""
        WebSession.update(expires_at=clock.now()).where(
            WebSession.token_hash == digest(self.cookie)
        ).execute()

    async def get(self, path: str, **headers: str) -> Seen:
        """Open a page without following redirects."""
        async with self.client.get(
            path, headers=self._headers(headers), allow_redirects=False
        ) as answer:
            return await _seen(answer)

    async def see(self, path: str) -> Seen:
        """Open a page and follow its redirects within the mall."""
        seen = await self.get(path)
        for _ in range(5):
            if not seen.location.startswith("/m/"):
                break
            seen = await self.get(seen.location)
        return seen

    async def post(self, path: str, fields: Any = (), **changes: str | None) -> Seen:
        """Send fields. ``changes`` replace fields of the same name; None removes them."""
        changes = {"_csrf": Browser.csrf_of(self.cookie)} | changes
        kept = [(k, v) for k, v in fields if k not in changes]
        kept += [(k, v) for k, v in changes.items() if v is not None]
        data = FormData()
        for name, value in kept:
            if isinstance(value, bytes):
                file = io.BytesIO(value)
                data.add_field(name, file, filename="p.jpg", content_type="image/jpeg")
            else:
                data.add_field(name, value)
        page = str(self.client.make_url(self.stands_on or "/m/"))
        async with self.client.post(
            path, data=data, headers=self._headers({"Referer": page}), allow_redirects=False
        ) as answer:
            return await _seen(answer)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {k.replace("_", "-"): v for k, v in more.items()}
        return {"User-Agent": self.agent, "Cookie": f"{COOKIE}={self.cookie}"} | named


async def _seen(answer: Any) -> Seen:
    text = await answer.text(errors="replace")
    return Seen(answer.status, text, answer.headers.get("Location", ""), answer.headers)


def signed_in(client: TestClient[Any, Any], member_id: int) -> Shopper:
    """A browser of this member."""
    cookie = token()
    session_id = sessions.open_session(cookie, "v" * 32)
    fresh = sessions.renew_session(session_id, member_id)
    return Shopper(client, fresh, member_id)


def visitor(client: TestClient[Any, Any]) -> Shopper:
    """A browser without a signed-in member."""
    return Shopper(client, token())
