"""Products as the chat shows them: a card with its picture, or a short list of links."""

from __future__ import annotations

from collections.abc import Sequence

from bot.call import Call
from bot.following import StoredImage
from bot.intent import Intent
from domain import pricing
from domain.catalog import PictureRef, ProductCard
from kernel.chat import Article, NewsReply, Reply
from kernel.pictures import picture_path
from kernel.web.templates import yuan_whole

SHOWN = 5
CHOSEN_MOST = 8
"""Cards of an answer that says why these."""
PICTURE_WIDTH = 900


def product_reply(call: Call, cards: Sequence[ProductCard], words: str = "") -> Reply:
    """One product is a card; several are cards after a tap, a list of links after a text."""
    if not cards:
        return call.answer("product_none.txt", words=words)
    shown = cards[:SHOWN]
    _remember(call, shown)
    if len(shown) == 1 or call.takes_cards:
        return NewsReply(tuple(article(call, card) for card in shown))
    has_more = len(cards) > SHOWN
    return call.answer("products.txt", cards=shown, words=words, why="", has_more=has_more)


def chosen_reply(call: Call, cards: Sequence[ProductCard], why: str, has_more: bool) -> Reply:
    """Products that were chosen for a wish, up to eight, with one line that says why these."""
    shown = cards[:CHOSEN_MOST]
    _remember(call, shown)
    if len(shown) == 1:
        return NewsReply((article(call, shown[0], why),))
    if call.takes_cards:
        return NewsReply(tuple(article(call, card) for card in shown))
    more = has_more or len(cards) > len(shown)
    return call.answer("products.txt", cards=shown, words="", why=why, has_more=more)


async def add_following(call: Call, intent: Intent) -> None:
    """What the merchant has follow an answer: the picture, and the products on the shelf."""
    if intent.picture:
        call.following.append(StoredImage(intent.picture))
    if intent.products:
        cards = await call.read(pricing.product_cards, intent.products)
        _remember(call, cards)
        call.following += [article(call, card) for card in cards]


def _remember(call: Call, shown: Sequence[ProductCard]) -> None:
    """One product alone is what the next question may be about."""
    if len(shown) == 1:
        call.about = shown[0].id


def article(call: Call, card: ProductCard, why: str = "") -> Article:
    """A product as a news card; a tap opens the product's page, signed in."""
    title, description = words_of(card, why)
    picture = picture_url(call, card.cover) if card.cover else ""
    return Article(
        title=title,
        description=description,
        url=call.url(f"/m/p/{card.id}"),
        picture_url=picture,
    )


def words_of(card: ProductCard, why: str = "") -> tuple[str, str]:
    """The title of a product's card, and the line below it."""
    state = "已售罄" if card.is_sold_out else card.subtitle
    facts = (why, card.label, card.strength, state)
    title = f"{card.title}　¥{yuan_whole(card.price_fen)}"
    return title, " · ".join(fact for fact in facts if fact)


def picture_url(call: Call, picture: PictureRef) -> str:
    """The address of a picture in the width that a card needs."""
    fitting = [width for width in picture.widths if width <= PICTURE_WIDTH]
    width = max(fitting, default=min(picture.widths))
    return f"{call.deps.config.public_url}/uploads/{picture_path(picture.id, width, 'jpg')}"
