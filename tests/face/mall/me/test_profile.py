"""A member's profile: the picture that is printed on their posters, and the nickname."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from models import Member, Picture
from tests.face.shoppers import Shopper
from tests.factories.members import approve_pictures
from tests.harness.markup import words_of

PATH = "/m/me/avatar"


def face() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 60), (120, 90, 40)).save(out, "JPEG")
    return out.getvalue()


async def test_a_picture_is_stored(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(PATH)
    done = await lin.post(PATH, [*fields, ("avatar", face())])
    assert (done.status, done.location) == (303, "/m/me")
    kept = Picture.get()
    assert Member.get_by_id(lin.member_id).avatar is None
    assert approve_pictures() == 1
    assert Member.get_by_id(lin.member_id).avatar == kept.digest
    assert kept.alt == "会员头像"


async def test_a_photo_of_over_two_megabytes_is_stored(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(PATH)
    noise = Image.frombytes("RGB", (2000, 1200), random.Random(7).randbytes(2000 * 1200 * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > 2 * 1024 * 1024
    done = await lin.post(PATH, [*fields, ("avatar", out.getvalue())])
    assert (done.status, done.location) == (303, "/m/me")


async def test_a_file_that_is_no_picture_is_refused_at_its_field(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields(PATH)
    for sent, told in (([("avatar", b"no picture")], "这张图片打不开"), ([], "请填写此项")):
        refused = await lin.post(PATH, [*fields, *sent])
        assert refused.status == 422
        assert told in words_of(refused.text, "#e-avatar")
    assert Member.get_by_id(lin.member_id).avatar is None
    assert Picture.select().count() == 0


@pytest.mark.row("L3")
async def test_a_nickname_is_checked_for_advertising_and_reserved_names(lin: Shopper) -> None:
    fields = (await lin.get("/m/me/profile")).fields("/m/me/profile")
    before = Member.get_by_id(lin.member_id).nickname
    refused = await lin.post("/m/me/profile", fields, nickname="国家级酒王")
    assert refused.status == 422
    assert "“国家级”：" in words_of(refused.text, "#e-nickname")
    assert Member.get_by_id(lin.member_id).nickname == before
    refused = await lin.post("/m/me/profile", fields, nickname="官方客服")
    assert refused.status == 422
    done = await lin.post("/m/me/profile", fields, nickname="林掌柜")
    assert done.status == 303
    assert Member.get_by_id(lin.member_id).nickname == "林掌柜"
