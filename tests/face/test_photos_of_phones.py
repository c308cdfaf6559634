"""Every door that takes photos, with what phones and their apps send."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from domain import distribution, payouts
from models import Member, Picture, ProductPicture
from tests.face.admin.test_desk import send
from tests.face.desk import Desk
from tests.face.mall.trade.test_aftersales import PATH, form_of
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import received_order
from tests.unit.test_pictures_phones import HEIC, lively

LACKS = "末尾缺少一部分数据"
AVATAR, LICENCE = "/m/me/avatar", "/m/d/licence"
NOW = "1"
CREDIT_CODE = "91350100M000100Y43"


def jpeg(*, lacking: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo, maybe without its last bytes."""
    out = io.BytesIO()
    lively(*size).save(out, "JPEG", quality=80)
    data = out.getvalue()
    return data[: len(data) - lacking]


HALF = jpeg()[:20_000]
REFUSED = ((HALF, "没有传完整"), (HEIC[:300], "兼容性最佳"), (b"hello", "这张图片打不开"))


async def test_an_avatar_lacking_two_bytes_is_taken_and_said(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    done = await lin.post(AVATAR, [*fields, ("avatar", jpeg(lacking=2))])
    assert done.status == 303
    assert LACKS in (await lin.get("/m/me")).text
    assert Member.get_by_id(lin.member_id).avatar == Picture.get().digest


async def test_an_avatar_in_heic_is_taken(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    assert (await lin.post(AVATAR, [*fields, ("avatar", HEIC)])).status == 303
    assert LACKS not in (await lin.get("/m/me")).text
    assert Member.get_by_id(lin.member_id).avatar == Picture.get().digest


@pytest.mark.parametrize(("data", "told"), REFUSED)
async def test_an_avatar_that_can_t_be_taken_is_told_why(
    lin: Shopper, data: bytes, told: str
) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    refused = await lin.post(AVATAR, [*fields, ("avatar", data)])
    assert refused.status == 422
    assert told in refused.text
    assert Picture.select().count() == 0


async def test_photos_of_a_case_say_what_they_lack_on_the_page_and_after_it(lin: Shopper) -> None:
    fields = await form_of(lin, received_order(lin.member_id))
    again = await lin.post(
        PATH, [*fields, ("photos", jpeg(lacking=2)), ("photos", HALF)], reason="damaged"
    )
    assert again.status == 422
    assert LACKS in again.text
    assert "没有传完整" in again.text
    assert Picture.select().count() == 1
    fields = await form_of(lin, received_order(lin.member_id))
    done = await lin.post(
        PATH, [*fields, ("photos", jpeg(lacking=9)), ("photos", HEIC)], reason="damaged"
    )
    assert done.status == 303
    assert LACKS in (await lin.get(done.location)).text
    assert Picture.select().count() == 3


async def test_a_licence_lacking_two_bytes_is_taken_and_said(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id, "小林茶行", "sole_trader", NOW)
    payouts.save_identity(lin.member_id, "林小雨茶行", CREDIT_CODE)
    fields = (await lin.get("/m/d/identity")).fields(LICENCE)
    refused = await lin.post(LICENCE, [*fields, ("licence", HALF)])
    assert "没有传完整" in refused.text
    done = await lin.post(LICENCE, [*fields, ("licence", jpeg(lacking=2))])
    assert done.status == 303
    assert LACKS in (await lin.get(done.location)).text


async def test_product_pictures_of_a_phone_are_taken_and_what_they_lack_is_said(
    desk: Desk,
) -> None:
    product = make_product()
    had = ProductPicture.select().count()
    await send(
        desk, product.product_id, ("1.jpg", jpeg(lacking=2)), ("2.heic", HEIC),
        ("3.jpg", HALF), ("4.heic", HEIC[:300]),
    )  # fmt: skip
    said = await desk.said()
    assert f"“1.jpg”{LACKS}" in said
    assert "“3.jpg”这张图片没有传完整" in said
    assert "“4.heic”这张 HEIC 图片打不开" in said
    assert "其余 2 张已添加" in said
    assert ProductPicture.select().count() == had + 2


async def test_a_product_picture_of_fifty_megapixels_is_taken(desk: Desk) -> None:
    product = make_product()
    out = io.BytesIO()
    Image.new("RGB", (8160, 6144), "#9E1B1E").save(out, "JPEG", quality=30)
    await send(desk, product.product_id, ("large.jpg", out.getvalue()))
    assert "已添加 1 张图片" in await desk.said()
