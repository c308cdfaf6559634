"""Visits of a distributor's link: what counts, what does not, and what nobody can invent."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from domain import distribution
from kernel import clock
from mall_h5 import visits
from models import Distributor, OutboxRow, Touch, VisitDay
from tests.face.shoppers import WECHAT, Shopper
from tests.factories.distribution import make_distributor, pass_time
from tests.factories.members import make_member

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
_VISIT = re.compile(r'<script type="application/json" id="visit">(.*?)</script>')


@dataclass
class Phone:
    """A browser that keeps its cookies, or one that does not."""

    client: TestClient[Any, Any]
    agent: str = CHROME
    keeps: bool = True
    cookies: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    async def open(self, path: str, **headers: str) -> int:
        """Open a page as a person does."""
        return await self._ask("GET", path, {"Accept": "text/html,*/*"} | headers)

    async def look(self, told: dict[str, str] | None = None, **headers: str) -> int:
        """What the page's script does once it was visible for two seconds."""
        pass_time(seconds=2)
        body = self.carried() if told is None else told
        return await self._ask("POST", "/m/seen", headers, body)

    def carried(self) -> dict[str, str]:
        """What the page gives its script; nothing on a page that no link led to."""
        found = _VISIT.search(self.shown)
        return json.loads(html.unescape(found[1])) if found else {}

    async def _ask(self, method: str, path: str, headers: dict[str, str], data: Any = None) -> int:
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        sent = {"User-Agent": self.agent} | named
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        self.client.session.cookie_jar.clear()
        async with self.client.request(
            method, path, data=data, headers=sent, allow_redirects=False
        ) as answer:
            self.shown = await answer.text()
            if self.keeps:
                for name, morsel in answer.cookies.items():
                    self.cookies[name] = morsel.value
                    if not morsel.value:
                        del self.cookies[name]
            return answer.status


@pytest.fixture
def code(mall: TestClient[Any, Any]) -> str:
    """A distributor's code."""
    member_id = make_distributor()
    return str(Distributor.get(Distributor.member == member_id).referral_code)


def counted() -> tuple[int, int]:
    """Visits and visitors of all days."""
    rows = list(VisitDay.select())
    return sum(row.visits for row in rows), sum(row.visitors for row in rows)


def told() -> int:
    """How often a distributor was told of a first visit."""
    return sum(r.payload.get("purpose") == "first_visit" for r in OutboxRow.select())


async def test_a_page_that_was_looked_at_is_a_visit(mall: Any, code: str) -> None:
    phone = Phone(mall)
    assert await phone.open(f"/m/?r={code}") == 200
    assert counted() == (0, 0)
    assert await phone.look() == 204
    assert counted() == (1, 1)
    assert told() == 1
    await phone.open(f"/m/?r={code}")
    await phone.look()
    assert counted() == (2, 1)
    assert told() == 1


async def test_800_cookieless_openings_are_no_visitors(mall: Any, code: str) -> None:
    phone = Phone(mall, keeps=False)
    for _ in range(800):
        await phone.open(f"/m/?r={code}")
    assert await phone.look() == 403
    assert counted() == (0, 0)
    assert told() == 0
    assert Touch.select().count() == 800  # evidence stays evidence


async def test_800_browsers_of_one_address_are_bounded(mall: Any, code: str) -> None:
    for _ in range(200):
        phone = Phone(mall)
        await phone.open(f"/m/?r={code}")
        assert await phone.look() == 204
    assert counted() == (visits.BY_ADDRESS, visits.BY_ADDRESS)


async def test_one_member_with_many_visitor_cookies_is_bounded(
    mall: Any, code: str, lin: Shopper
) -> None:
    for _ in range(visits.BY_MEMBER + 10):
        phone = Phone(mall, WECHAT, cookies={"fm_s": lin.cookie})
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted()[0] == visits.BY_MEMBER


async def test_members_who_share_an_address_are_all_counted(
    mall: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hall full of guests in WeChat, each signed in silently."""
    from tests.face.shoppers import signed_in

    monkeypatch.setattr(visits, "BY_ADDRESS", 2)
    for n in range(5):
        phone = Phone(
            mall, WECHAT, cookies={"fm_s": signed_in(mall, make_member(f"客{n}")).cookie}
        )
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted() == (5, 5)


async def test_visits_of_one_distributor_are_bounded(
    mall: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "OF_DISTRIBUTOR", 3)
    for _ in range(5):
        phone = Phone(mall)
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted() == (3, 3)


async def test_a_token_that_is_sent_again_counts_nothing(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    token = phone.carried()
    for _ in range(5):
        assert await phone.look(token) == 204
    assert counted() == (1, 1)


async def test_a_token_counts_only_for_its_own_browser(mall: Any, code: str) -> None:
    mine, other = Phone(mall), Phone(mall)
    await mine.open(f"/m/?r={code}")
    taken = mine.carried()["visit"]
    await other.open("/m/")
    assert await other.look({"_csrf": _csrf(other), "visit": taken}) == 204
    del mine.cookies["fm_v"]
    assert await mine.look({"_csrf": _csrf(mine), "visit": taken}) == 204
    assert counted() == (0, 0)


def _csrf(phone: Phone) -> str:
    from kernel.web.browsers import Browser

    return Browser.csrf_of(phone.cookies["fm_s"])


@pytest.mark.parametrize("seconds", [0.0, 31 * 60.0])
async def test_a_token_too_fresh_or_too_old_counts_nothing(
    mall: Any, code: str, seconds: float
) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    pass_time(seconds=seconds - 2)  # two more go by before the script's word
    assert await phone.look() == 204
    assert counted() == (0, 0)


@pytest.mark.parametrize("visit", ["", "x", "a:b:c.d", "v" * 5000, "a:1:B.", "\u4e2d.\u4e2d"])
async def test_a_token_of_somebody_s_own_making_counts_nothing(
    mall: Any, code: str, visit: str
) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    assert await phone.look(phone.carried() | {"visit": visit}) == 204
    assert counted() == (0, 0)


@pytest.mark.parametrize(
    "agent",
    [
        "", "curl/8.5.0", "python-requests/2.32", "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)", "facebookexternalhit/1.1",
        "TelegramBot (like TwitterBot)", "Mozilla/5.0 HeadlessChrome/140.0",
    ],
)  # fmt: skip
async def test_programs_and_previews_count_nothing(mall: Any, code: str, agent: str) -> None:
    phone = Phone(mall, agent)
    await phone.open(f"/m/?r={code}")
    assert phone.carried() == {}
    await phone.open("/m/category")
    assert counted() == (0, 0)
    person = Phone(mall)
    await person.open(f"/m/?r={code}")
    person.agent = agent
    await person.look()
    assert counted() == (0, 0)


async def test_a_phone_whose_name_sounds_like_a_robot_s_counts(mall: Any, code: str) -> None:
    phone = Phone(mall, "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) Chrome/120.0 Mobile")
    await phone.open(f"/m/?r={code}")
    await phone.look()
    assert counted() == (1, 1)


@pytest.mark.parametrize(
    "early",
    [{"Purpose": "prefetch"}, {"Sec_Purpose": "prefetch;prerender"}, {"X_Moz": "prefetch"}],
)
async def test_a_page_fetched_ahead_counts_nothing(
    mall: Any, code: str, early: dict[str, str]
) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}", **early)
    assert phone.carried() == {}
    pass_time(seconds=5)
    await phone.open("/m/category", **early)
    assert counted() == (0, 0)


async def test_head_leaves_nothing(mall: Any, code: str) -> None:
    async with mall.head(f"/m/?r={code}", headers={"User-Agent": CHROME}) as answer:
        assert "fm_visit" not in answer.cookies
    assert Touch.select().count() == 0


async def test_without_a_script_the_second_page_counts_once(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    token = phone.carried()
    pass_time(seconds=3)
    await phone.open("/m/category")
    assert counted() == (1, 1)
    await phone.open("/m/cart")
    await phone.look(token)
    assert counted() == (1, 1)


async def test_what_a_script_asks_for_is_no_second_page(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    pass_time(seconds=3)
    await phone.open("/m/whoami", Accept="application/json")
    await phone.open("/m/cart/count", HX_Request="true")
    assert counted() == (0, 0)


async def test_in_wechat_the_page_after_the_sign_in_carries_the_token(
    mall: Any, code: str
) -> None:
    phone = Phone(mall, WECHAT)
    assert await phone.open(f"/m/?r={code}") == 302
    pass_time(seconds=3)
    await phone.open("/m/")
    assert counted() == (0, 0)
    assert await phone.look() == 204
    assert counted() == (1, 1)
    await phone.open("/m/category")
    assert counted() == (1, 1)


async def test_one_s_own_link_opened_before_the_sign_in_counts_nothing(
    mall: Any, lin: Shopper
) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "v1")
    mine = Distributor.get(Distributor.member == member_id).referral_code
    phone = Phone(mall, WECHAT)
    await phone.open(f"/m/?r={mine}")
    phone.cookies["fm_s"] = lin.cookie
    pass_time(seconds=3)
    await phone.open("/m/")
    await phone.look()
    assert counted() == (0, 0)


async def test_a_code_that_nobody_has_looks_the_same(mall: Any, code: str) -> None:
    """The token must not tell which codes exist."""
    shapes = set()
    for each in (code, "Z" * len(code)):
        phone = Phone(mall)
        await phone.open(f"/m/?r={each}")
        shapes.add((len(phone.carried()["visit"]), tuple(sorted(phone.cookies))))
        assert await phone.look() == 204
    assert len(shapes) == 1
    assert counted() == (1, 1)


async def test_the_touch_binds_though_the_page_was_not_seen(mall: Any, code: str) -> None:
    """Who left at once and signs in later is still the distributor's."""
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    row = Touch.get()
    bound = distribution.apply_touches(make_member("小王"), row.visitor, is_new=True)
    assert bound is not None
    assert bound.is_bound
    assert counted() == (0, 0)
    assert clock.now() > row.first_at
