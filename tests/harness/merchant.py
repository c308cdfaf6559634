"""The merchant's browser: signs in with password and one-time code, reads pages, sends forms.

Tests check the text of a page as the owner reads it, without markup.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urljoin

from app.production import DEMO_PASSWORD
from app.seed import OWNER_LOGIN
from domain.staff import demo_code
from tests.harness.world import Form, Page, World


class Merchant:
    """A browser on the merchant's pages."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log: list[str] = []
        self._session = world.browser()

    async def open(self, path: str, data: dict[str, str] | None = None) -> Page:
        """Open a page or send a form, following redirects."""
        url = urljoin(self.world.app_url, path)
        method = "POST" if data is not None else "GET"
        for _ in range(6):
            async with self._session.request(
                method, url, data=data, allow_redirects=False
            ) as response:
                text = await response.text(errors="replace")
                self.log.append(f"{method} {url} {response.status}")
                if response.status not in {302, 303}:
                    return Page(url, response.status, text, response.headers)
                url = urljoin(url, response.headers["Location"])
            method, data = "GET", None
        raise AssertionError("too many redirects: " + " → ".join(self.log[-6:]))

    async def submit(self, form: Form, **changes: str) -> Page:
        """Send a form of a page; give the one-time code if it is asked for again."""
        page = await self.open(form.action, form.fields | changes)
        if page.status == 403 and page.has_field("_code"):
            again = page.form(holding="_code")
            page = await self.open(again.action, again.fields | {"_code": await self._code()})
        return page

    async def page(self, path: str) -> Page:
        """A page; signs in again if the session has ended meanwhile."""
        page = await self.open(path)
        if "/sign-in" in page.url:
            await self.sign_in()
            page = await self.open(path)
        return page

    async def reads(self, path: str) -> str:
        """The text of a page; the page must open with status 200."""
        page = await self.page(path)
        assert page.status == 200, (path, page.status, page.words()[-400:])
        return page.words()

    async def sign_in(self, login: str = OWNER_LOGIN) -> Merchant:
        """Sign in with the password, and with the code where the account needs one."""
        page = await self.open("/admin/sign-in")
        form = page.form("/sign-in")
        page = await self.open(form.action, form.fields | {
            "login": login, "password": DEMO_PASSWORD})  # fmt: skip
        if page.has_field("code"):
            form = page.form(holding="code")
            page = await self.open(form.action, form.fields | {"code": await self._code(login)})
        assert page.url.endswith("/admin/"), (page.url, page.words()[-400:])
        return self

    async def ship(self, order_no: str) -> None:
        """Ship all that is left of an order in one parcel."""
        page = await self.open(f"/admin/orders/{order_no}")
        page = await self.submit(
            page.form("/ship"), company="顺丰速运", tracking_no=f"SF{order_no[-12:]}"
        )
        assert "已发货" in page.words()

    async def approve(self, case_id: int) -> None:
        """Approve a case; a return is recorded as received in good condition."""
        page = await self.open(f"/admin/aftersales/{case_id}")
        page = await self.submit(page.form("/approve"))
        assert page.status == 200, page.words()[-600:]

    async def _code(self, login: str = OWNER_LOGIN) -> str:
        code: str = await self.world.runtime.store.read(demo_code, login)
        return code


async def told(merchant: Merchant, path: str, *wanted: str, never: Sequence[str] = (),
               seconds: float = 0.0) -> str:  # fmt: skip
    """Assert that a page shows every wanted text and none of ``never``, within ``seconds``."""
    until = time.monotonic() + seconds
    while True:
        words = await merchant.reads(path)
        missing = [each for each in wanted if each not in words]
        there = [each for each in never if each in words]
        if not missing and not there:
            return words
        if time.monotonic() > until:
            raise AssertionError(f"{path} does not say {missing}, says {there}: {words}")
        await asyncio.sleep(0.2)
