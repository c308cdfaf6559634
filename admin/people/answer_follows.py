"""What follows an answer: a picture, and products as cards, chosen by number or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain import catalog, chat_answers, pricing
from domain.catalog import PictureRef, ProductCard
from kernel.errors import Invalid, NotFound
from kernel.web.forms import Form
from kernel.web.templates import picture_view

FIELDS = tuple(f"card_{place}" for place in range(1, chat_answers.CARDS_MOST + 1))
SHELF_MOST = 300
_TYPED_MOST = 160
_DIGITS_MOST = 15


class Card(NamedTuple):
    """A product as a card of the chat."""

    title: str
    note: str
    picture: str


def typed_cards(form: Form) -> tuple[str, ...]:
    """What stands in each of the fields."""
    return tuple(form.text(name, most=_TYPED_MOST, required=False) for name in FIELDS)


def products_of(cards: Sequence[str]) -> tuple[int, ...]:
    """The products that were chosen. Raises Invalid('chat_card_unknown') at the field."""
    chosen = zip(FIELDS, cards, strict=True)
    return tuple(_product(said, field) for field, said in chosen if said)


def _product(said: str, field: str) -> int:
    """A product by its number, as a choice names it, or by words that one on the shelf has."""
    number = _number(said)
    named = _choices([number]) if number else []
    if named and said in (named[0], str(number)):
        return number
    found = catalog.search(said, 2)
    if len(found) != 1:
        raise Invalid("chat_card_unknown", field)
    return found[0].id


def values_of(products: Sequence[int]) -> dict[str, str]:
    """The fields of the products that stand."""
    choices = _choices(products)
    return {name: (choices[n : n + 1] or [""])[0] for n, name in enumerate(FIELDS)}


def _choices(products: Iterable[int]) -> list[str]:
    """How products are named in a field; unknown ones are left out."""
    found = []
    for each in products:
        try:
            title = catalog.product_detail_for_merchant(each).form.title
        except NotFound:
            continue
        found.append(_choice(each, title))
    return found


def _choice(product_id: int, title: str) -> str:
    return f"{product_id} {title}"


def cards_of(products: Sequence[int]) -> list[Card]:
    """The cards that follow an answer now: of the products on the shelf."""
    return [_card(each) for each in pricing.product_cards(products)]


def shelf() -> dict[str, Card]:
    """What can be chosen, by what the field then holds; the first of a long shelf."""
    cards = pricing.home(SHELF_MOST).cards
    return {_choice(each.id, each.title): _card(each) for each in cards}


def shown(values: Mapping[str, str]) -> dict[str, Any]:
    """What the form's fields and the phone beside it show."""
    known = shelf()
    return {
        "values": values, "shelf": known, "off_shelf": _off_shelf(values, known),
        "picture": picture(values.get("picture", "")), "card_fields": FIELDS,
        "cards_by_choice": {choice: card._asdict() for choice, card in known.items()},
    }  # fmt: skip


def picture(picture_id: str) -> PictureRef | None:
    """A stored picture; None for "" and for an unknown one."""
    return catalog.pictures([picture_id]).get(picture_id) if picture_id else None


def _off_shelf(values: Mapping[str, str], known: Mapping[str, Any]) -> set[str]:
    """The fields whose product is not on the shelf."""
    left = {name: said for name in FIELDS if (said := values.get(name, "")) not in known and said}
    numbers = {name: number for name, said in left.items() if (number := _number(said))}
    shown = {card.id for card in pricing.product_cards(list(numbers.values()))} if numbers else {}
    return {name for name, number in numbers.items() if number not in shown}


def _number(typed: str) -> int:
    """The number at the beginning of a choice; 0 if there is none."""
    number = typed.partition(" ")[0]
    is_one = number.isascii() and number.isdigit() and len(number) <= _DIGITS_MOST
    return int(number) if is_one else 0


def _card(card: ProductCard) -> Card:
    title, note = chat_answers.knowledge().card(card)
    view = picture_view(card.cover)
    return Card(title, note, view.src if view is not None else "")
