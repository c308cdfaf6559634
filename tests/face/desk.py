"""The merchant's desk for tests: a client that is signed in as somebody, and a shop with data."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from admin import AdminDeps, StaffSessions, make_admin_app
from admin.as_shown import SHOWN, SHOWS, text_of
from admin.menu import BESIDE, PAGES
from domain.staff import Caller, sessions
from gateways.private_files import PrivateFiles
from kernel.errors import DomainError
from kernel.ids import token
from kernel.web.browsers import Browser
from models import AuditEntry, Staff
from tests.factories.messenger import FakeMessenger
from tests.factories.pay import FakePay
from tests.factories.staff import make_staff
from tests.harness.markup import count_of, texts_of, values_of

PASSWORD = "long-enough-for-tests"
COOKIE = StaffSessions.cookie
_SAID = "p.toast, .notice-bad[role=alert] > p"
_KEPT = "input[type=hidden]:not([name^=_csrf])"


def carried_now(path: str) -> dict[str, str]:
    """What the form of a step carries, if its page is opened now."""
    for pattern, subject in _steps():
        match = pattern.fullmatch(path.removeprefix("/admin"))
        if match is None:
            continue
        try:
            return {SHOWN: text_of(subject, int(match.groupdict().get("id", 0)))}
        except DomainError:
            return {}
    return {}


def all_routes() -> list[web.RouteDef]:
    """Every route of the merchant's pages."""
    made = [*(each.table for each in BESIDE), *(page.routes() for page in PAGES)]
    return [route for table in made for route in table if isinstance(route, web.RouteDef)]


@cache
def _steps() -> list[tuple[re.Pattern[str], Any]]:
    """The path of each step whose form carries something, and what that is about."""
    found = [(_pattern(each.path), getattr(each.handler, SHOWS, None)) for each in all_routes()]
    return [(re.compile(path), subject) for path, subject in found if subject is not None]


def _pattern(path: str) -> str:
    """A route's path as a regular expression."""
    return re.sub(r"\{(\w+):((?:[^{}]|\{[^{}]*\})*)\}", r"(?P<\1>\2)", path)


@dataclass
class FakeMenu:
    """The account's menu, kept here."""

    buttons: list[Any] = field(default_factory=list)
    published: int = 0
    refusal: Exception | None = None

    async def current_menu(self) -> tuple[Any, ...]:
        """What phones show."""
        return tuple(self.buttons)

    async def publish(self) -> None:
        """Count, or refuse."""
        if self.refusal is not None:
            raise self.refusal
        self.published += 1


def asks_for_code(page: str) -> bool:
    """Whether a page asks for the one-time code before it continues."""
    return texts_of(page, ".gate-form h2") == ["再次确认身份"]


def hire(login: str, *roles: str) -> int:
    """A staff account."""
    return make_staff(login, roles, PASSWORD).staff_id


def who_did(action: str) -> str:
    """Who stands in the log for an action."""
    row = AuditEntry.select().where(AuditEntry.action == action)
    return str(row.order_by(AuditEntry.id.desc()).get().actor)


def open_session(login: str, *, fresh: bool = True) -> str:
    """The cookie of somebody signed in; ``fresh``: who just gave the one-time code."""
    row = Staff.get(Staff.login == login)
    return sessions.open_session(row, Caller("test"), confirmed=fresh).cookie


@dataclass
class Desk:
    """A browser at the merchant's pages."""

    client: TestClient[Any, Any]
    pay: FakePay
    menu: FakeMenu
    messenger: FakeMessenger
    store: Any
    cookie: str = ""

    def use(self, cookie: str) -> None:
        """Go on as somebody else; an empty cookie is nobody."""
        self.cookie = cookie
        self.client.session.cookie_jar.clear()

    def sign_in(self, login: str, *, fresh: bool = True) -> None:
        """Go on as a staff member."""
        self.use(open_session(login, fresh=fresh))

    async def get(self, path: str) -> tuple[int, str]:
        """A page: its status and text; redirects are not followed."""
        answer = await self.client.get(path, headers=self._headers(), allow_redirects=False)
        return answer.status, await answer.text()

    async def post(self, path: str, /, *, csrf: bool = True, **values: Any) -> tuple[int, str]:
        """Send a form; answers the status and where it leads, or the page.

        What the page shows of the thing that is decided about is sent as it is now; ``_shown``
        sends something else.
        """
        data = (
            carried_now(path)
            | {"_idem": token()[:40]}
            | dict(values)
            | ({"_csrf": Browser.csrf_of(self.cookie)} if csrf else {})
        )
        answer = await self.client.post(
            path, data=data, headers=self._headers(), allow_redirects=False
        )
        place = answer.headers.get("Location")
        return answer.status, place if place is not None else await answer.text()

    async def post_seen(self, path: str, /, **values: Any) -> tuple[int, str]:
        """Send a form, look at what the page repeats, and send that again."""
        status, text = await self.post(path, **values)
        if count_of(text, "input[name=_seen]") == 0:
            return status, text
        kept = dict(
            zip(values_of(text, _KEPT, "name"), values_of(text, _KEPT, "value"), strict=True)
        )
        return await self.post(path, **kept)

    async def said(self) -> str:
        """What the next page says about the last step."""
        _, page = await self.get("/admin/me")
        return next(iter(texts_of(page, _SAID)), "")

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}


async def open_desk(
    start: Callable[[Callable[[web.Application], None]], Awaitable[TestClient[Any, Any]]],
    store: Any, pictures: Any,
) -> Desk:  # fmt: skip
    """The merchant's face on a free port."""
    pay, menu, messenger = FakePay(), FakeMenu(), FakeMessenger()
    deps = AdminDeps(
        pay=pay, messenger=messenger, menu=menu, pictures=pictures, publish_menu=menu.publish,
        documents=PrivateFiles(pictures.files.root / "private"),
        exports=PrivateFiles(pictures.files.root / "exports"),
        evidence=PrivateFiles(pictures.files.root / "evidence"),
    )  # fmt: skip

    def mount(app: web.Application) -> None:
        app.add_subapp("/admin", make_admin_app(deps, StaffSessions(store)))

    return Desk(await start(mount), pay, menu, messenger, store)
