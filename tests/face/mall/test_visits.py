"""Visits by a distributor's link: what is counted, what is not, and protection from forgery."""

from __future__ import annotations

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
from tests.harness.markup import count_of, script_data_of

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


@dataclass
class Phone:
    """A browser with or without cookies."""

    client: TestClient[Any, Any]
    agent: str = CHROME
    keeps: bool = True
    cookies: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    async def open(self, path: str, **headers: str) -> int:
        """Open a page with the headers of a browser."""
        return await self._ask("GET", path, {"Accept": "text/html,*/*"} | headers)

    async def look(self, told: dict[str, str] | None = None, **headers: str) -> int:
        """Send the token as the page's script does after two visible seconds."""
        pass_time(seconds=2)
        body = self.carried() if told is None else told
        return await self._ask("POST", "/m/seen", headers, body)

    def carried(self) -> dict[str, str]:
        """The token that the page gives to its script; empty without a distributor's link."""
        is_given = count_of(self.shown, "script#visit")
        return script_data_of(self.shown, "visit") if is_given else {}

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
    """The referral code of a new distributor."""
    member_id = make_distributor()
    return str(Distributor.get(Distributor.member == member_id).referral_code)


def counted() -> tuple[int, int]:
    """The counted visits and visitors."""
    rows = list(VisitDay.select())
    return sum(row.visits for row in rows), sum(row.visitors for row in rows)


def told() -> int:
    """The number of notices about a first visit."""
    return sum(r.payload.get("purpose") == "first_visit" for r in OutboxRow.select())


async def test_a_visible_page_counts_as_a_visit(mall: Any, code: str) -> None:
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


async def test_openings_without_cookies_count_no_visitors(mall: Any, code: str) -> None:
    phone = Phone(mall, keeps=False)
    for _ in range(800):
        await phone.open(f"/m/?r={code}")
    assert await phone.look() == 403
    assert counted() == (0, 0)
    assert told() == 0
    assert Touch.select().count() == 800  # the touches are stored


async def test_visitors_of_one_ip_address_are_limited(mall: Any, code: str) -> None:
    for _ in range(200):
        phone = Phone(mall)
        await phone.open(f"/m/?r={code}")
        assert await phone.look() == 204
    assert counted() == (visits.BY_ADDRESS, visits.BY_ADDRESS)


async def test_visits_of_one_member_with_many_cookies_are_limited(
    mall: Any, code: str, lin: Shopper
) -> None:
    for _ in range(visits.BY_MEMBER + 10):
        phone = Phone(mall, WECHAT, cookies={"fm_s": lin.cookie})
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted()[0] == visits.BY_MEMBER


async def test_members_with_one_ip_address_are_all_counted(
    mall: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For example guests in one hall, each signed in by WeChat."""
    from tests.face.shoppers import signed_in

    monkeypatch.setattr(visits, "BY_ADDRESS", 2)
    for n in range(5):
        phone = Phone(
            mall, WECHAT, cookies={"fm_s": signed_in(mall, make_member(f"客{n}")).cookie}
        )
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted() == (5, 5)


async def test_visits_of_one_distributor_are_limited(
    mall: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "OF_DISTRIBUTOR", 3)
    for _ in range(5):
        phone = Phone(mall)
        await phone.open(f"/m/?r={code}")
        await phone.look()
    assert counted() == (3, 3)


async def test_a_repeated_token_counts_nothing(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    token = phone.carried()
    for _ in range(5):
        assert await phone.look(token) == 204
    assert counted() == (1, 1)


async def test_a_token_counts_only_in_its_own_browser(mall: Any, code: str) -> None:
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
async def test_a_token_sent_too_early_or_too_late_counts_nothing(
    mall: Any, code: str, seconds: float
) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    pass_time(seconds=seconds - 2)  # two more seconds pass before the script sends it
    assert await phone.look() == 204
    assert counted() == (0, 0)


@pytest.mark.parametrize("visit", ["", "x", "a:b:c.d", "v" * 5000, "a:1:B.", "\u4e2d.\u4e2d"])
async def test_a_forged_token_counts_nothing(mall: Any, code: str, visit: str) -> None:
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
async def test_robots_and_previews_count_nothing(mall: Any, code: str, agent: str) -> None:
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


async def test_a_phone_with_a_name_like_a_robot_counts(mall: Any, code: str) -> None:
    phone = Phone(mall, "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) Chrome/120.0 Mobile")
    await phone.open(f"/m/?r={code}")
    await phone.look()
    assert counted() == (1, 1)


@pytest.mark.parametrize(
    "early",
    [{"Purpose": "prefetch"}, {"Sec_Purpose": "prefetch;prerender"}, {"X_Moz": "prefetch"}],
)
async def test_a_prefetched_page_counts_nothing(
    mall: Any, code: str, early: dict[str, str]
) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}", **early)
    assert phone.carried() == {}
    pass_time(seconds=5)
    await phone.open("/m/category", **early)
    assert counted() == (0, 0)


async def test_a_head_request_counts_nothing(mall: Any, code: str) -> None:
    async with mall.head(f"/m/?r={code}", headers={"User-Agent": CHROME}) as answer:
        assert "fm_visit" not in answer.cookies
    assert Touch.select().count() == 0


async def test_without_a_script_the_second_page_counts_as_the_visit(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    token = phone.carried()
    pass_time(seconds=3)
    await phone.open("/m/category")
    assert counted() == (1, 1)
    await phone.open("/m/cart")
    await phone.look(token)
    assert counted() == (1, 1)


async def test_a_request_of_a_script_is_no_second_page(mall: Any, code: str) -> None:
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    pass_time(seconds=3)
    await phone.open("/m/whoami", Accept="application/json")
    await phone.open("/m/cart/count", HX_Request="true")
    assert counted() == (0, 0)


async def test_in_wechat_the_page_after_the_sign_in_has_the_token(mall: Any, code: str) -> None:
    phone = Phone(mall, WECHAT)
    assert await phone.open(f"/m/?r={code}") == 302
    pass_time(seconds=3)
    await phone.open("/m/")
    assert counted() == (0, 0)
    assert await phone.look() == 204
    assert counted() == (1, 1)
    await phone.open("/m/category")
    assert counted() == (1, 1)


async def test_a_distributor_s_own_link_opened_before_the_sign_in_counts_nothing(
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


async def test_an_unknown_code_gets_a_token_too(mall: Any, code: str) -> None:
    """Otherwise the token would show which codes exist."""
    shapes = set()
    for each in (code, "Z" * len(code)):
        phone = Phone(mall)
        await phone.open(f"/m/?r={each}")
        shapes.add((len(phone.carried()["visit"]), tuple(sorted(phone.cookies))))
        assert await phone.look() == 204
    assert len(shapes) == 1
    assert counted() == (1, 1)


async def test_a_touch_binds_without_a_counted_visit(mall: Any, code: str) -> None:
    """A person who left at once and signs in later is the distributor's customer."""
    phone = Phone(mall)
    await phone.open(f"/m/?r={code}")
    row = Touch.get()
    bound = distribution.apply_touches(make_member("小王"), row.visitor, is_new=True)
    assert bound is not None
    assert bound.is_bound
    assert counted() == (0, 0)
    assert clock.now() > row.first_at
