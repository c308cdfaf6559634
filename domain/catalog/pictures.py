"""Pictures as pages show them (图片)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models import Category, Picture, ProductPicture, StoryPicture


@dataclass(frozen=True)
class PictureRef:
    """A picture by its content id; ``kernel.pictures.variants`` gives its addresses."""

    id: str
    width: int
    height: int
    color: str
    widths: tuple[int, ...]
    alt: str = ""


def pictures(digests: Iterable[str]) -> dict[str, PictureRef]:
    """Pictures by their content ids, which order lines keep; unknown ones are left out."""
    wanted = sorted(set(digests))
    query = Picture.select().where(Picture.digest.in_(wanted)) if wanted else ()
    return {
        p.digest: PictureRef(p.digest, p.width, p.height, p.color, tuple(p.widths), p.alt)
        for p in query
    }


def unused_pictures_by_alt(alt: str) -> list[str]:
    """Content ids of the pictures stored with this ``alt`` that the catalogue doesn't show."""
    rows = Picture.select(Picture.digest).where((Picture.alt == alt) & ~is_shown())
    return [str(row.digest) for row in rows]


def pictures_of_lines(holders: Iterable[Any]) -> dict[str, PictureRef]:
    """The pictures of the lines of orders or cases, by content id."""
    ids = {line.picture_id for each in holders for line in each.lines if line.picture_id}
    return pictures(ids) if ids else {}


def picture_of(row: Any) -> PictureRef | None:
    """The picture joined to a row, or None."""
    if row.digest is None:
        return None
    return PictureRef(
        row.digest,
        row.picture_width,
        row.picture_height,
        row.color,
        tuple(row.widths),
        row.picture_alt,
    )


def is_shown() -> Any:
    """The condition that a product, its rich detail or a category shows a picture."""
    of_products = Picture.id.in_(ProductPicture.select(ProductPicture.picture))
    of_stories = Picture.id.in_(StoryPicture.select(StoryPicture.picture))
    return of_products | of_stories | Picture.digest.in_(Category.select(Category.picture))
