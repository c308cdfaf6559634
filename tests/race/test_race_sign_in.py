"""Parallel sign-ins, in several processes: a try is counted before its secret is compared."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any

import pytest

from domain import staff
from domain.members import sessions as browsers
from domain.staff import Caller, sessions, signing, tries
from domain.staff.tries import FREE, TRIES, Place
from kernel.errors import DomainError
from kernel.ids import token
from kernel.passwords import PasswordPool
from models import SecretTry, Staff, StaffSession
from tests.factories.members import make_member
from tests.factories.staff import PASSWORD, code_of, make_staff
from tests.race.crowd import at_once, outcomes

PROCESSES = 6
HOME = Caller("192.0.2.1")


def of_processes(count: int) -> list[PasswordPool]:
    """A password pool for each request; each of the ``PROCESSES`` processes has one pool."""
    pools = [PasswordPool() for _ in range(PROCESSES)]
    return [pools[n % PROCESSES] for n in range(count)]


async def together(calls: Sequence[Awaitable[Any]]) -> dict[str, int]:
    """Run all calls at once; returns the number of answers by outcome."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    return outcomes(answers)


def compared(said: dict[str, int]) -> int:
    """The number of tries whose secret was compared."""
    return said.get("ok", 0) + said.get("sign_in_bad", 0) + said.get("totp_bad", 0)


async def test_at_most_five_of_sixty_parallel_wrong_passwords_are_compared(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    pools = of_processes(60)
    said = await together(
        [staff.sign_in(store, pools[n], "boss", f"wrong password {n}", HOME) for n in range(60)]
    )
    assert compared(said) <= TRIES
    assert set(said) <= {"sign_in_bad", "sign_in_locked", "sign_in_busy"}
    for n in range(TRIES):  # those that were refused as busy
        said = await together([staff.sign_in(store, pools[n], "boss", PASSWORD + "x", HOME)])
    assert said == {"sign_in_locked": 1}
    assert await store.read(_counted) == [TRIES, TRIES]


def _counted() -> list[int]:
    return sorted(row.tries for row in SecretTry.select())


async def test_the_right_password_as_last_of_sixty_opens_no_session(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    guesses = [*(f"wrong password {n}" for n in range(59)), PASSWORD]
    pools = of_processes(60)
    said = await together(
        [
            staff.sign_in(store, pool, "boss", guess, HOME)
            for pool, guess in zip(pools, guesses, strict=True)
        ]
    )
    assert "ok" not in said
    assert compared(said) <= TRIES
    assert await store.read(StaffSession.select().count) == 0
    assert made.totp_uri is not None


async def test_twenty_of_sixty_passwords_from_a_botnet_are_compared(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    pools = [PasswordPool() for _ in range(60)]  # no queue is full, so only the count limits
    said = await together(
        [
            staff.sign_in(store, pool, "boss", "wrong password", Caller(f"198.51.100.{n}"))
            for n, pool in enumerate(pools)
        ]
    )
    assert said == {"sign_in_bad": FREE, "sign_in_slow": 60 - FREE}


@pytest.mark.parametrize("is_held", [False, True])
async def test_the_database_admits_five_of_sixty_parallel_tries(store: Any, is_held: bool) -> None:
    """Without a queue, each try is a transaction on a separate connection."""
    made = await store.write(make_staff, "boss", ["owner"])
    place = Place("origin", "192.0.2.1")
    begin = partial(tries.begin_try, "password", "boss", place, made.staff_id, is_held=is_held)
    said = outcomes(await at_once(store, [begin] * 60))
    if is_held:  # one at a time
        assert said == {"ok": 1, "sign_in_busy": 59}
        return
    assert said == {"ok": TRIES, "sign_in_locked": 60 - TRIES}


async def test_five_of_sixty_parallel_one_time_codes_are_checked(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    begun = await staff.sign_in(store, PasswordPool(), "boss", PASSWORD, HOME)
    right = code_of(made.totp_uri)
    codes = [f"{(int(right) + 7 * n) % 1_000_000:06d}" for n in range(1, 60)]
    said: Counter[str] = Counter()
    for answer in await at_once(
        store, [partial(signing._finish, begun.ticket or "", code, HOME) for code in codes]
    ):
        said[answer.code if isinstance(answer, DomainError) else str(answer)] += 1
    assert said == {"None": TRIES, "sign_in_locked": 59 - TRIES}
    last = partial(signing._finish, begun.ticket or "", right, HOME)
    assert outcomes(await at_once(store, [last])) == {"sign_in_locked": 1}
    assert await store.read(StaffSession.select().count) == 0


async def test_a_one_time_code_is_accepted_once_of_sixty_parallel_uses(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    code = code_of(made.totp_uri)

    def take() -> bool:  # bypasses the count of tries, which would refuse most
        return signing.use_totp(Staff.get_by_id(made.staff_id), code)

    answers = await at_once(store, [take] * 60)
    assert Counter(answers) == {True: 1, False: 59}


async def test_a_one_time_code_used_ten_times_opens_one_session(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    begun = await staff.sign_in(store, PasswordPool(), "boss", PASSWORD, HOME)
    code = code_of(made.totp_uri)
    calls = [
        staff.finish_sign_in(store, begun.ticket or "", code, Caller(f"198.51.100.{n}"))
        for n in range(10)
    ]
    assert await together(calls) == {"ok": 1, "totp_bad": 9}
    assert await store.read(StaffSession.select().count) == 1


async def test_parallel_sign_ins_in_one_browser_all_succeed(store: Any) -> None:
    """A double tap, or two people at one counter, must not cause an error."""
    people = [await store.write(make_staff, name, ["owner"]) for name in ("boss", "money")]
    first = None
    for made, name in zip(people, ("boss", "money"), strict=True):
        caller = Caller("192.0.2.1", first.device if first else "")
        begun = await staff.sign_in(store, PasswordPool(), name, PASSWORD, caller)
        code = code_of(made.totp_uri, -1)
        first = await staff.finish_sign_in(store, begun.ticket or "", code, caller)
    assert first is not None
    caller = Caller("192.0.2.1", first.device)
    rows = await store.read(lambda: list(Staff.select().order_by(Staff.id)))
    calls = [partial(sessions.open_session, row, caller, confirmed=True) for row in rows * 5]
    assert outcomes(await at_once(store, calls)) == {"ok": 10}


async def test_one_of_sixty_who_use_a_handover_code_gets_it(store: Any) -> None:
    people = [await store.write(make_member, f"第{n}人") for n in range(60)]
    outside = await store.write(browsers.open_session, token(), "v")
    made = await store.write(browsers.begin_handover, outside, "/m/cart")
    calls = [partial(browsers.use_handover, made, person) for person in people]
    assert outcomes(await at_once(store, calls)) == {"ok": 1, "handover_gone": 59}


async def test_an_oauth_state_is_accepted_once_of_sixty_parallel_uses(store: Any) -> None:
    browser = await store.write(browsers.open_session, token(), "v")
    state = await store.write(browsers.begin_oauth, browser, "/m/me", "snsapi_base")
    answers = await at_once(store, [partial(browsers.use_state, browser, state)] * 60)
    assert Counter(each.is_usable for each in answers) == {True: 1, False: 59}
