"""Products as the chat shows them: a card with its picture, or a short list of links."""

from __future__ import annotations

from collections.abc import Sequence

from bot.call import Call
from domain.catalog import PictureRef, ProductCard
from kernel.chat import Article, NewsReply, Reply
from kernel.pictures import picture_path
from kernel.web.templates import yuan_whole

SHOWN = 5
PICTURE_WIDTH = 900


def product_reply(call: Call, cards: Sequence[ProductCard], words: str = "") -> Reply:
    """One product is a card; several are cards after a tap, a list of links after a text."""
    if not cards:
        return call.answer("product_none.txt", words=words)
    shown = cards[:SHOWN]
    if len(shown) == 1 or call.takes_cards:
        return NewsReply(tuple(article(call, card) for card in shown))
    has_more = len(cards) > SHOWN
    return call.answer("products.txt", cards=shown, words=words, has_more=has_more)


def article(call: Call, card: ProductCard) -> Article:
    """A product as a news card; a tap opens the product's page, signed in."""
    price = f"¥{yuan_whole(card.price_fen)}"
    facts = (price, card.label, card.strength, "已售罄" if card.is_sold_out else card.subtitle)
    picture = picture_url(call, card.cover) if card.cover else ""
    return Article(
        title=f"{card.title}　{price}",
        description=" · ".join(fact for fact in facts[1:] if fact),
        url=call.url(f"/m/p/{card.id}"),
        picture_url=picture,
    )


def picture_url(call: Call, picture: PictureRef) -> str:
    """The address of a picture in the width that a card needs."""
    fitting = [width for width in picture.widths if width <= PICTURE_WIDTH]
    width = max(fitting, default=min(picture.widths))
    return f"{call.deps.config.public_url}/uploads/{picture_path(picture.id, width, 'jpg')}"
