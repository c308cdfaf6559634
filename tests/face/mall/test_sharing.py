"""Shared pages: the card that others see, the referral code in it, and the stored source."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog, distribution, orders
from kernel.errors import Retryable
from mall_h5 import sharing
from models import Arrival, BindingLog, Distributor, Sku, Touch, VisitDay
from tests.face.mall.test_visits import Phone
from tests.face.shoppers import WECHAT, Pages, Seen, Shopper, signed_in
from tests.factories.catalog import make_picture, make_product
from tests.factories.distribution import make_distributor, pass_time
from tests.harness.markup import script_data_of, values_of

URL = "http://127.0.0.1:8080"


def code_of(member_id: int | None) -> str:
    """A distributor's referral code."""
    return str(Distributor.get(Distributor.member == member_id).referral_code)


def jssdk(page: Seen) -> Any:
    """What the page gives to WeChat's JS-SDK."""
    return script_data_of(page.text, "jssdk")


@pytest.fixture
def hui(mall: Any) -> Shopper:
    """A distributor in WeChat."""
    return signed_in(mall, make_distributor("阿慧"))


def pictured(title: str = "陈酿", **more: Any) -> int:
    """A product with a picture."""
    made = make_product(title, **more)
    catalog.set_pictures(made.product_id, [make_picture("c")])
    return made.product_id


@pytest.mark.row("A1")
async def test_a_card_of_a_distributor_has_picture_title_line_mark_and_code(hui: Shopper) -> None:
    product = pictured(subtitle="坤沙古法，窖藏五年")
    code = code_of(hui.member_id)
    shown = jssdk(await hui.see(f"/m/p/{product}"))
    friend, moments = shown["friend"], shown["moments"]
    assert friend["title"] == "陈酿"
    assert friend["desc"] == "广告 · 坤沙古法，窖藏五年"
    assert friend["link"] == f"{URL}/m/p/{product}?r={code}&s=card"
    assert moments["title"] == "广告 · 陈酿｜坤沙古法，窖藏五年"
    assert moments["link"] == f"{URL}/m/p/{product}?r={code}&s=moments"
    assert friend["imgUrl"] == moments["imgUrl"] == f"{URL}/uploads/cc/{'c' * 64}-320.jpg"
    assert set(shown["config"]["jsApiList"]) == {
        "updateAppMessageShareData", "updateTimelineShareData",
    }  # fmt: skip


@pytest.mark.row("A1")
async def test_home_and_center_share_the_shop_with_its_best_seller(hui: Shopper) -> None:
    pictured("桂花", stock=5)
    best = pictured("陈酿", subtitle="窖藏五年")
    Sku.update(sold=9).where(Sku.product == best).execute()
    code = code_of(hui.member_id)
    for path in ("/m/", "/m/d/"):
        shown = jssdk(await hui.see(path))
        assert shown["friend"]["desc"] == "广告 · 陈酿，窖藏五年"
        assert shown["friend"]["link"] == f"{URL}/m/?r={code}&s=card"
        assert shown["moments"]["imgUrl"].endswith("-320.jpg")
    assert "阿慧推荐" in shown["friend"]["title"]


async def test_a_card_of_a_shopper_has_no_code_and_no_advertising_mark(lin: Shopper) -> None:
    product = pictured(subtitle="窖藏五年")
    page = await lin.get(f"/m/p/{product}")
    assert page.status == 200
    friend = jssdk(page)["friend"]
    assert (friend["desc"], friend["link"]) == ("窖藏五年", f"{URL}/m/p/{product}")


@pytest.mark.parametrize("path", ["/m/", "/m/p/1", "/m/category?c=1", "/m/search?q=酒", "/m/d/"])
async def test_a_page_that_a_distributor_opens_has_the_code_in_its_address(
    hui: Shopper, path: str
) -> None:
    """A share without the JS-SDK takes the page's own address."""
    pictured()
    led = await hui.get(path)
    assert led.status == 302
    assert led.location.endswith(f"r={code_of(hui.member_id)}")
    page = await hui.get(led.location)
    assert page.status == 200


@pytest.mark.row("A1")
async def test_without_a_jssdk_ticket_the_address_still_has_the_code(
    hui: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise Retryable("no_ticket", "away")

    monkeypatch.setattr(Pages, "page_config", away)
    led = await hui.get("/m/")
    page = await hui.get(led.location)
    assert (page.status, values_of(page.text, "script#jssdk", "id")) == (200, [])
    assert led.location == f"/m/?r={code_of(hui.member_id)}"


async def test_a_distributor_s_own_link_counts_no_touch_and_no_visit(
    mall: Any, hui: Shopper
) -> None:
    code = code_of(hui.member_id)
    phone = Phone(mall, WECHAT, cookies={"fm_s": hui.cookie})
    for path in ("/m/", f"/m/?r={code}", f"/m/?r={code}&s=card"):
        await phone.open(path)
        pass_time(seconds=3)
    assert phone.carried() == {}
    assert (Touch.select().count(), VisitDay.select().count()) == (0, 0)


async def test_a_link_of_a_suspended_distributor_earns_nothing(hui: Shopper) -> None:
    assert hui.member_id is not None
    distribution.suspend_distributor(hui.member_id, "staff:1", "虚假宣传")
    page = await hui.get("/m/")
    assert page.status == 200
    assert jssdk(page)["friend"]["link"] == f"{URL}/m/"


@pytest.mark.row("A7")
@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("", "link"), ("&s=poster", "poster"), ("&s=card", "card"), ("&s=moments", "moments"),
        ("&s=scan", "link"), ("&s=menu", "link"), ("&s=%3Cb%3E", "link"),
        ("&from=timeline&isappinstalled=0", "moments"), ("&from=groupmessage", "card"),
        ("&s=poster&from=singlemessage", "card"), ("&from=x", "link"),
    ],
)  # fmt: skip
async def test_a_touch_stores_the_source_of_the_link(
    hui: Shopper, lin: Shopper, query: str, source: str
) -> None:
    page = await lin.get(f"/m/?r={code_of(hui.member_id)}{query}")
    assert page.status == 200
    touch = Touch.get(Touch.member == lin.member_id)
    assert (touch.referrer_id, touch.source) == (hui.member_id, source)
    assert BindingLog.get(BindingLog.member == lin.member_id).facts == {"source": source}


async def test_a_distributor_who_opens_another_s_card_shares_with_the_own_code(
    mall: Any, hui: Shopper
) -> None:
    other = make_distributor("老周")
    phone = Phone(mall, WECHAT, cookies={"fm_s": hui.cookie})
    assert await phone.open(f"/m/?r={code_of(other)}&s=card") == 302
    touch = Touch.get(Touch.member == hui.member_id)
    assert (touch.referrer_id, touch.source) == (other, "card")
    pass_time(seconds=3)
    await phone.open(f"/m/?r={code_of(hui.member_id)}")
    assert phone.carried() != {}
    await phone.look()
    assert VisitDay.get().referrer_id == other


@pytest.mark.parametrize("path", ["/m/d/", "/m/d/customers", "/m/d/poster"])
async def test_a_shared_private_page_opens_the_shop(hui: Shopper, lin: Shopper, path: str) -> None:
    led = await lin.get(f"{path}?r={code_of(hui.member_id)}")
    assert (led.status, led.location) == (302, "/m/")
    assert Touch.get(Touch.member == lin.member_id).referrer_id == hui.member_id


async def test_a_shared_private_page_opens_the_shop_before_the_sign_in(
    mall: Any, hui: Shopper
) -> None:
    phone = Phone(mall, WECHAT)
    assert await phone.open(f"/m/d/?r={code_of(hui.member_id)}&from=singlemessage") == 302
    assert Touch.get().source == "card"


async def test_short_links_tell_whether_they_were_on_a_poster(lin: Shopper) -> None:
    code = code_of(make_distributor())
    shown = {
        tail: (await lin.get(f"/m/l/{code}{tail}")).location
        for tail in ("", "?p=7", "?p=7&s=poster", "?s=scan", "?from=timeline", "?s=a%26b")
    }
    assert shown == {
        "": f"/m/?r={code}", "?p=7": f"/m/p/7?r={code}",
        "?p=7&s=poster": f"/m/p/7?r={code}&s=poster", "?s=scan": f"/m/?r={code}",
        "?from=timeline": f"/m/?r={code}&from=timeline", "?s=a%26b": f"/m/?r={code}",
    }  # fmt: skip


async def test_a_source_of_the_account_is_stored_for_members_only(mall: Any, lin: Shopper) -> None:
    await lin.get("/m/?s=menu")
    assert Arrival.get().medium == "menu"
    await lin.get("/m/orders?s=chat")
    await lin.get("/m/?s=poster")
    assert [(row.member_id, row.medium) for row in Arrival.select()] == [(lin.member_id, "chat")]
    await Phone(mall, WECHAT).open("/m/?s=menu")
    assert Arrival.select().count() == 1


async def test_a_too_long_address_gets_no_code(hui: Shopper) -> None:
    page = await hui.get(f"/m/search?q={'a' * 400}")
    assert page.status == 200


def test_every_source_of_a_link_is_registered() -> None:
    assert {*sharing.IN_LINKS, *sharing.BY_WECHAT.values()} <= set(orders.OF_DISTRIBUTORS)
