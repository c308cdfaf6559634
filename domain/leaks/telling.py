"""Sends the notices of a leak, one member after the other, and keeps what became of each.

A row is marked before its message leaves. If the process dies in between, the row stays
``sending`` and is counted as unknown; nobody is written to twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.leaks.notices import DataLeaked
from domain.leaks.rules import SENT_AT_ONCE
from domain.notices import stored_facts
from domain.outbox import Postpone, enqueue
from domain.push import send_notice, waits
from domain.push.ports import Messenger, NoticeWords
from kernel import clock
from kernel.errors import GatewayError, Unknown
from kernel.faults import fault_of
from kernel.store import Store
from models import Leak, LeakPerson

LOOK_AGAIN = timedelta(minutes=10)
REACHED = ("window", "template", "subscription")


async def tell_next(store: Store, messenger: Messenger, words: NoticeWords, leak_id: int) -> int:
    """Tell the next people of a leak; returns how many. The rest is queued.

    Raises Postpone while WeChat can't be reached or refuses the whole account.
    """
    leak_no, people = await store.write(_claim, leak_id)
    for person_id, member_id in people:
        payload = {
            "member_id": member_id, "purpose": DataLeaked.KEY,
            "facts": stored_facts(DataLeaked(leak_no=leak_no)),
        }  # fmt: skip
        try:
            how = await send_notice(store, messenger, words, payload, f"lk{person_id}")
        except GatewayError as error:
            if waits(error):
                await store.write(_put_back, leak_id)
                raise Postpone(clock.now() + LOOK_AGAIN, fault_of(error)) from error
            how = "unknown" if isinstance(error, Unknown) else f"refused:{error.code}"
        await store.write(_record, person_id, how)
    if people:
        await store.write(_queue, leak_id)
    return len(people)


def _claim(leak_id: int) -> tuple[str, list[tuple[int, int]]]:
    """The next people, marked as being told; what an earlier run left marked is unknown."""
    leak = Leak.get_by_id(leak_id)
    mine = LeakPerson.leak == leak_id
    LeakPerson.update(state="unknown").where(mine & (LeakPerson.state == "sending")).execute()
    rows = list(
        LeakPerson.select().where(mine & (LeakPerson.state == "waiting"))
        .order_by(LeakPerson.id).limit(SENT_AT_ONCE)
    )  # fmt: skip
    if leak.announced_at is None:
        return str(leak.leak_no), []
    LeakPerson.update(state="sending").where(LeakPerson.id.in_([row.id for row in rows])).execute()
    return str(leak.leak_no), [(row.id, row.member_id) for row in rows]


def _record(person_id: int, how: str) -> None:
    is_reached = how in REACHED
    values: dict[str, Any] = {
        "state": "reached" if is_reached else "unknown" if how == "unknown" else "not_reached",
        "carrier": how if is_reached else None,
        "fault": None if is_reached else how[:40],
        "told_at": clock.now() if is_reached else None,
    }
    LeakPerson.update(**values).where(
        (LeakPerson.id == person_id) & (LeakPerson.state == "sending")
    ).execute()


def _put_back(leak_id: int) -> None:
    """Nothing left for those who are marked: they wait again."""
    marked = (LeakPerson.leak == leak_id) & (LeakPerson.state == "sending")
    LeakPerson.update(state="waiting").where(marked).execute()


def _queue(leak_id: int) -> None:
    enqueue("leaks.tell", {"leak_id": leak_id}, order_key=f"leak:{leak_id}")
