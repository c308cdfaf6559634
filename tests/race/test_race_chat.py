"""Several processes record the same sentences at once: one row each, and no count is lost."""

from __future__ import annotations

from functools import partial
from typing import Any

from domain import chat_answers
from kernel import clock
from models import ChatDay, MissedSentence
from tests.factories.chat import missed
from tests.race.crowd import at_once, outcomes

PROCESSES = 12


async def test_parallel_reports_of_a_sentence_are_all_counted_in_one_row(store: Any) -> None:
    today = clock.business_day(clock.now()).isoformat()
    said = [missed("可以停车吗"), missed("能参观吗"), missed("有赠品吗")]
    counts = {(today, "unknown", ""): 3, (today, "understood", "dispatch"): 2}
    calls = [
        partial(chat_answers.record_heard, counts, said if n % 2 else said[::-1])
        for n in range(PROCESSES)
    ]
    assert outcomes(await at_once(store, calls)) == {"ok": PROCESSES}
    rows = await store.read(lambda: [(row.sentence, row.times) for row in MissedSentence.select()])
    assert sorted(rows) == sorted((each.sentence, PROCESSES) for each in said)
    days = await store.read(lambda: {row.outcome: row.times for row in ChatDay.select()})
    assert days == {"unknown": 3 * PROCESSES, "understood": 2 * PROCESSES}
