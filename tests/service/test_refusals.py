"""Refusals of WeChat are stored, told to the owner, shown, and end after a success."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import refusals
from domain.refusals import RefusalBuffer, ReportedRefusal
from kernel import clock
from models import OutboxRow, Refusal

TOKEN = "/cgi-bin/stable_token"
SEND = "/cgi-bin/message/template/send"
IP = ReportedRefusal("account", TOKEN, "40164", detail="invalid ip 203.0.113.9, not in whitelist")


def _told() -> list[str]:
    rows = OutboxRow.select().where(OutboxRow.kind == "notify.owner").order_by(OutboxRow.id)
    return [row.payload["facts"]["code"] for row in rows]


def _later(**delta: int) -> None:
    clock.set_offset(clock.offset() + timedelta(**delta))


def test_a_refusal_is_stored_once_counted_and_told_at_once_and_daily(db: Any) -> None:
    assert refusals.record_refusals([replace(IP, at=clock.now())]) == 1
    began = clock.now()
    _later(hours=5)
    again = replace(IP, at=clock.now())
    assert refusals.record_refusals([again, again]) == 0
    (one,) = refusals.list_open_refusals()
    assert (one.code, one.count, one.detail) == ("40164", 3, IP.detail)
    assert one.first_at <= began < one.last_at
    assert _told() == ["40164"]
    assert refusals.remind() == 0
    _later(hours=20)
    assert (refusals.remind(), refusals.remind()) == (1, 0)
    assert _told() == ["40164", "40164"]


def test_the_next_success_of_the_same_call_ends_it(db: Any) -> None:
    refusals.record_refusals([IP, ReportedRefusal("pay", "transfer", "NOT_ENOUGH")])
    assert refusals.record_success("account", SEND) == 0
    assert refusals.record_success("account", TOKEN) == 1
    assert [r.code for r in refusals.list_open_refusals()] == ["NOT_ENOUGH"]
    refusals.record_refusals(
        [replace(IP, at=clock.now())]
    )  # a refusal that returns within the hour is not told again
    assert [r.count for r in refusals.list_open_refusals() if r.code == "40164"] == [1]
    assert _told() == ["40164", "NOT_ENOUGH"]
    refusals.record_success("account", TOKEN)
    _later(hours=2)
    refusals.record_refusals([replace(IP, at=clock.now())])
    assert _told() == ["40164", "NOT_ENOUGH", "40164"]


def test_a_template_s_refusal_is_not_ended_by_another_template(db: Any) -> None:
    refusals.record_refusals(
        [
            ReportedRefusal("account", SEND, "47003", "T1"),
            ReportedRefusal("account", SEND, "48001"),
        ]
    )
    refusals.record_success("account", SEND, "T2")
    assert [(r.code, r.subject) for r in refusals.list_open_refusals()] == [("47003", "T1")]
    refusals.record_success("account", SEND, "T1")
    assert refusals.list_open_refusals() == []


def test_a_refusal_about_one_person_expires_and_is_not_told(db: Any) -> None:
    refusals.record_refusals([ReportedRefusal("account", SEND, "43004", count=3)])
    refusals.record_success("account", SEND)
    assert [r.count for r in refusals.list_open_refusals()] == [3]
    assert _told() == []
    _later(hours=25)
    assert refusals.list_open_refusals() == []
    refusals.record_refusals([ReportedRefusal("account", SEND, "43004")])
    assert [r.count for r in refusals.list_open_refusals()] == [1]


def test_a_refusal_of_a_call_that_is_no_longer_made_expires(db: Any) -> None:
    """Example: the right was granted, but no transfer has succeeded since."""
    refusals.record_refusals([ReportedRefusal("pay", "transfer", "NO_AUTH")])
    _later(days=2)
    assert [r.code for r in refusals.list_open_refusals()] == ["NO_AUTH"]
    _later(days=1, minutes=1)
    assert refusals.list_open_refusals() == []
    assert refusals.remind() == 0
    assert refusals.record_refusals([ReportedRefusal("pay", "transfer", "NO_AUTH")]) == 1
    assert _told() == ["NO_AUTH", "NO_AUTH"]


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "STATEMENT_CREATING", "ORDER_PAID"])
def test_ordinary_answers_are_not_stored(db: Any, code: str) -> None:
    assert refusals.record_refusals([ReportedRefusal("pay", "payment_query", code)]) == 0
    assert Refusal.select().count() == 0


def test_an_unknown_code_is_stored_and_told(db: Any) -> None:
    assert (
        refusals.record_refusals([ReportedRefusal("account", SEND, "99999", detail="x" * 900)])
        == 1
    )
    assert _told() == ["99999"]


def test_ended_refusals_are_deleted_after_a_month(db: Any) -> None:
    refusals.record_refusals([IP])
    refusals.record_success("account", TOKEN)
    _later(days=31)
    refusals.remind()
    assert Refusal.select().count() == 0


async def test_the_buffer_writes_counted_refusals_when_flushed(store: Any) -> None:
    desk, other = RefusalBuffer(store), RefusalBuffer(store)
    for _ in range(3):
        desk.record_refusal("account", TOKEN, "40164", detail=IP.detail)
    desk.record_refusal("pay", "payment_query", "ORDER_NOT_EXIST")
    desk.record_refusal("pay", "refund", "SIGN_ERROR")
    desk.record_success("account", SEND)
    await desk.flush()
    found = {r.code: (r.call, r.count) for r in await store.read(refusals.list_open_refusals)}
    assert found == {"40164": (TOKEN, 3), "SIGN_ERROR": ("*", 1)}
    other.record_success("account", TOKEN)
    other.record_success(
        "pay", "prepay_jsapi"
    )  # any successful call proves that keys and clock are right
    await other.flush()  # this buffer has not read the open refusals yet
    assert len(await store.read(refusals.list_open_refusals)) == 2
    await other.read_open_refusals()
    await other.flush()
    assert await store.read(refusals.list_open_refusals) == []


async def test_a_success_before_another_process_s_refusal_does_not_end_it(store: Any) -> None:
    desk, other = RefusalBuffer(store), RefusalBuffer(store)
    other.record_success("account", TOKEN)
    desk.record_refusal("account", TOKEN, "40164", detail=IP.detail)
    await desk.flush()
    await other.read_open_refusals()
    await other.flush()
    assert [r.code for r in await store.read(refusals.list_open_refusals)] == ["40164"]


async def test_a_success_before_the_first_refusal_was_written_ends_it(store: Any) -> None:
    """Before, a corrected clock was shown as wrong until the next call, hours later."""
    desk = RefusalBuffer(store)
    desk.record_refusal("pay", "refund", "SIGN_ERROR")
    desk.record_success("pay", "refund_query")
    await desk.flush()
    assert await store.read(refusals.list_open_refusals) == []
    assert await store.read(Refusal.select().count) == 1


async def test_a_success_while_the_refusal_is_being_written_ends_it(
    store: Any, monkeypatch: Any
) -> None:
    desk, write = RefusalBuffer(store), store.write
    desk.record_refusal("pay", "refund", "NOT_ENOUGH")

    async def slow(verb: Any, *args: Any, **kwargs: Any) -> Any:
        if verb is refusals.record_refusals:
            desk.record_success("pay", "refund")
        return await write(verb, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", slow)
        await desk.flush()
    assert await store.read(refusals.list_open_refusals) == []


async def test_a_refusal_after_the_success_stays_open(store: Any) -> None:
    desk = RefusalBuffer(store)
    desk.record_refusal("pay", "refund", "NOT_ENOUGH")
    desk.record_success("pay", "refund")
    desk.record_refusal("pay", "refund", "NOT_ENOUGH")
    await desk.flush()
    assert [r.count for r in await store.read(refusals.list_open_refusals)] == [2]


async def test_the_buffer_keeps_refusals_that_could_not_be_written(
    store: Any, monkeypatch: Any
) -> None:
    desk = RefusalBuffer(store)
    desk.record_refusal("account", TOKEN, "40164")

    async def broken(*_: Any) -> None:
        raise OSError("database away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", broken)
        with pytest.raises(OSError, match="away"):
            await desk.flush()
    desk.record_refusal("account", TOKEN, "40164")
    await desk.flush()
    found = await store.read(refusals.list_open_refusals)
    assert [(r.code, r.count) for r in found] == [("40164", 2)]


async def test_a_success_at_the_instant_of_the_refusal_ends_it(store: Any) -> None:
    desk = RefusalBuffer(store)
    desk.record_refusal("pay", "transfer", "NOT_ENOUGH")
    await desk.flush()
    desk.record_refusal("pay", "transfer", "NOT_ENOUGH")
    desk.record_success("pay", "transfer")
    await desk.flush()
    assert await store.read(refusals.list_open_refusals) == []
