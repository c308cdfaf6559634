"""What follows the text of an answer: one picture, and products as cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import catalog
from domain.chat_answers.facts import AnswerForm, Follows
from kernel.errors import Invalid, LimitReached

CARDS_MOST = 3
"""With a late text and a picture these are five messages, which WeChat accepts after each one of
the person's. A message holds one card.
"""
_COLUMNS = ("title", "text", "picture", "products")
_LOGGED_DIGITS = 12


def checked_follows(form: AnswerForm) -> dict[str, Any]:
    """The columns of what follows the text.

    Raises Invalid: 'picture_missing', 'chat_card_unknown'; LimitReached('chat_cards_most').
    """
    if form.picture and form.picture not in catalog.pictures([form.picture]):
        raise Invalid("picture_missing", "picture")
    products = list(dict.fromkeys(form.products))
    if len(products) > CARDS_MOST:
        raise LimitReached("chat_cards_most", limit=CARDS_MOST)
    if len(catalog.known_ids("product", products)) < len(products):
        raise Invalid("chat_card_unknown", "products")
    return {"picture": form.picture, "products": products or None}


def follows_of(row: Any) -> Follows:
    """What follows the text of an answer's row."""
    return Follows(row.picture, tuple(row.products or ()))


def columns_of(row: Any) -> dict[str, Any]:
    """What the merchant may change of a row."""
    return {name: getattr(row, name) for name in _COLUMNS}


def logged(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of an answer as the log keeps them: of a picture the beginning of its content id."""
    log = {name: values[name] for name in ("title", "text") if name in values}
    if "picture" in values:
        log["pictures"] = [values["picture"][:_LOGGED_DIGITS]] if values["picture"] else []
        log["products"] = values["products"] or []
    return log
