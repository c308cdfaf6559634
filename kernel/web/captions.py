"""The words that go with a poster into Moments (朋友圈文案), the same in chat and on the page."""

from __future__ import annotations

from typing import Protocol

from kernel import catalogues

TEXT = catalogues.of("shared").names("caption")


class Goods(Protocol):
    """What a caption says of a product."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def subtitle(self) -> str:
        """Its selling line; may be empty."""

    @property
    def is_liquor(self) -> bool:
        """Whether the warning of liquor belongs to it."""


def caption(name: str, seller: str, link: str, goods: Goods | None) -> str:
    """An advertisement's words to copy: the product, else the shop's name; link, seller, warning.

    It names no price: the words stay in Moments after a price has changed.
    """
    lines = [TEXT["title"].format(title=goods.title if goods is not None else name)]
    if goods is not None and goods.subtitle:
        lines.append(goods.subtitle)
    lines += [TEXT["link"].format(link=link), TEXT["seller"].format(seller=seller)]
    if goods is None or goods.is_liquor:
        lines.append(TEXT["liquor"])
    return "\n".join(lines)
