"""Every form for photos, with files as phones and their apps send them."""

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
from tests.factories.members import approve_pictures
from tests.factories.orders import received_order
from tests.harness.markup import is_nowhere, words_of
from tests.unit.test_pictures_phones import HEIC, lively

LACKS = "末尾缺少一部分数据"
AVATAR, LICENCE = "/m/me/avatar", "/m/d/licence"
NOW = "1"
CREDIT_CODE = "91350100M000100Y43"


def jpeg(*, lacking: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo, without its last ``lacking`` bytes."""
    out = io.BytesIO()
    lively(*size).save(out, "JPEG", quality=80)
    data = out.getvalue()
    return data[: len(data) - lacking]


HALF = jpeg()[:20_000]
REFUSED = ((HALF, "没有传完整"), (HEIC[:300], "兼容性最佳"), (b"hello", "这张图片打不开"))


async def test_an_avatar_that_lacks_two_bytes_is_stored_with_a_message(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    done = await lin.post(AVATAR, [*fields, ("avatar", jpeg(lacking=2))])
    assert done.status == 303
    assert LACKS in words_of((await lin.get("/m/me")).text, ".toast")
    approve_pictures()
    assert Member.get_by_id(lin.member_id).avatar == Picture.get().digest


async def test_an_avatar_in_heic_is_stored(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    assert (await lin.post(AVATAR, [*fields, ("avatar", HEIC)])).status == 303
    assert is_nowhere((await lin.get("/m/me")).text, LACKS)
    approve_pictures()
    assert Member.get_by_id(lin.member_id).avatar == Picture.get().digest


@pytest.mark.parametrize(("data", "told"), REFUSED)
async def test_an_avatar_that_can_t_be_read_is_refused_with_the_reason(
    lin: Shopper, data: bytes, told: str
) -> None:
    fields = (await lin.get("/m/me/profile")).fields(AVATAR)
    refused = await lin.post(AVATAR, [*fields, ("avatar", data)])
    assert refused.status == 422
    assert told in words_of(refused.text, "#e-avatar")
    assert Picture.select().count() == 0


async def test_incomplete_photos_of_a_case_are_named_on_the_form_and_after_it(
    lin: Shopper,
) -> None:
    fields = await form_of(lin, received_order(lin.member_id))
    again = await lin.post(
        PATH, [*fields, ("photos", jpeg(lacking=2)), ("photos", HALF)], reason="damaged"
    )
    assert again.status == 422
    assert LACKS in words_of(again.text, ".toast")
    assert "没有传完整" in words_of(again.text, "#e-photos")
    assert Picture.select().count() == 1
    fields = await form_of(lin, received_order(lin.member_id))
    done = await lin.post(
        PATH, [*fields, ("photos", jpeg(lacking=9)), ("photos", HEIC)], reason="damaged"
    )
    assert done.status == 303
    assert LACKS in words_of((await lin.get(done.location)).text, ".toast")
    assert Picture.select().count() == 3


async def test_a_licence_that_lacks_two_bytes_is_stored_with_a_message(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id, "小林茶行", "sole_trader", NOW)
    payouts.save_identity(lin.member_id, "林小雨茶行", CREDIT_CODE)
    fields = (await lin.get("/m/d/identity")).fields(LICENCE)
    refused = await lin.post(LICENCE, [*fields, ("licence", HALF)])
    assert "没有传完整" in words_of(refused.text, "#e-licence")
    done = await lin.post(LICENCE, [*fields, ("licence", jpeg(lacking=2))])
    assert done.status == 303
    assert LACKS in words_of((await lin.get(done.location)).text, ".toast")


async def test_product_pictures_of_a_phone_are_stored_and_incomplete_ones_named(
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


async def test_a_product_picture_of_fifty_megapixels_is_stored(desk: Desk) -> None:
    product = make_product()
    out = io.BytesIO()
    Image.new("RGB", (8160, 6144), "#9E1B1E").save(out, "JPEG", quality=30)
    await send(desk, product.product_id, ("large.jpg", out.getvalue()))
    assert "已添加 1 张图片" in await desk.said()
