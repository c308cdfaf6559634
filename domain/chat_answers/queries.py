"""Answers as the merchant's pages list them, and as the chat uses them."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import system_state
from domain.chat_answers.facts import (
    AnswersEdition,
    AnswerView,
    ExampleView,
    LiveAnswers,
    OwnAnswer,
)
from domain.chat_answers.following import follows_of
from domain.chat_answers.heard import asked_in_30_days
from domain.chat_answers.ports import FileAnswer, knowledge
from kernel.errors import NotFound
from models import ChatAnswer, ChatExample


def live_answers(known_edition: int) -> LiveAnswers | None:
    """All that the merchant changed, or None if nothing changed since an edition."""
    edition = system_state.get(AnswersEdition).edition
    if edition == known_edition:
        return None
    rows = list(ChatAnswer.select().order_by(ChatAnswer.id))
    own = [row for row in rows if row.is_own and not row.is_off]
    examples = ChatExample.select(ChatExample.intent, ChatExample.sentence)
    return LiveAnswers(
        edition=edition,
        texts={row.intent: row.text for row in rows if row.text and not row.is_own},
        follows={row.intent: follows_of(row) for row in rows if row.picture or row.products},
        off=frozenset(row.intent for row in rows if row.is_off),
        own=tuple(OwnAnswer(row.intent, row.title, row.text) for row in own),
        examples=tuple((row.intent, row.sentence) for row in examples.order_by(ChatExample.id)),
    )


def list_answers() -> list[AnswerView]:
    """All answers: the merchant's own, the newest first, then ours, the most asked first."""
    rows = {row.intent: row for row in ChatAnswer.select()}
    asked, examples = asked_in_30_days(), _examples_by_intent()
    own = sorted((row for row in rows.values() if row.is_own), key=lambda row: -row.id)
    made = [_own_view(row) for row in own]
    ours = sorted(knowledge().answers(), key=lambda each: -asked.get(each.intent, 0))
    made += [_file_view(each, rows.get(each.intent)) for each in ours]
    return [
        AnswerView(**{
            **vars(each),
            "examples": examples.get(each.intent, 0), "asked": asked.get(each.intent, 0),
        })
        for each in made
    ]  # fmt: skip


def answer_detail(intent: str) -> AnswerView:
    """One answer. Raises NotFound('chat_answer_missing')."""
    for each in list_answers():
        if each.intent == intent:
            return each
    raise NotFound("chat_answer_missing")


def answer_titles() -> dict[str, str]:
    """The title of each answer by its intent: of the program's, then the merchant's own."""
    titles = {each.intent: each.title for each in knowledge().answers()}
    own = ChatAnswer.select(ChatAnswer.intent, ChatAnswer.title).where(ChatAnswer.is_own)
    return titles | {row.intent: row.title for row in own.order_by(ChatAnswer.id)}


def list_examples(intent: str) -> list[ExampleView]:
    """The sentences that the merchant gave to an intent, the newest first."""
    rows = ChatExample.select().where(ChatExample.intent == intent).order_by(ChatExample.id.desc())
    return [ExampleView(row.id, row.sentence, row.added_at, row.added_by) for row in rows]


def _examples_by_intent() -> dict[str, int]:
    query: Any = ChatExample.select(ChatExample.intent, fn.COUNT(ChatExample.id))
    return {intent: int(n) for intent, n in query.group_by(ChatExample.intent).tuples()}


def _own_view(row: Any) -> AnswerView:
    return AnswerView(
        row.intent, row.title, row.text, "", True, True, row.is_off, row.edition, row.changed_at,
        row.changed_by, follows_of(row),
    )  # fmt: skip


def _file_view(file: FileAnswer, row: Any | None) -> AnswerView:
    if row is None:
        return AnswerView(
            file.intent,
            file.title,
            "",
            file.text,
            file.is_whole,
            False,
            False,
            0,
            None,
            None,
            is_required=file.is_required,
        )
    return AnswerView(
        file.intent, file.title, row.text, file.text, file.is_whole, False,
        row.is_off and not file.is_required, row.edition, row.changed_at, row.changed_by,
        follows_of(row), is_required=file.is_required,
    )  # fmt: skip
