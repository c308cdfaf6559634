"""图文详情: edited at the desk, cleaned by the server, shown by the mall."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from domain import catalog
from gateways.pictures.images import ImageStore
from kernel.web.browsers import Browser
from models import LoosePicture, Picture, ProductStory
from tests.face.conftest import OpenFace
from tests.face.desk import COOKIE, Desk, hire, open_desk
from tests.factories.catalog import make_product
from tests.harness.markup import errors_of, fields_of, texts_of, values_of, words_of

pytestmark = pytest.mark.row("B3")


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The operator's desk."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("lisa", "operator")
    opened.sign_in("lisa")
    return opened


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "#884422").save(out, "PNG")
    return out.getvalue()


async def upload(desk: Desk, product_id: int, data: bytes, csrf: str = "") -> Any:
    """Send a picture as the editor's script does."""
    form = FormData({"_csrf": csrf or Browser.csrf_of(desk.cookie)})
    form.add_field("picture", io.BytesIO(data), filename="窖池.png")
    return await desk.client.post(
        f"/admin/products/{product_id}/story/pictures", data=form,
        headers={"Cookie": f"{COOKIE}={desk.cookie}", "Accept": "application/json"},
        allow_redirects=False,
    )  # fmt: skip


async def test_written_with_a_picture_and_shown_lazily_in_its_place(desk: Desk) -> None:
    made = make_product("陈酿", description="纯文字介绍")
    url = f"/admin/products/{made.product_id}/story"
    _, page = await desk.get(url)
    plain = "<p>纯文字介绍</p>"
    assert words_of(page, "textarea") == plain  # what stands is carried into it
    sent = await upload(desk, made.product_id, png())
    got = await sent.json()
    assert (sent.status, got["width"], got["height"]) == (200, 900, 600)
    html = f'<h2>酿造</h2><p>入窖</p><p><img src="{got["src"]}" alt="窖池"></p>'
    status, _ = await desk.post(url, **(fields_of(page, url) | {"story": html}))
    assert (status, await desk.said()) == (303, "图文详情已保存")
    _, page = await desk.get(url)
    assert values_of(words_of(page, "textarea"), "img", "src") == [got["src"]]
    _, page = await desk.get(f"/admin/products/{made.product_id}")
    assert "1 张图片" in words_of(page, "#story")
    shown = catalog.product_page(made.product_id)
    assert "纯文字介绍" not in shown.story


async def test_a_picture_that_is_none_or_of_nobody_is_refused(desk: Desk) -> None:
    made = make_product()
    sent = await upload(desk, made.product_id, b"<svg onload=alert(1)>")
    assert (sent.status, list(await sent.json())) == (422, ["error"])
    assert (await upload(desk, made.product_id + 1, png())).status == 422
    assert (await upload(desk, made.product_id, png(), csrf="x")).status == 403
    assert Picture.select().where(Picture.width == 900).count() == 0
    assert LoosePicture.select().count() == 0


async def test_pictures_of_elsewhere_are_told_and_the_rest_stays(desk: Desk) -> None:
    made = make_product()
    url = f"/admin/products/{made.product_id}/story"
    _, page = await desk.get(url)
    html = (
        '<p>很长的一段介绍</p><img src="https://elsewhere.example/a.png"><script>alert(1)</script>'
    )
    status, page = await desk.post(url, **(fields_of(page, url) | {"story": html}))
    assert status == 422
    assert errors_of(page)["story"].startswith("有 1 张图片来自别处")
    rest = "<p>很长的一段介绍</p>"
    assert words_of(page, "textarea") == rest  # saved again, it is accepted
    assert not ProductStory.select().exists()
    status, _ = await desk.post(url, **fields_of(page, url))
    assert status == 303


async def test_its_words_are_judged_like_every_public_text(desk: Desk) -> None:
    made = make_product()
    url = f"/admin/products/{made.product_id}/story"
    _, page = await desk.get(url)
    html = "<p>这是国<b>家级</b>好酒</p>"
    status, page = await desk.post(url, **(fields_of(page, url) | {"story": html}))
    assert status == 422
    assert "“国家级”" in errors_of(page)["story"]
    assert words_of(page, "textarea") == html
    assert not ProductStory.select().exists()


async def test_a_stale_tab_keeps_what_was_typed(desk: Desk) -> None:
    made = make_product()
    url = f"/admin/products/{made.product_id}/story"
    _, page = await desk.get(url)
    catalog.save_story(made.product_id, "<p>同事写的</p>")
    mine = "<p>我写的</p>"
    status, page = await desk.post(url, **(fields_of(page, url) | {"story": mine}))
    assert status == 422
    assert "“同事写的”" in errors_of(page)["story"]
    assert words_of(page, "textarea") == mine
    status, _ = await desk.post(url, **fields_of(page, url))
    assert (status, catalog.story_of(made.product_id).html) == (303, mine)


async def test_emptied_it_gives_way_to_the_plain_text(desk: Desk) -> None:
    made = make_product(description="纯文字介绍")
    catalog.save_story(made.product_id, "<p>图文</p>")
    url = f"/admin/products/{made.product_id}/story"
    _, page = await desk.get(url)
    status, _ = await desk.post(url, **(fields_of(page, url) | {"story": "<p><br></p>"}))
    assert (status, catalog.product_page(made.product_id).story) == (303, "")


async def test_who_may_only_look_sees_no_editor(desk: Desk) -> None:
    made = make_product()
    catalog.save_story(made.product_id, "<p>图文</p>")
    hire("tom", "service")
    desk.sign_in("tom")
    status, page = await desk.get(f"/admin/products/{made.product_id}/story")
    assert status == 200
    assert texts_of(page, "[data-editor], main button") == []
