"""Guessing of passwords, codes, states, tokens and referral codes, with the number of tries."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain import staff
from domain.clock_offset import move_clock
from domain.members import sessions
from domain.staff import ROLES, demo_code
from domain.staff.sessions import find_staff_session
from kernel.errors import LimitReached, NotFound
from kernel.ids import token
from kernel.web import limits
from kernel.web.limits import Limiter
from models import Handover, OauthState, StaffSession, Touch, WebSession
from tests.face.conftest import BrokenRedis
from tests.face.desk import PASSWORD
from tests.harness.markup import values_of, words_of
from tests.security.town import MEMBER, STAFF, Answer, Person, Town

WRONG = {"login": "the-operator", "password": "not-the-password"}


async def from_address(town: Town, number: int, path: str, data: dict[str, str]) -> int:
    """Send a form from one of many addresses, as a botnet does; answers the status."""
    headers = {"X-Forwarded-For": f"203.0.113.{number}"}
    return (await town.ask("POST", path, town.visitor(), data=data, headers=headers)).status


def ticket_of(got: Answer) -> str:
    """The ticket on the page of the second step of the sign-in."""
    (ticket,) = values_of(got.text, "input[name=ticket]", "value")
    return ticket


def says(got: Answer, *words: str) -> bool:
    """Whether one of the words stands on a page."""
    shown = words_of(got.text, "main")
    return any(each in shown for each in words)


async def later(town: Town, minutes: int) -> None:
    """Move business time on for every process."""
    offset = timedelta(minutes=minutes)
    await town.runtime.store.write(move_clock, offset, "test")


async def test_passwords_are_guessed_five_times_from_one_address(town: Town) -> None:
    answers = [await from_address(town, 1, "/admin/sign-in", WRONG) for _ in range(8)]
    assert answers == [422] * 5 + [429] * 3
    right = WRONG | {"password": PASSWORD}
    assert await from_address(town, 1, "/admin/sign-in", right) == 429
    assert await from_address(town, 2, "/admin/sign-in", right) == 200  # asks for the code
    read = town.runtime.store.read
    assert await read(StaffSession.select().count) == len(ROLES)  # those that the tests opened
    await later(town, 16)
    assert await from_address(town, 1, "/admin/sign-in", right) == 200


async def test_a_botnet_guesses_twenty_times_then_once_a_minute(town: Town) -> None:
    answers = [await from_address(town, n, "/admin/sign-in", WRONG) for n in range(23)]
    assert answers == [422] * 20 + [429] * 3
    await later(town, 2)
    answers = [await from_address(town, n, "/admin/sign-in", WRONG) for n in range(30, 33)]
    assert answers == [422] + [429] * 2


async def test_a_subscriber_s_ipv6_addresses_are_one(town: Town) -> None:
    answers = []
    for n in range(8):
        headers = {"X-Forwarded-For": f"2001:db8:7:7::{n:x}"}
        visitor = town.visitor()
        got = await town.ask("POST", "/admin/sign-in", visitor, data=WRONG, headers=headers)
        answers.append(got.status)
    assert answers == [422] * 5 + [429] * 3


async def test_an_account_that_does_not_exist_locks_as_well(town: Town) -> None:
    """Otherwise the fifth wrong try would show which logins exist."""
    unknown = WRONG | {"login": "nobody-here"}
    places = [1] * 7 + list(range(2, 20))
    known = [await from_address(town, n, "/admin/sign-in", WRONG) for n in places]
    other = [await from_address(town, n, "/admin/sign-in", unknown) for n in places]
    assert known == other == [422] * 5 + [429] * 2 + [422] * 15 + [429] * 3


async def test_of_many_guesses_at_once_five_are_checked(
    town: Town,
) -> None:
    """All were once compared before the first was counted."""
    guesses = [WRONG | {"password": f"wrong-password-{n}"} for n in range(24)]
    answers = await at_once(town, "/admin/sign-in", guesses)
    assert set(answers) <= {422, 429, 503}
    assert answers.count(422) <= 5
    answers += await until_none_is_busy(town, guesses, answers.count(503))
    assert answers.count(422) == 5
    right = [WRONG | {"password": PASSWORD}] * 5
    assert await at_once(town, "/admin/sign-in", right) == [429] * 5


async def test_sixty_wrong_tries_at_once_lock_the_account(town: Town) -> None:
    answers = await at_once(town, "/admin/sign-in", [WRONG] * 60)
    assert set(answers) <= {422, 429, 503}
    answers += await until_none_is_busy(town, [WRONG] * 60, answers.count(503))
    assert answers.count(422) == 5
    assert await from_address(town, 1, "/admin/sign-in", WRONG | {"password": PASSWORD}) == 429


async def until_none_is_busy(town: Town, forms: list[dict[str, str]], busy: int) -> list[int]:
    """The answers to those who were refused while another was checked, and who try again."""
    answers: list[int] = []
    for _ in range(10):
        if not busy:
            return answers
        again = await at_once(town, "/admin/sign-in", forms[:busy])
        answers += again
        busy = again.count(503)
    raise AssertionError(f"{busy} are still busy")


async def test_twenty_eight_codes_at_once_are_checked_five_times(town: Town) -> None:
    right = WRONG | {"password": PASSWORD}
    begun = await town.ask("POST", "/admin/sign-in", town.visitor(), data=right)
    ticket = ticket_of(begun)
    code = await town.runtime.store.read(staff.demo_code, "the-operator")
    wrong = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 29)]
    forms = [{"ticket": ticket, "code": each} for each in wrong]
    answers = await at_once(town, "/admin/sign-in/code", forms)
    assert 303 not in answers
    assert answers.count(422) <= 5
    # the right one is refused behind them; among the first five it would have been checked
    right = {"ticket": ticket, "code": code}
    assert await from_address(town, 1, "/admin/sign-in/code", right) == 429


async def test_one_code_sent_many_times_at_once_opens_one_session(town: Town) -> None:
    right = WRONG | {"password": PASSWORD}
    begun = await town.ask("POST", "/admin/sign-in", town.visitor(), data=right)
    code = await town.runtime.store.read(staff.demo_code, "the-operator")
    form = {"ticket": ticket_of(begun), "code": code}
    answers = await at_once(town, "/admin/sign-in/code", [form] * 5)
    assert sorted(answers) == [303] + [422] * 4


async def test_of_many_old_passwords_at_once_five_are_checked(town: Town) -> None:
    operator = town.people["operator"]
    form = {"new": "a-brand-new-password", "again": "a-brand-new-password"}
    forms = [form | {"old": f"wrong-password-{n}"} for n in range(12)]
    compared = 0
    for _ in range(10):
        asked = [town.ask("POST", "/admin/me/password", operator, data=each) for each in forms]
        answers = await asyncio.gather(*asked)
        assert {each.status for each in answers} <= {422, 503}
        compared += sum(each.status == 422 and not says(each, "已锁定") for each in answers)
        forms = forms[: sum(each.status == 503 for each in answers)]
        if not forms:
            break
    assert (compared, forms) == (5, [])
    got = await town.ask("POST", "/admin/me/password", operator, data=form | {"old": PASSWORD})
    assert says(got, "已锁定")


async def at_once(town: Town, path: str, forms: list[dict[str, str]]) -> list[int]:
    """Send forms at the same time from one address, each with its own browser."""
    return await asyncio.gather(*(from_address(town, 1, path, form) for form in forms))


async def test_an_open_session_does_not_let_its_password_be_guessed(town: Town) -> None:
    """At a signed-in browser old passwords could once be tried without limit."""
    operator = town.people["operator"]
    form = {"new": "a-brand-new-password", "again": "a-brand-new-password"}
    answers = []
    for n in range(7):
        data = form | {"old": PASSWORD if n == 6 else f"wrong-password-{n}"}
        got = await town.ask("POST", "/admin/me/password", operator, data=data)
        answers.append((says(got, "已锁定"), got.status))
    assert answers == [(False, 422)] * 5 + [(True, 422)] * 2
    found = await town.runtime.store.read(find_staff_session, operator.cookies[STAFF])
    assert found is not None, "the password was not changed, so nobody was signed out"


async def test_codes_before_a_step_are_guessed_five_times(town: Town) -> None:
    finance = town.people["finance"]
    await town.runtime.store.write(_forget_confirmation)
    path = f"/admin/withdrawals/{town.shop.withdrawal_id}/approve"
    before = await town.digest()
    refused = []
    for n in range(8):
        got = await town.ask("POST", path, finance, data={"_code": f"{n:06d}"})
        refused.append(says(got, "已锁定", "太频繁"))
        assert got.status in {403, 422, 429}
    assert refused == [False] * 5 + [True] * 3
    after = await town.digest()
    assert [name for name in before if before[name] != after[name]] == [
        "system_event",
        "secret_try",
    ]


def _forget_confirmation() -> None:
    StaffSession.update(confirmed_at=None).execute()


async def test_states_of_a_sign_in_can_t_be_guessed(town: Town) -> None:
    """A state has 160 random bits and belongs to a browser; a wrong one is not sent to WeChat."""
    visitor = town.visitor(in_wechat=True)
    begun = await town.ask("GET", "/oauth/login?next=/m/me", visitor)
    state = begun.place.split("state=")[1].split("&")[0].split("#")[0]
    assert len(state) == 40
    guesses = ["A" * 40, state[:-1], state.lower(), state + "A", "", "x" * 129, state[::-1]]
    for guess in guesses:
        got = await town.ask("GET", f"/oauth/callback?code=c&state={guess}", visitor)
        assert got.status in {404, 422}, guess
    stranger = town.visitor(in_wechat=True)
    await town.ask("GET", "/oauth/login", stranger)
    got = await town.ask("GET", f"/oauth/callback?code=c&state={state}", stranger)
    assert got.status == 404
    used = await town.runtime.store.read(_used_states)
    assert used == 0


def _used_states() -> int:
    return OauthState.select().where(OauthState.used_at.is_null(False)).count()


async def test_a_code_to_scan_is_used_once_and_can_t_be_guessed(town: Town) -> None:
    store, buyer = town.runtime.store, town.people["buyer"]
    outside = await store.write(sessions.open_session, token(), "v")
    made = await store.write(sessions.begin_handover, outside, "/m/cart")
    assert len(made) == 24
    for guess in (made[:-1], made.lower(), made + "A", "A" * 24, made[::-1], "%27"):
        assert (await town.ask("GET", f"/m/handover/{guess}", buyer)).status == 404
    assert (await town.ask("GET", f"/m/handover/{made}", buyer)).status == 302
    other = town.people["other"]
    assert (await town.ask("GET", f"/m/handover/{made}", other)).status == 404
    late = await store.write(sessions.begin_handover, outside, "/m/cart")
    await later(town, 16)
    with pytest.raises(NotFound):
        await store.write(sessions.use_handover, late, 1)


async def test_answers_do_not_show_which_referral_codes_exist(town: Town) -> None:
    """Existing and other codes get the same answers; only a touch is stored."""
    from domain import distribution

    mine = await town.runtime.store.read(distribution.distributor, town.shop.distributor_id)
    seen = set()
    for code in (mine.referral_code, "ABCDEF", "ZZZZZZ", "0" * 6):
        visitor = town.visitor()
        link = await town.ask("GET", f"/m/l/{code}", visitor)
        page = await town.ask("GET", f"/m/?r={code}", visitor)
        seen.add((link.status, link.place.replace(code, ""), page.status, len(page.text)))
    assert len(seen) == 1
    assert await town.runtime.store.read(Touch.select().count) == 1


async def test_cookies_can_t_be_guessed_and_are_stored_hashed(town: Town) -> None:
    buyer = town.people["buyer"].cookies[MEMBER]
    assert len(buyer) == 43  # 256 random bits
    stored = await town.runtime.store.read(_hashes)
    assert buyer not in stored
    for guess in (buyer[:-1], buyer + "A", buyer.swapcase(), stored[0]):
        got = await town.ask("GET", "/m/me", Person("guesser", {MEMBER: guess}))
        assert got.status == 401
    owner = town.people["owner"].cookies[STAFF]
    got = await town.ask("GET", "/admin/", Person("guesser", {STAFF: owner[:-1] + "_"}))
    assert got.status == 303


def _hashes() -> list[str]:
    return [row.token_hash for row in WebSession.select()]


async def test_a_planted_cookie_is_replaced_at_sign_in(town: Town) -> None:
    """An attacker's cookie in the victim's browser is replaced when the victim signs in."""
    planted = {MEMBER: "p" * 43, STAFF: "q" * 43}
    data = {"login": "the-operator", "password": PASSWORD}
    victim = Person("victim", planted)
    got = await town.ask("POST", "/admin/sign-in", victim, data=data)
    code = await town.runtime.store.read(demo_code, "the-operator")
    step = {"ticket": ticket_of(got), "code": code}
    assert (await town.ask("POST", "/admin/sign-in/code", victim, data=step)).status == 303
    assert (await town.ask("GET", "/admin/", Person("attacker", planted))).status == 303


async def test_the_sessions_that_an_address_opens_are_limited(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kernel.web import browsers

    monkeypatch.setattr(browsers, "OPENED_MOST", 10)
    before = await town.runtime.store.read(WebSession.select().count)
    answers = [(await town.ask("GET", "/m/me", town.visitor())).status for _ in range(15)]
    assert answers == [401] * 10 + [429] * 5
    assert await town.runtime.store.read(WebSession.select().count) == before + 10
    assert (await town.ask("GET", "/m/me", town.people["buyer"])).status == 200


async def test_the_codes_that_a_browser_draws_are_limited(town: Town) -> None:
    visitor = town.visitor()
    answers = [(await town.ask("GET", "/m/me", visitor)).status for _ in range(33)]
    assert answers == [401] * 30 + [429] * 3
    assert await town.runtime.store.read(Handover.select().count) == 30


@pytest.mark.parametrize("redis", ["up", "down"])
async def test_limits_hold_with_and_without_redis(redis: str) -> None:
    import fakeredis

    client: Any = fakeredis.FakeAsyncRedis() if redis == "up" else BrokenRedis()
    limiter = Limiter(client)
    for _ in range(5):
        await limiter.hit("door", "me", most=5, seconds=3600)
    with pytest.raises(LimitReached) as refused:
        await limiter.hit("door", "me", most=5, seconds=3600)
    assert refused.value.code == "too_many"
    await limiter.hit("door", "you", most=5, seconds=3600)
    await limiter.hit("other-door", "me", most=5, seconds=3600)


@pytest.mark.parametrize("redis", ["up", "down"])
async def test_a_rough_limit_is_exact_in_one_process_and_close_in_three(redis: str) -> None:
    import fakeredis

    client: Any = fakeredis.FakeAsyncRedis() if redis == "up" else BrokenRedis()

    async def passed(limiters: list[Limiter], key: str) -> int:
        for n in range(100):
            limiter = limiters[n % len(limiters)]
            try:
                await limiter.hit("door", key, most=20, seconds=36_000, is_rough=True)
            except LimitReached:
                return n
        return 100

    assert await passed([Limiter(client)], "one") == 20
    if redis == "up":
        assert await passed([Limiter(client) for _ in range(3)], "three") <= 20 + 3 * 5


async def test_without_redis_the_number_of_counts_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_MOST_KEYS", 50)
    limiter = Limiter(BrokenRedis())
    for n in range(500):
        await limiter.hit("door", str(n), most=5, seconds=3600)
    assert len(limiter._local) == 50
