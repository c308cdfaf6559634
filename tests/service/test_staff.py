"""Staff: passwords, one-time codes used once, tries counted by place, devices, sessions."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain import audit, staff
from domain.staff import Caller, devices, tries
from domain.staff.rules import MOVES, RIGHTS, ROLES
from domain.staff.sessions import StaffSessionInfo
from domain.staff.tries import FREE, MANY, NOTED_FROM, TRIES
from kernel import clock
from kernel.errors import Busy, Conflict, Invalid, LimitReached, NotFound
from kernel.passwords import EACH, PasswordPool
from models import OutboxRow, SecretTry, Staff, StaffDevice, StaffSession
from tests.factories.staff import PASSWORD, code_of, enter, make_staff

HOME = Caller("192.0.2.1", agent="test")


def elsewhere(number: int) -> Caller:
    """A caller from one of many addresses, as in a botnet."""
    return Caller(f"198.51.100.{number}")


async def wrong(store: Any, login: str, caller: Caller = HOME) -> str:
    """The error code after a wrong password."""
    with pytest.raises((Invalid, LimitReached)) as refused:
        await enter(store, login, "not the password", caller=caller)
    return refused.value.code


async def info_of(store: Any, cookie: str) -> StaffSessionInfo:
    """The session of a cookie."""
    found: StaffSessionInfo | None = await store.read(staff.find_staff_session, cookie)
    assert found is not None
    return found


async def test_an_operator_signs_in_and_has_an_operator_s_rights(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["operator"])
    arrival = await enter(store, "Amy ", uri=made.totp_uri)
    info = await info_of(store, arrival.cookie)
    assert info.may("orders.ship")
    assert not info.may("payouts.review")
    assert info.is_fresh()


@pytest.mark.parametrize("right", RIGHTS)
def test_roles_with_a_right_that_changes_money_or_bindings_need_a_code(
    monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    """The need follows from rights, not from role names, so that no new role is forgotten."""
    monkeypatch.setitem(ROLES, "newcomer", frozenset({right}))
    assert staff.needs_totp(["newcomer"]) == (MOVES[right] != "nothing")


def test_all_roles_but_the_clerk_need_a_code() -> None:
    """A clerk (店员) moves nothing: to hand goods over needs the buyer's code."""
    wanted = dict.fromkeys(ROLES, True) | {"clerk": False}
    assert {role: staff.needs_totp([role]) for role in ROLES} == wanted


async def test_an_owner_needs_a_code_that_works_once(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    begun = await staff.sign_in(store, PasswordPool(), "boss", PASSWORD, HOME)
    assert begun.arrival is None
    assert begun.ticket is not None
    code = code_of(made.totp_uri)
    arrival = await staff.finish_sign_in(store, begun.ticket, code, HOME)
    assert (await info_of(store, arrival.cookie)).is_fresh()
    for ticket in (begun.ticket, begun.ticket + "x"):
        with pytest.raises(Invalid):
            await staff.finish_sign_in(store, ticket, code, HOME)
    assert await store.read(StaffSession.select().count) == 1


async def test_a_code_typed_with_spaces_is_accepted(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    begun = await staff.sign_in(store, PasswordPool(), "boss", PASSWORD, HOME)
    code = code_of(made.totp_uri)
    assert await staff.finish_sign_in(store, begun.ticket or "", f" {code[:3]} {code[3:]}\n", HOME)


async def test_an_unfinished_sign_in_ends_when_the_password_is_changed(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    begun = await staff.sign_in(store, PasswordPool(), "boss", PASSWORD, HOME)
    await staff.reset_password_hashed(store, PasswordPool(), made.staff_id)
    with pytest.raises(Invalid) as refused:
        await staff.finish_sign_in(store, begun.ticket or "", code_of(made.totp_uri), HOME)
    assert refused.value.code == "sign_in_late"


async def test_an_unfinished_sign_in_ends_when_the_account_is_disabled(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    made = await store.write(make_staff, "money", ["finance"])
    begun = await staff.sign_in(store, PasswordPool(), "money", PASSWORD, HOME)
    await store.write(staff.disable_staff, made.staff_id)
    with pytest.raises(Invalid) as refused:
        await staff.finish_sign_in(store, begun.ticket or "", code_of(made.totp_uri), HOME)
    assert refused.value.code == "sign_in_late"
    assert await store.read(StaffSession.select().count) == 0


async def test_a_code_is_asked_for_again_after_ten_minutes(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["finance"])
    cookie = (await enter(store, "boss", uri=made.totp_uri)).cookie
    clock.set_offset(timedelta(minutes=11))
    info = await info_of(store, cookie)
    assert not info.is_fresh()
    await staff.confirm_by_code(store, info, code_of(made.totp_uri))
    assert (await info_of(store, cookie)).is_fresh()


async def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["owner"])
    said = [await wrong(store, "amy") for _ in range(TRIES + 1)]
    assert said == ["sign_in_bad"] * TRIES + ["sign_in_locked"]
    with pytest.raises(LimitReached) as refused:
        await enter(store, "amy", uri=made.totp_uri)
    assert refused.value.facts["minutes"] == 15
    (line,) = await store.read(audit.system_history, "staff", made.staff_id)
    assert (line.action, line.after, line.actor) == (
        "staff.locked", {"door": "password", "from": "origin"}, "system",
    )  # fmt: skip
    clock.set_offset(timedelta(minutes=16))
    assert await enter(store, "amy", uri=made.totp_uri)


async def test_the_correct_password_resets_the_count(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["owner"])
    for step in (-1, 0, 1):
        assert [await wrong(store, "amy") for _ in range(TRIES - 1)] == ["sign_in_bad"] * 4
        assert await enter(store, "amy", uri=made.totp_uri, steps=step)
    counts = await store.read(lambda: {r.is_wide: r.tries for r in SecretTry.select()
                                       if r.tries})  # fmt: skip
    assert counts == {True: 3 * (TRIES - 1)}


async def test_strangers_at_other_addresses_do_not_lock_the_owner_out(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    for _ in range(TRIES + 1):
        await wrong(store, "boss", elsewhere(1))
    assert await wrong(store, "boss", elsewhere(1)) == "sign_in_locked"
    assert await enter(store, "boss", uri=made.totp_uri)


async def test_a_known_device_signs_in_during_a_botnet_s_attack_on_the_login(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    known = Caller("192.0.2.1", (await enter(store, "boss", uri=made.totp_uri)).device)
    said = [await wrong(store, "boss", elsewhere(n)) for n in range(FREE + 3)]
    assert said == ["sign_in_bad"] * FREE + ["sign_in_slow"] * 3
    with pytest.raises(LimitReached) as refused:  # the owner's new phone has to wait as well
        await enter(store, "boss", uri=made.totp_uri, caller=Caller("192.0.2.9"))
    assert refused.value.code == "sign_in_slow"
    moved = Caller("203.0.113.200", known.cookie)  # also at another address
    assert await enter(store, "boss", uri=made.totp_uri, caller=moved, steps=1)


async def test_a_botnet_has_one_try_a_minute_then_four_an_hour(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    for n in range(FREE):
        await wrong(store, "boss", elsewhere(n))
    counted = FREE
    for minute in range(1, 200):
        clock.set_offset(timedelta(minutes=minute, seconds=1))
        pair = (elsewhere(2 * minute), elsewhere(2 * minute + 1))
        first, second = [await wrong(store, "boss", caller) for caller in pair]
        assert second == "sign_in_slow"
        counted += first == "sign_in_bad"
    # eighty tries a minute apart, then a try each quarter of an hour for 119 minutes
    assert counted == MANY + 119 // 15
    (seen,) = await store.read(staff.list_guessed)
    assert (seen.staff_id, seen.tries) == (made.staff_id, counted)
    told = await store.read(lambda: [r.payload for r in OutboxRow.select()])
    facts = {"who": "Boss", "door": "password", "tries": NOTED_FROM}
    assert told == [{"purpose": "staff_guessed", "facts": facts}]
    clock.set_offset(timedelta(days=1, minutes=200))
    assert await store.read(staff.list_guessed) == []
    said = [await wrong(store, "boss", elsewhere(n)) for n in range(FREE + 1)]
    assert said == ["sign_in_bad"] * FREE + ["sign_in_slow"]


async def test_a_known_device_is_locked_by_its_own_wrong_tries_only(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    known = Caller("192.0.2.1", (await enter(store, "boss", uri=made.totp_uri)).device)
    said = [await wrong(store, "boss", known) for _ in range(TRIES + 1)]
    assert said == ["sign_in_bad"] * TRIES + ["sign_in_locked"]
    assert await enter(store, "boss", uri=made.totp_uri, caller=HOME, steps=1)


async def test_a_device_is_known_only_for_accounts_that_signed_in_on_it(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    made = await store.write(make_staff, "money", ["finance"])
    shared = (await enter(store, "money", uri=made.totp_uri)).device
    boss, money = [
        await store.read(lambda login=login: devices.place_of(
            Staff.get(Staff.login == login).id, Caller("192.0.2.1", shared)))
        for login in ("boss", "money")
    ]  # fmt: skip
    assert (boss.kind, money.kind) == ("origin", "device")


async def test_a_device_cookie_is_replaced_at_each_sign_in(store: Any) -> None:
    """A cookie planted or copied before is unknown afterwards, for all accounts of the browser."""
    boss = await store.write(make_staff, "boss", ["owner"])
    money = await store.write(make_staff, "money", ["finance"])
    first = (await enter(store, "boss", uri=boss.totp_uri)).device
    with_first = Caller("192.0.2.1", first)
    second = (await enter(store, "money", uri=money.totp_uri, caller=with_first)).device
    for cookie, kind in ((first, "origin"), (second, "device"), (second + "x", "origin")):
        for made in (boss, money):
            caller = Caller("192.0.2.1", cookie)
            place = await store.read(devices.place_of, made.staff_id, caller)
            assert place.kind == kind
    assert await store.read(StaffDevice.select().count) == 2


async def test_a_forgotten_device_is_unknown_and_its_sessions_end(store: Any) -> None:
    boss = await store.write(make_staff, "boss", ["owner"])
    money = await store.write(make_staff, "money", ["finance"])
    arrival = await enter(store, "boss", uri=boss.totp_uri)
    (device,) = await store.read(staff.list_devices, boss.staff_id)
    assert (device.user_agent, device.sessions) == ("test", 1)
    with pytest.raises(NotFound):
        await store.write(staff.forget_device, money.staff_id, device.id)
    await store.write(staff.forget_device, boss.staff_id, device.id)
    assert await store.read(staff.find_staff_session, arrival.cookie) is None
    caller = Caller("192.0.2.1", arrival.device)
    assert (await store.read(devices.place_of, boss.staff_id, caller)).kind == "origin"


async def test_devices_are_forgotten_after_half_a_year_unused(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    arrival = await enter(store, "boss", uri=made.totp_uri)
    clock.set_offset(timedelta(days=181))
    caller = Caller("192.0.2.1", arrival.device)
    assert (await store.read(devices.place_of, made.staff_id, caller)).kind == "origin"
    assert await store.write(staff.delete_old_devices) == 2  # expired as well
    assert await store.write(staff.delete_old_tries) == 4
    assert await store.read(StaffDevice.select().count) == 0


async def test_a_new_password_keeps_this_device_and_forgets_the_others(store: Any) -> None:
    made = await store.write(make_staff, "boss", ["owner"])
    other = await enter(store, "boss", uri=made.totp_uri)
    mine = await enter(store, "boss", uri=made.totp_uri, steps=1)
    who = await info_of(store, mine.cookie)
    with pytest.raises(Invalid) as refused:
        await staff.change_password(store, PasswordPool(), who, "not it", "a-brand-new-password")
    assert refused.value.code == "password_wrong"
    await staff.change_password(store, PasswordPool(), who, PASSWORD, "a-brand-new-password")
    assert await store.read(StaffSession.select().count) == 0
    kinds = [
        (await store.read(devices.place_of, made.staff_id, Caller("192.0.2.1", c))).kind
        for c in (other.device, mine.device)
    ]
    assert kinds == ["origin", "device"]


async def test_a_password_replaced_by_the_owner_lifts_a_lock(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["owner"])
    for _ in range(TRIES + 1):
        await wrong(store, "amy")
    chosen = await staff.reset_password_hashed(store, PasswordPool(), made.staff_id)
    assert await enter(store, "amy", chosen, uri=made.totp_uri)


async def test_a_login_that_does_not_exist_is_counted_like_one_that_does(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    known = [await wrong(store, "boss", elsewhere(n // 6)) for n in range(30)]
    other = [await wrong(store, "nobody", elsewhere(n // 6)) for n in range(30)]
    assert known == other
    assert await store.read(lambda: SecretTry.select().where(SecretTry.staff.is_null()).count())
    assert [g.tries for g in await store.read(staff.list_guessed)] == [FREE]


async def test_a_try_refused_by_a_full_queue_is_not_counted(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["owner"])
    pool = PasswordPool()
    async with pool.turn("somebody"):
        waiting = [asyncio.create_task(_take_a_turn(pool, HOME.origin)) for _ in range(EACH)]
        await asyncio.sleep(0)
        for _ in range(10):
            with pytest.raises(Busy):
                await enter(store, "amy", caller=HOME, pool=pool)
        assert await store.read(SecretTry.select().count) == 0
    await asyncio.gather(*waiting)
    assert await enter(store, "amy", uri=made.totp_uri, pool=pool)


async def _take_a_turn(pool: PasswordPool, origin: str) -> None:
    async with pool.turn(origin):
        await asyncio.sleep(0)


async def test_a_check_that_never_ended_releases_its_place(store: Any) -> None:
    """After a process died during a check, others wait half a minute at most."""
    made = await store.write(make_staff, "amy", ["owner"])
    place = tries.Place("origin", HOME.origin)

    def begin() -> None:
        tries.begin_try("password", "amy", place, made.staff_id, is_held=True)

    await store.write(begin)
    with pytest.raises(Busy):
        await enter(store, "amy", uri=made.totp_uri)
    await store.write(_let_leases_run_out)
    assert await enter(store, "amy", uri=made.totp_uri)


def _let_leases_run_out() -> None:
    SecretTry.update(checking_until=clock.system_now() - timedelta(seconds=1)).execute()


async def test_an_idle_or_old_session_ends(store: Any) -> None:
    made = await store.write(make_staff, "amy", ["owner"])
    cookie = (await enter(store, "amy", uri=made.totp_uri)).cookie
    clock.set_offset(timedelta(minutes=61))
    assert await store.read(staff.find_staff_session, cookie) is None


def test_the_last_owner_cannot_be_disabled_or_lose_the_role(db: Any) -> None:
    made = make_staff("boss", ["owner"])
    with pytest.raises(Conflict):
        staff.disable_staff(made.staff_id)
    with pytest.raises(Conflict):
        staff.set_roles(made.staff_id, ["operator"])
    assert Staff.get_by_id(made.staff_id).roles == ["owner"]


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("amy", "short", "password_short"),
        ("amyamy", "amyamy-2026-x", "password_weak"),
        ("Ä!", PASSWORD, "login_bad"),
    ],
)
async def test_a_weak_account_is_refused(store: Any, login: str, password: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        await staff.create_staff_hashed(store, PasswordPool(), login, "x", ["service"], password)
    assert caught.value.code == code
    assert await store.read(Staff.select().count) == 0


async def test_the_sessions_of_a_disabled_account_end_at_once(store: Any) -> None:
    await store.write(make_staff, "boss", ["owner"])
    made = await store.write(make_staff, "amy", ["finance"])
    cookie = (await enter(store, "amy", uri=made.totp_uri)).cookie
    await store.write(staff.disable_staff, made.staff_id)
    assert await store.read(staff.find_staff_session, cookie) is None
    assert await wrong(store, "amy") == "sign_in_bad"
    with pytest.raises(Invalid):
        await enter(store, "amy")
