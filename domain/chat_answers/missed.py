"""Sentences that were not understood (没听懂的话), and what the merchant makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import audit, search
from domain.chat_answers.facts import AnswerForm, MissedGroup, MissedState, MissedView
from domain.chat_answers.heard import reopen
from domain.chat_answers.masking import example_of, form_of
from domain.chat_answers.ports import knowledge
from domain.chat_answers.queries import answer_titles
from domain.chat_answers.service import (
    add_own_answer,
    check_intent,
    keep_examples,
    next_edition,
)
from kernel import clock
from kernel.errors import Conflict
from models import ChatExample, MissedSentence

GROUPED_MOST = 400
"""The most frequent open sentences, which are grouped by likeness."""


def open_groups() -> list[MissedGroup]:
    """Open sentences in groups that are alike; what was said most often first."""
    rows = (
        MissedSentence.select().where(MissedSentence.state == "open")
        .order_by(MissedSentence.times.desc(), MissedSentence.id.desc()).limit(GROUPED_MOST)
    )  # fmt: skip
    found = [_view(row) for row in rows]
    places = knowledge().groups([example_of(each.sentence) for each in found])
    groups = [MissedGroup(tuple(found[place] for place in group)) for group in places]
    return sorted(groups, key=lambda group: (-group.times, -group.ids[0]))


def list_decided(state: str, before_id: int | None = None, limit: int = 30) -> list[MissedView]:
    """Sentences about which somebody decided, the newest first."""
    query = MissedSentence.select().where(MissedSentence.state == state)
    if before_id is not None:
        query = query.where(MissedSentence.id < before_id)
    return [_view(row) for row in query.order_by(MissedSentence.id.desc()).limit(limit)]


def sentences_of(ids: Sequence[int]) -> list[str]:
    """Open sentences by their ids, as examples; the most frequent first."""
    rows = MissedSentence.select().where(_open(ids)).order_by(MissedSentence.times.desc())
    return [example_of(row.sentence) for row in rows]


def make_examples(ids: Sequence[int], named: str, actor: str) -> int:
    """Make open sentences examples of an intent, named by its id or title; returns how many.

    Raises NotFound('chat_answer_missing'), Conflict('missed_moved') if none of them is open.
    """
    titles = answer_titles()
    intent = named if named in titles else intent_titled(named, titles)
    check_intent(intent)
    next_edition()
    rows = _take(ids)
    kept = keep_examples(intent, [example_of(row.sentence) for row in rows], actor)
    _decide(rows, "example", intent, actor)
    audit.record(
        "chat_answer.examples", "chat_answer", intent, after={"sentences": kept}, actor=actor
    )
    return len(rows)


def intent_titled(title: str, titles: Mapping[str, str]) -> str:
    """The intent with a title, whatever its spaces and signs; "" if there is none."""
    form = form_of(title)
    return next((intent for intent, each in titles.items() if form_of(each) == form), "")


def answer_missed(
    ids: Sequence[int], form: AnswerForm, sentences: Sequence[str], actor: str
) -> int:
    """Add an own answer, and note open sentences as answered by it; returns its number.

    Raises as ``add_own_answer``. Sentences that somebody else decided about stay as they are.
    """
    number = add_own_answer(form, sentences, actor)
    rows = list(MissedSentence.select().where(_open(ids)))
    _decide(rows, "answered", f"own_{number}", actor)
    return number


def dismiss_missed(ids: Sequence[int], actor: str) -> int:
    """Put open sentences aside; returns how many. Raises Conflict('missed_moved')."""
    rows = _take(ids)
    _decide(rows, "dismissed", "", actor)
    said = {"sentences": [row.sentence for row in rows]}
    audit.record("missed.dismiss", "missed", rows[0].id, after=said, actor=actor)
    return len(rows)


def make_synonym(ids: Sequence[int], word: str, equals: str, actor: str) -> int:
    """Make a word of open sentences equal to one that products have; returns how many sentences.

    Sentences keep the state ``synonym``. Taking it back leaves the words equal, which is changed
    in the settings. Raises Conflict('missed_moved') and as ``search.make_equal``.
    """
    rows = _take(ids)
    search.make_equal(word, equals)
    _decide(rows, "synonym", "", actor)
    said = {"sentences": [row.sentence for row in rows], "synonyms": f"{word}={equals}"}
    audit.record("missed.synonym", "missed", rows[0].id, after=said, actor=actor)
    return len(rows)


def reopen_missed(missed_id: int, actor: str) -> None:
    """Take a decision back: the sentence is open again, and no example any more.

    Raises Conflict('missed_moved').
    """
    next_edition()
    row = MissedSentence.get_or_none(
        (MissedSentence.id == missed_id) & (MissedSentence.state != "open")
    )
    if row is None:
        raise Conflict("missed_moved")
    mine = (ChatExample.form == form_of(example_of(row.sentence))) & (
        ChatExample.intent == row.intent
    )
    ChatExample.delete().where(mine).execute()
    reopen(MissedSentence.id == missed_id)
    audit.record(
        "missed.reopen", "missed", missed_id, before={"state": row.state},
        after={"sentences": [row.sentence]}, actor=actor,
    )  # fmt: skip


def _take(ids: Sequence[int]) -> list[Any]:
    rows = list(MissedSentence.select().where(_open(ids)))
    if not rows:
        raise Conflict("missed_moved")
    return rows


def _decide(rows: Sequence[Any], state: MissedState, intent: str, actor: str) -> None:
    if rows:
        decided = {"decided_at": clock.now(), "decided_by": actor[:64]}
        MissedSentence.update(state=state, intent=intent, **decided).where(
            _open([row.id for row in rows])
        ).execute()


def _open(ids: Sequence[int]) -> Any:
    return MissedSentence.id.in_(list(ids)) & (MissedSentence.state == "open")


def _view(row: Any) -> MissedView:
    return MissedView(
        row.id, row.sentence, row.outcome, int(row.times), row.first_at, row.last_at, row.state,
        row.intent, row.decided_at, row.decided_by,
    )  # fmt: skip
