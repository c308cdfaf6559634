"""The rich detail of a product: cleaned HTML with pictures (图文详情), and which pictures go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import audit
from domain.catalog.pictures import PictureRef, is_shown, pictures
from domain.catalog.ports import ForgetsPictures
from kernel import clock, rich_text
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.pictures import StoredPicture
from kernel.store import Store, insert_once
from models import LoosePicture, Picture, Product, ProductStory, StoryPicture

BYTES_MOST = 60_000
"""What a text column of MariaDB holds; some 18,000 characters with pictures."""
PICTURES_MOST = 40
LEFT_FOR = timedelta(days=7)
"""A picture that no detail shows is kept this long: an editor may be open that names it."""
AT_ONCE = 100


@dataclass(frozen=True)
class Story:
    """A product's rich detail with its pictures by id; ``html`` is "" if it has none."""

    html: str = ""
    version: int = 0
    pictures: tuple[PictureRef, ...] = ()
    updated_at: datetime | None = None


def story_of(product_id: int) -> Story:
    """The rich detail of a product."""
    row = ProductStory.get_or_none(ProductStory.product == product_id)
    if row is None:
        return Story()
    return Story(row.html, row.version, pictures_of_story(row.html), row.updated_at)


def pictures_of_story(html: str) -> tuple[PictureRef, ...]:
    """The pictures that stored HTML names and that exist."""
    ids = rich_text.pictures_in(html)
    return tuple(pictures(ids).values()) if ids else ()


def _checked(html: str) -> rich_text.Cleaned:
    """HTML cleaned and within its limits.

    Raises Invalid('story_pictures_foreign', 'story_too_long'), LimitReached.
    """
    made = rich_text.clean(html)
    if made.foreign:
        raise Invalid("story_pictures_foreign", "story", count=made.foreign)
    if len(made.html.encode()) > BYTES_MOST or len(html) > rich_text.INPUT_MOST:
        raise Invalid("story_too_long", "story")
    if len(made.pictures) > PICTURES_MOST:
        raise LimitReached("story_pictures_many", "story", limit=PICTURES_MOST)
    return made


def save_story(product_id: int, html: str, version: int | None = None) -> None:
    """Save the rich detail of a product; an empty one removes it. ``version`` as it was shown.

    Raises NotFound, Conflict('story_moved'), Invalid('picture_missing'), and what
    ``_checked`` raises.
    """
    made = _checked(html)
    if not Product.select().where(Product.id == product_id).exists():
        raise NotFound("product_missing")
    rows = Picture.select(Picture.id, Picture.digest).where(Picture.digest.in_(made.pictures))
    known = {row.digest: row.id for row in rows} if made.pictures else {}
    if len(known) != len(made.pictures):
        raise Invalid("picture_missing", "story")
    now = clock.now()
    insert_once(ProductStory, product=product_id, html="", version=0, updated_at=now)
    before = ProductStory.get(ProductStory.product == product_id)
    same = (ProductStory.product == product_id) & (
        ProductStory.version == (before.version if version is None else version)
    )
    values = {"html": made.html, "updated_at": now, "version": ProductStory.version + 1}
    if ProductStory.update(values).where(same).execute() != 1:
        raise Conflict("story_moved")
    StoryPicture.delete().where(StoryPicture.product == product_id).execute()
    if known:
        StoryPicture.insert_many(
            [{"product": product_id, "picture": row_id} for row_id in sorted(known.values())]
        ).execute()
    audit.record(
        "product.story", "product", product_id,
        before=_facts(before.html), after=_facts(made.html),
    )  # fmt: skip


def keep_story_picture(stored: StoredPicture) -> PictureRef:
    """Keep a picture that was put into the editor; it goes again unless a detail shows it."""
    now = clock.now()
    is_new = insert_once(
        Picture, digest=stored.id, width=stored.width, height=stored.height, color=stored.color,
        widths=list(stored.widths), alt="", created_at=now,
    )  # fmt: skip
    row = Picture.get(Picture.digest == stored.id)
    if is_new:
        insert_once(LoosePicture, picture=row.id, at=now)
    else:  # the days in which an editor may still name it begin anew
        LoosePicture.update(at=now).where(LoosePicture.picture == row.id).execute()
    return PictureRef(row.digest, row.width, row.height, row.color, tuple(row.widths), row.alt)


async def drop_unused_pictures(store: Store, files: ForgetsPictures) -> int:
    """Delete pictures that only the editor stored and that nothing shows; returns how many."""
    dropped = await store.write(_drop_unused)
    for digest in dropped:
        await files.forget(digest)
    return len(dropped)


def _drop_unused() -> list[str]:
    old = LoosePicture.at <= clock.now() - LEFT_FOR
    loose = (
        LoosePicture.select(LoosePicture.id, Picture.id.alias("picture_id"), Picture.digest)
        .join(Picture)
        .where(old & ~is_shown())
        .order_by(LoosePicture.at)
        .limit(AT_ONCE)
        .objects()
    )
    found = [(row.id, row.picture_id, str(row.digest)) for row in loose]
    for loose_id, picture_id, _ in found:
        LoosePicture.delete().where(LoosePicture.id == loose_id).execute()
        Picture.delete().where(Picture.id == picture_id).execute()
    return [digest for _, _, digest in found]


def copy_story(from_id: int, to_id: int) -> None:
    """Give a copy of a product the same rich detail."""
    story = story_of(from_id)
    if story.html:
        save_story(to_id, story.html)


def _facts(html: str) -> dict[str, int]:
    return {
        "letters": len(rich_text.text_of(html)),
        "story_pictures": len(rich_text.pictures_in(html)),
    }
