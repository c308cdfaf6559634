"""The merchant's answers in the chat: changed, switched off, reverted, own ones, examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from domain import audit, system_state
from domain.chat_answers.facts import AnswerForm, AnswersEdition
from domain.chat_answers.following import checked_follows, columns_of, logged
from domain.chat_answers.heard import reopen
from domain.chat_answers.masking import KEPT_MOST, form_of
from domain.chat_answers.ports import FileAnswer, knowledge
from kernel import clock
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.store import insert_once
from kernel.text import clean_line, clean_text, fits
from models import ChatAnswer, ChatExample, MissedSentence

TEXT_BYTES_MOST = 1500
"""A reply holds 2,048 bytes; the rest is for links and values."""
TITLE_MOST = 20
OWN_MOST = 100
EXAMPLES_MOST = 1000
EXAMPLES_OF_ONE_MOST = 100
SHORTEST = 2
OWN = "own_"
NAMED = re.compile(r"\{([^{}\n]{0,60})\}")
"""What a text names in braces."""


def change_answer(intent: str, form: AnswerForm, edition: int, actor: str) -> None:
    """Replace an answer's text and what follows it; of an own answer the title, too.

    An empty text reverts to ours. Raises NotFound('chat_answer_missing'),
    Conflict('chat_answer_moved'), Invalid, LimitReached('chat_cards_most').
    """
    said = clean_text(form.text)
    own = is_own(intent)
    file = None if own else file_answer_or_raise(intent)
    _check_text(said, file)
    if file is not None and file.is_whole and said == file.text:
        said = ""
    if own and not said:
        raise Invalid("field_missing", "text")
    values: dict[str, Any] = {"text": said} | checked_follows(form)
    if own:
        values["title"] = _checked_title(form.title, intent)
    before = logged(_save(intent, values, edition, actor))
    after = logged(values)
    after = {key: each for key, each in after.items() if key == "text" or each != before[key]}
    audit.record(
        "chat_answer.change", "chat_answer", intent,
        before={key: before[key] for key in after}, after=after, actor=actor,
    )  # fmt: skip


def switch_answer(intent: str, is_off: bool, actor: str) -> None:
    """Switch an answer off: who asks this is not understood; or on again.

    Raises NotFound, Conflict('chat_answer_required').
    """
    if not is_own(intent) and file_answer_or_raise(intent).is_required and is_off:
        raise Conflict("chat_answer_required")
    _save(intent, {"is_off": is_off}, None, actor)
    if is_off:
        audit.record("chat_answer.off", "chat_answer", intent, actor=actor)
    else:
        audit.record("chat_answer.on", "chat_answer", intent, actor=actor)


def revert_answer(intent: str, actor: str) -> None:
    """Take back the merchant's text and what follows it; ours answers again. Raises NotFound."""
    file_answer_or_raise(intent)
    plain = {"text": "", "picture": "", "products": None, "is_off": False}
    before = logged(_save(intent, plain, None, actor))
    audit.record(
        "chat_answer.revert", "chat_answer", intent,
        before={key: each for key, each in before.items() if key == "text" or each}, actor=actor,
    )  # fmt: skip


def add_own_answer(form: AnswerForm, sentences: Sequence[str], actor: str) -> int:
    """Add an answer of the merchant's own with its example sentences; returns its number.

    Its intent is ``own_<number>``. Raises Invalid, LimitReached: 'chat_own_most',
    'chat_cards_most'.
    """
    said = clean_text(form.text)
    if not said:
        raise Invalid("field_missing", "text")
    _check_text(said, None)
    state = next_edition(is_own=True)
    if ChatAnswer.select().where(ChatAnswer.is_own).count() >= OWN_MOST:
        raise LimitReached("chat_own_most", limit=OWN_MOST)
    intent = f"{OWN}{state.own}"
    values = {"title": _checked_title(form.title, intent), "text": said} | checked_follows(form)
    ChatAnswer.insert(
        intent=intent, is_own=True, changed_at=clock.now(), changed_by=actor[:64], **values
    ).execute()
    keep_examples(intent, sentences, actor)
    after = {key: each for key, each in logged(values).items() if each}
    audit.record("chat_answer.add", "chat_answer", intent, after=after, actor=actor)
    return state.own


def remove_own_answer(intent: str, actor: str) -> None:
    """Remove an own answer with its examples. Raises NotFound."""
    next_edition()
    row = own_answer_or_raise(intent)
    ChatExample.delete().where(ChatExample.intent == intent).execute()
    ChatAnswer.delete().where(ChatAnswer.intent == intent).execute()
    reopen(MissedSentence.intent == intent)
    audit.record(
        "chat_answer.remove", "chat_answer", intent, before=logged(columns_of(row)),
        actor=actor,
    )  # fmt: skip


def add_examples(intent: str, sentences: Sequence[str], actor: str) -> None:
    """Give sentences to an intent; one that another intent has is moved.

    Raises NotFound, Invalid('chat_example_short'), LimitReached('chat_examples_most').
    """
    check_intent(intent)
    next_edition()
    added = keep_examples(intent, sentences, actor)
    if not added:
        raise Invalid("field_missing", "sentences")
    audit.record(
        "chat_answer.examples", "chat_answer", intent, after={"sentences": added}, actor=actor
    )


def remove_example(example_id: int, actor: str) -> None:
    """Take a sentence away from its intent. Raises NotFound('chat_example_missing')."""
    next_edition()
    row = ChatExample.get_or_none(ChatExample.id == example_id)
    if row is None:
        raise NotFound("chat_example_missing")
    ChatExample.delete().where(ChatExample.id == example_id).execute()
    audit.record(
        "chat_answer.example_gone", "chat_answer", row.intent,
        before={"sentences": [row.sentence]}, actor=actor,
    )  # fmt: skip


def keep_examples(intent: str, sentences: Iterable[str], actor: str) -> list[str]:
    """Keep the sentences of an intent without a log line; those that were kept."""
    forms = {form_of(line): line for each in sentences if (line := clean_line(each))}
    for form, line in forms.items():
        if len(form) < SHORTEST or not fits(line, KEPT_MOST, KEPT_MOST):
            raise Invalid("chat_example_short", "sentences", sentence=line[:20], most=KEPT_MOST)
    own = ChatExample.select().where(ChatExample.intent == intent).count()
    if own + len(forms) > EXAMPLES_OF_ONE_MOST:
        raise LimitReached("chat_examples_most", "sentences", limit=EXAMPLES_OF_ONE_MOST)
    if ChatExample.select().count() + len(forms) > EXAMPLES_MOST:
        raise LimitReached("chat_examples_most", "sentences", limit=EXAMPLES_MOST)
    for form, line in forms.items():
        values = {"intent": intent, "sentence": line, "added_at": clock.now(),
                  "added_by": actor[:64]}  # fmt: skip
        if not insert_once(ChatExample, form=form, **values):
            ChatExample.update(**values).where(ChatExample.form == form).execute()
    return list(forms.values())


def is_own(intent: str) -> bool:
    """Whether an intent is the merchant's own."""
    return intent.startswith(OWN)


def check_intent(intent: str) -> None:
    """Raise NotFound('chat_answer_missing') for an intent that nobody knows."""
    if is_own(intent):
        own_answer_or_raise(intent)
    else:
        file_answer_or_raise(intent)


def own_answer_or_raise(intent: str) -> ChatAnswer:
    """The row of an own answer. Raises NotFound('chat_answer_missing')."""
    row = ChatAnswer.get_or_none((ChatAnswer.intent == intent) & ChatAnswer.is_own)
    if row is None:
        raise NotFound("chat_answer_missing")
    return row


def file_answer_or_raise(intent: str) -> FileAnswer:
    """The answer of a file. Raises NotFound('chat_answer_missing')."""
    for each in knowledge().answers():
        if each.intent == intent:
            return each
    raise NotFound("chat_answer_missing")


def _save(intent: str, values: dict[str, Any], edition: int | None, actor: str) -> dict[str, Any]:
    """Change the row of an answer, or make it; returns what stood there."""
    next_edition()
    row = ChatAnswer.get_or_none(ChatAnswer.intent == intent)
    if edition is not None and edition != (row.edition if row else 0):
        raise Conflict("chat_answer_moved")
    kept = values | {"changed_at": clock.now(), "changed_by": actor[:64]}
    if row is None:
        if is_own(intent):
            raise NotFound("chat_answer_missing")
        ChatAnswer.insert(intent=intent, **({"text": ""} | kept)).execute()
        return columns_of(ChatAnswer(text="", title=""))
    ChatAnswer.update(edition=ChatAnswer.edition + 1, **kept).where(
        ChatAnswer.id == row.id
    ).execute()
    return columns_of(row)


def next_edition(*, is_own: bool = False) -> AnswersEdition:
    """Count a change, so that every process reads the answers anew; also their common lock."""
    now = system_state.locked(AnswersEdition)
    following = AnswersEdition(edition=now.edition + 1, own=now.own + int(is_own))
    system_state.put(following)
    return following


def _check_text(text: str, file: FileAnswer | None) -> None:
    size = len(text.encode())
    if size > TEXT_BYTES_MOST:
        raise Invalid("chat_text_long", "text", most=TEXT_BYTES_MOST // 3, size=size // 3)
    known = knowledge().taps() | set(file.names if file else ())
    for name in NAMED.findall(text):
        if name not in known:
            raise Invalid("chat_name_unknown", "text", name=name)


def _checked_title(title: str, intent: str) -> str:
    """An own answer's title: short, and no question of another answer."""
    name = clean_line(title)
    if not name or not fits(name, TITLE_MOST, 60) or not form_of(name):
        raise Invalid("chat_title_bad", "title", limit=TITLE_MOST)
    same = form_of(name)
    others = {form_of(each.title) for each in knowledge().answers()}
    rows = ChatAnswer.select().where(ChatAnswer.is_own & (ChatAnswer.intent != intent))
    if same in others | {form_of(row.title) for row in rows}:
        raise Invalid("chat_title_taken", "title")
    return name
