"""What the chat was asked: sentences that were not understood, and counts by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.chat_answers.facts import MissedReport, Outcome, WeekFigures
from kernel import clock
from kernel.store import insert_once
from models import ChatDay, MissedSentence

MISSED_MOST = 3000
"""The most sentences that are kept; a full table takes no new one until some are forgotten."""
ROOM = 300
"""How many are forgotten at once when it is full: those said once, the oldest first."""
KEPT = timedelta(days=90)
DAYS_KEPT = 400
AT_ONCE = 500

DayKey = tuple[str, Outcome, str]  # day, outcome, intent


def record_heard(counts: Mapping[DayKey, int], missed: Sequence[MissedReport]) -> None:
    """Add counts of days, and sentences that were not understood; equal ones are counted.

    Rows are taken in one order, so that two processes that count the same wait for each other.
    """
    for report in sorted(missed, key=lambda each: each.form):
        _count_sentence(report)
    for (day, outcome, intent), times in sorted(counts.items()):
        row = (ChatDay.day == day) & (ChatDay.outcome == outcome) & (ChatDay.intent == intent)
        if not ChatDay.select(ChatDay.id).where(row).exists():
            insert_once(ChatDay, day=day, outcome=outcome, intent=intent)
        ChatDay.update(times=ChatDay.times + times).where(row).execute()


def _count_sentence(report: MissedReport) -> None:
    same = MissedSentence.form == report.form
    if not MissedSentence.select(MissedSentence.id).where(same).exists():
        if MissedSentence.select().count() >= MISSED_MOST:
            return
        insert_once(
            MissedSentence, form=report.form, sentence=report.sentence, outcome=report.outcome,
            first_at=report.at, last_at=report.at,
        )  # fmt: skip
    MissedSentence.update(
        times=MissedSentence.times + report.times, last_at=report.at, outcome=report.outcome
    ).where(same).execute()


def reopen(chosen: Any) -> None:
    """Take the decisions about some sentences back."""
    MissedSentence.update(state="open", intent="", decided_at=None, decided_by=None).where(
        chosen
    ).execute()


def forget_old() -> int:
    """Delete sentences of over 90 days and counts of over 400; returns how many went.

    It deletes a bounded number and may be repeated. A full table also loses what was said once.
    """
    old = MissedSentence.last_at < clock.now() - KEPT
    gone = _delete(MissedSentence, MissedSentence.select(MissedSentence.id).where(old), AT_ONCE)
    if MissedSentence.select().count() >= MISSED_MOST:
        once = (MissedSentence.state.in_(("open", "dismissed"))) & (MissedSentence.times <= 1)
        chosen = MissedSentence.select(MissedSentence.id).where(once)
        gone += _delete(MissedSentence, chosen.order_by(MissedSentence.last_at), ROOM)
    last = clock.business_day(clock.now()) - timedelta(days=DAYS_KEPT)
    days = ChatDay.select(ChatDay.id).where(ChatDay.day < last.isoformat())
    return gone + _delete(ChatDay, days, AT_ONCE)


def _delete(table: Any, chosen: Any, most: int) -> int:
    ids = [row.id for row in chosen.limit(most)]
    return int(table.delete().where(table.id.in_(ids)).execute()) if ids else 0


def week_figures() -> WeekFigures:
    """How the messages of the last seven business days were answered."""
    sums = dict.fromkeys(("understood", "choices", "unknown", "person"), 0)
    for row in ChatDay.select(ChatDay.outcome, ChatDay.times).where(ChatDay.day >= _since(7)):
        sums[row.outcome] += int(row.times)
    return WeekFigures(**sums)


def asked_in_30_days() -> dict[str, int]:
    """How often each intent was asked for in the last 30 business days."""
    found: dict[str, int] = {}
    for row in ChatDay.select(ChatDay.intent, ChatDay.times).where(ChatDay.day >= _since(30)):
        found[row.intent] = found.get(row.intent, 0) + int(row.times)
    return found


def _since(days: int) -> str:
    """The first of the last ``days`` business days."""
    return (clock.business_day(clock.now()) - timedelta(days=days - 1)).isoformat()
