"""证照图片: uploaded with a mark, shown to everybody, replaced and taken away."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from aiohttp import FormData
from PIL import Image, ImageChops

from domain import legal
from gateways.pictures.watermark import marked
from kernel import clock
from kernel.web.browsers import Browser
from tests.face.admin.test_legal import COMPANY
from tests.face.desk import Desk, hire
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_picture
from tests.harness.markup import errors_of, fields_of, lines_of, texts_of, values_of

URL, PAGE = "/admin/settings/business", "/admin/legal/business"


def png() -> bytes:
    """A white document."""
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "white").save(out, "PNG")
    return out.getvalue()


async def send(desk: Desk, files: dict[str, bytes], **more: str) -> tuple[int, str]:
    """Send the form of the company as a browser does."""
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie)} | COMPANY | more)
    for name, data in files.items():
        form.add_field(f"{name}_file", io.BytesIO(data), filename="a.png" if data else "")
    answer = await desk.client.post(URL, data=form, headers=desk._headers(), allow_redirects=False)
    return answer.status, answer.headers.get("Location") or await answer.text()


def test_a_mark_covers_the_whole_picture() -> None:
    with Image.open(io.BytesIO(marked(png(), "仅用于山泉坊证照公示"))) as drawn:
        assert drawn.size == (900, 600)
        changed = ImageChops.difference(
            drawn.convert("RGB"), Image.new("RGB", (900, 600), "white")
        )
        for left in range(0, 900, 300):
            for top in range(0, 600, 300):
                part = changed.crop((left, top, left + 300, top + 300))
                assert max(high for _, high in part.getextrema()) > 40, (left, top)


@pytest.mark.row("L1")
async def test_a_licence_is_kept_while_another_field_is_wrong(desk: Desk) -> None:
    status, page = await send(desk, {"licence_picture": png()}, complaint_phone="打给小王")
    assert (status, "complaint_phone" in errors_of(page)) == (422, True)
    kept = fields_of(page, URL)["licence_picture"]
    assert len(kept) == 64
    assert (await send(desk, {}, licence_picture=kept))[0] == 303
    assert legal.business_form().licence_picture == kept
    shown = (await desk.get(PAGE))[1]
    assert kept in values_of(shown, "#f-licence_picture img", "src")[0]
    assert (await send(desk, {}, version="1", licence_picture=kept, licence_picture_gone="1"))[
        0
    ] == 303
    assert legal.business_form().licence_picture == ""


@pytest.mark.row("L1")
async def test_what_is_no_picture_is_refused_at_its_field(desk: Desk) -> None:
    status, page = await send(desk, {"food_permit_picture": b"no picture"})
    assert (status, set(errors_of(page))) == (422, {"food_permit_picture"})
    status, page = await send(desk, {}, food_permit_picture="../etc")
    assert (status, set(errors_of(page))) == (422, {"food_permit_picture"})
    hire("lisa", "finance")
    desk.sign_in("lisa")
    assert (await send(desk, {"food_permit_picture": png()}))[0] == 403
    assert legal.business_form().food_permit_picture == ""


@pytest.mark.row("L1")
async def test_everybody_sees_the_licences_with_their_days(desk: Desk, lin: Shopper) -> None:
    make_picture("d")
    day = (clock.business_day(clock.now()) + timedelta(days=20)).isoformat()
    await send(desk, {}, licence_picture="d" * 64, licence_until=day)
    page = (await lin.get("/legal/licences")).text
    assert texts_of(page, "figcaption") == ["营业执照"]
    assert "d" * 64 in values_of(page, "figure img", "src")[0]
    assert any(f"有效期至 {day}" in each for each in texts_of(page, "article li"))
    assert f"营业执照 {day} 到期" in lines_of((await desk.get("/admin/"))[1], ".notice")
    clock.set_offset(timedelta(days=21))
    desk.sign_in("boss")
    assert "营业执照已于" in lines_of((await desk.get("/admin/"))[1], ".notice")
