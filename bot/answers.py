"""The chat's answers of the moment: those of the files, as the merchant changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.handlers import COMMANDS
from bot.intent import Intent
from bot.intents import INTENTS, KNOWN, TITLES
from bot.understanding.matcher import Example, Examples
from bot.wording import names_of, source_of
from domain.chat_answers import LiveAnswers
from kernel.words import folded


@dataclass(frozen=True)
class Answers:
    """Intents by id, examples that count at once, and the edition of the merchant's changes."""

    intents: Mapping[str, Intent]
    examples: Examples
    edition: int = 0


OF_THE_FILES = Answers(INTENTS, KNOWN)
"""Without a change of the merchant's."""


TAPS = frozenset(
    {name for each in COMMANDS if each.shown for name in each.names}
    | {each.title for each in INTENTS.values()}
)
"""The commands and questions that any text may name as a tap."""


def answers_of(live: LiveAnswers) -> Answers:
    """The files' answers with the merchant's changes, own answers and examples.

    An intent that is off has neither answer nor examples.
    """
    intents = {
        key: each for key, each in INTENTS.items() if key not in live.off or each.is_required
    }
    for key, text in live.texts.items():
        if key in intents:
            intents[key] = said_otherwise(intents[key], text)
    for own in live.own:
        intents[own.intent] = Intent(
            id=own.intent, title=own.title, answer=source_of(own.text, {})
        )
    for key, follows in live.follows.items():
        if key in intents:
            intents[key] = replace(
                intents[key], picture=follows.picture, products=follows.products
            )
    examples = [each for each in KNOWN.examples if each.intent in intents]
    examples += [
        Example(sentence=folded(sentence), intent=intent)
        for intent, sentence in live.examples if intent in intents
    ]  # fmt: skip
    titles = [each for each in TITLES if each.intent in intents]
    titles += [Example(sentence=folded(each.title), intent=each.intent) for each in live.own]
    return Answers(intents, Examples(examples, titles), live.edition)


def said_otherwise(intent: Intent, text: str) -> Intent:
    """An intent that answers in the merchant's words; without facts it says its other text."""
    if intent.reply is not None:
        return replace(intent, answer=source_of(text, {}), facts=None, reply=None)
    return replace(intent, answer=source_of(text, names_of(intent)))
