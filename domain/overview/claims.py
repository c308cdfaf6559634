"""Texts that stand in the shop and claim what their evidence no longer proves, or soon will not.

A text is judged when it is saved. Evidence ends later; so what stands is judged again, as long as
some evidence ends or has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain import public_texts, settings
from kernel import rich_text
from models import ChatAnswer, OfferRow, Product, ProductStory

Where = Literal["product", "offer", "answer", "storefront"]
READ_MOST = 2000
"""Products that are read again; the newest first."""


@dataclass(frozen=True)
class TextAtRisk:
    """A text, where it stands, and the phrase whose evidence ends; ``day`` None: it has ended."""

    where: Where
    id: int
    title: str
    phrase: str
    claim: str
    day: date | None


@dataclass(frozen=True)
class _Standing:
    where: Where
    id: int
    title: str
    text: str


def texts_at_risk() -> list[TextAtRisk]:
    """Texts whose evidence has ended or ends soon, the ended ones first; each phrase once."""
    if not public_texts.evidence_ending():
        return []
    found = {
        (each.where, each.id, proof.phrase): TextAtRisk(
            each.where, each.id, each.title, proof.phrase, proof.claim, proof.until
        )
        for each in _standing()
        for proof in public_texts.proofs_at_risk(each.text)
    }
    return sorted(found.values(), key=lambda each: each.day or date.min)


def _standing() -> Iterator[_Standing]:
    """The texts of the shop that everybody may read now."""
    shelf = Product.select().where(Product.state == "on_shelf").order_by(Product.id.desc())
    for row in shelf.limit(READ_MOST):
        for text in (row.title, row.subtitle, row.description, row.usage):
            if text:
                yield _Standing("product", row.id, row.title, text)
    stories = (
        ProductStory.select(Product.id, Product.title, ProductStory.html)
        .join(Product)
        .where((Product.state == "on_shelf") & (ProductStory.html != ""))
        .order_by(Product.id.desc())
        .limit(READ_MOST)
    )
    for each in stories.objects():
        yield _Standing("product", each.id, each.title, rich_text.text_of(each.html))
    for offer in OfferRow.select().where(OfferRow.state == "on"):
        yield _Standing("offer", offer.id, offer.title, offer.label)
    for answer in ChatAnswer.select().where(~ChatAnswer.is_off):
        if answer.text:
            yield _Standing("answer", answer.id, answer.title or answer.intent, answer.text)
    front = settings.get(settings.Storefront)
    yield _Standing("storefront", 0, front.slogan, f"{front.slogan}\n{front.shelf_title}")
