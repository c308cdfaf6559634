"""Rich details: what is kept of HTML, versions, copies, and pictures that go when unused."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from domain import catalog
from domain.catalog.stories import LEFT_FOR, drop_unused_pictures
from gateways.pictures.images import ImageStore
from kernel import clock, context, rich_text
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.pictures import StoredPicture
from models import AuditEntry, LoosePicture, Picture, StoryPicture
from tests.factories.catalog import make_product


def drawn(n: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (n * 40, 90, 90)).save(out, "PNG")
    return out.getvalue()


def stored(letter: str) -> StoredPicture:
    return StoredPicture(letter * 64, 750, 500, "#aabbcc", (375, 750))


def img(letter: str, alt: str = "") -> str:
    return f'<img src="/uploads/{letter * 2}/{letter * 64}-750.jpg" alt="{alt}">'


def test_a_story_is_saved_and_read_with_its_pictures(db: Any) -> None:
    product_id = make_product().product_id
    catalog.keep_story_picture(stored("a"))
    catalog.save_story(product_id, f"<h2>酿造</h2><p>入窖<b>九月</b></p>{img('a', '窖池')}", 0)
    page = catalog.product_page(product_id)
    assert page.story == f'<h2>酿造</h2><p>入窖<b>九月</b></p><img src="{"a" * 64}" alt="窖池">'
    assert [each.width for each in page.story_pictures] == [750]
    assert catalog.story_of(product_id).version == 1
    entry = AuditEntry.get(AuditEntry.action == "product.story")
    assert entry.after == {"letters": 10, "story_pictures": 1}
    catalog.save_story(product_id, "<p><br></p>", 1)
    assert catalog.product_page(product_id).story == ""
    assert StoryPicture.select().count() == 0


def test_a_stale_version_is_refused_and_changes_nothing(db: Any) -> None:
    product_id = make_product().product_id
    catalog.save_story(product_id, "<p>一</p>", 0)
    with pytest.raises(Conflict, match="story_moved"):
        catalog.save_story(product_id, "<p>二</p>", 0)
    assert catalog.story_of(product_id).html == "<p>一</p>"


def test_what_cannot_be_shown_is_refused(db: Any) -> None:
    product_id = make_product().product_id
    with pytest.raises(Invalid, match="story_pictures_foreign") as wrong:
        catalog.save_story(product_id, '<p>x</p><img src="https://elsewhere.example/a.png">')
    assert wrong.value.facts == {"count": 1}
    with pytest.raises(Invalid, match="picture_missing"):
        catalog.save_story(product_id, img("b"))
    with pytest.raises(Invalid, match="story_too_long"):
        catalog.save_story(product_id, "<p>" + "酒" * 20_001 + "</p>")
    with pytest.raises(LimitReached, match="story_pictures_many"):
        catalog.save_story(product_id, "".join(img(f"{n:064x}"[-1]) for n in range(16)) + "".join(
            f'<img src="{n:064x}">' for n in range(100, 130)))  # fmt: skip
    with pytest.raises(NotFound, match="product_missing"):
        catalog.save_story(product_id + 1, "<p>x</p>")
    assert catalog.story_of(product_id).html == ""


def test_the_longest_story_fits_into_the_column(db: Any) -> None:
    product_id = make_product().product_id
    text = "酒" * 19_990
    catalog.save_story(product_id, f"<p>{text}</p>")
    assert rich_text.text_of(catalog.story_of(product_id).html) == text


def test_a_copy_has_the_same_story(db: Any) -> None:
    product_id = make_product().product_id
    catalog.keep_story_picture(stored("a"))
    catalog.save_story(product_id, f"<p>好</p>{img('a')}")
    copy = catalog.copy_product(product_id, "副本")
    assert catalog.story_of(copy).html == catalog.story_of(product_id).html
    assert StoryPicture.select().count() == 2


async def test_a_picture_goes_a_week_after_nothing_shows_it(store: Any, tmp_path: Path) -> None:
    images = ImageStore(tmp_path)
    kept, unused, elsewhere = (images.save(drawn(n)) for n in range(3))
    product_id = await store.write(lambda: make_product().product_id)
    for each in (kept, unused, elsewhere):
        await store.write(catalog.keep_story_picture, each)
    await store.write(catalog.save_picture, elsewhere, "分类")  # another door took it as well
    with context.acting("staff:owner"):
        await store.write(catalog.save_story, product_id, f'<img src="{kept.id}">')
    assert await drop_unused_pictures(store, images) == 0  # an editor may still be open
    clock.set_offset(clock.offset() + LEFT_FOR + timedelta(minutes=1))
    assert await drop_unused_pictures(store, images) == 1
    assert images.files.versions(unused.id) == []
    assert images.files.versions(kept.id)
    assert images.files.versions(elsewhere.id)
    digests = await store.read(lambda: {row.digest for row in Picture.select()})
    assert {kept.id, elsewhere.id} <= digests
    assert unused.id not in digests
    with context.acting("staff:owner"):
        await store.write(catalog.save_story, product_id, "")
    assert await drop_unused_pictures(store, images) == 1
    assert images.files.versions(kept.id) == []
    assert await store.read(LoosePicture.select().count) == 0
