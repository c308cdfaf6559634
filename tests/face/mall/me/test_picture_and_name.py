"""资料: name and picture by the member's own act; who else sees them, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution
from tests.face.chat import small_picture
from tests.face.shoppers import PHONE, Shopper, signed_in
from tests.factories.distribution import make_customer, make_distributor
from tests.factories.members import approve_pictures
from tests.harness.markup import count_of, texts_of, values_of

ASKS = "form[action='/oauth/profile']"


@pytest.mark.row("B2", "L4")
async def test_wechats_profile_is_asked_by_a_button_inside_wechat_only(lin: Shopper) -> None:
    page = await lin.get("/m/me/profile")
    assert texts_of(page.text, f"{ASKS} button") == ["使用微信昵称和头像"]
    assert dict(page.fields("/oauth/profile"))["next"] == "/m/me/profile"
    assert count_of(page.text, "a[href*=oauth]") == 0
    lin.agent = PHONE
    assert count_of((await lin.get("/m/me/profile")).text, ASKS) == 0


async def test_the_own_picture_stands_on_the_own_pages(lin: Shopper) -> None:
    for path in ("/m/me", "/m/me/profile"):
        assert texts_of((await lin.get(path)).text, ".face") == ["小"]
    fields = (await lin.get("/m/me/profile")).fields("/m/me/avatar")
    await lin.post("/m/me/avatar", [*fields, ("avatar", small_picture())])
    for path in ("/m/me", "/m/me/profile"):
        (address,) = values_of((await lin.get(path)).text, "img.face", "src")
        assert address.startswith("/uploads/")


async def test_who_applies_without_a_name_may_take_wechats(lin: Shopper) -> None:
    from domain import members

    assert count_of((await lin.get("/m/d/")).text, ASKS) == 0
    members.forget_profile(lin.member_id or 0)
    page = await lin.get("/m/d/")
    assert dict(page.fields("/oauth/profile"))["next"] == "/m/d/"


@pytest.mark.row("A6", "L4")
async def test_a_distributor_sees_the_picture_of_whoever_agreed(mall: Any) -> None:
    hui = signed_in(mall, make_distributor("阿慧"))
    yu = signed_in(mall, make_customer(hui.member_id or 0, "林小雨"))
    fields = (await yu.get("/m/me/profile")).fields("/m/me/avatar")
    await yu.post("/m/me/avatar", [*fields, ("avatar", small_picture())])
    assert count_of((await hui.get("/m/d/customers")).text, ".face") == 0
    approve_pictures()
    shown = distribution.shown_to(yu.member_id or 0)
    assert shown is not None
    distribution.decide_names(yu.member_id or 0, shown.version, True, "v1")
    page = (await hui.get("/m/d/customers")).text
    assert (texts_of(page, ".ledger b"), count_of(page, "img.face")) == (["林*雨"], 1)
    distribution.decide_names(yu.member_id or 0, shown.version, False, "v1")
    assert count_of((await hui.get("/m/d/customers")).text, ".face") == 0
