"""推荐邀请: the card on the order, the result and 我的; its answers, and who sees none of it."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution, invitations, settings
from domain.distribution import wiring as distribution_wiring
from domain.invitations import Invitations
from domain.invitations import wiring as invitations_wiring
from models import Invitation
from tests.face.shoppers import DESKTOP, Shopper, signed_in
from tests.factories.distribution import pass_time
from tests.factories.members import make_member
from tests.factories.orders import Bought, paid_order, received_order
from tests.harness.markup import count_of, values_of, words_of

CARD = "section[aria-labelledby=invitation-q]"
PATH = "/m/me/invitation"


@pytest.fixture(autouse=True)
def _wired(mall: Any) -> None:
    settings.forget_cache()
    distribution_wiring.subscribe_all()
    invitations_wiring.subscribe_all()


@pytest.fixture
def chen(mall: Any) -> Shopper:
    """A buyer."""
    return signed_in(mall, make_member("陈玉梅"))


@pytest.fixture
def bought(chen: Shopper) -> Bought:
    """The order for which she is invited."""
    made = received_order(chen.member_id)
    pass_time(days=7)
    assert invitations.invite_due() == (1, 1)
    return made


async def cards(who: Shopper, *paths: str) -> list[int]:
    """How many invitations stand on each of these pages."""
    return [count_of((await who.get(path)).text, CARD) for path in paths]


@pytest.mark.row("A1")
async def test_the_card_stands_where_she_looks_at_what_she_bought(
    chen: Shopper, wang: Shopper, bought: Bought
) -> None:
    later = paid_order(chen.member_id)
    order, newer = (f"/m/orders/{no}" for no in (bought.order_no, later.order_no))
    result = f"/m/pay/{later.order_no}/result"
    assert await cards(chen, "/m/me", order, result, newer) == [1, 1, 1, 0]
    assert await cards(wang, "/m/me") == [0]
    page = (await chen.get(order)).text
    said = words_of(page, CARD)
    assert "免费成为分销商：朋友经您推荐买了并收货，您有佣金" in said
    assert "转发没有奖励" in said
    assert values_of(page, f"{CARD} a", "href") == ["/m/d/"]


@pytest.mark.row("L4")
async def test_a_refusal_is_one_tap_and_is_kept(chen: Shopper, bought: Bought) -> None:
    order = f"/m/orders/{bought.order_no}"
    fields = (await chen.get(order)).fields(PATH)
    done = await chen.post(PATH, fields, answer="no")
    assert (done.status, done.location) == (303, order)
    assert "已记下，不会再邀请" in words_of((await chen.get(order)).text)
    assert await cards(chen, "/m/me", order) == [0, 0]
    received_order(chen.member_id)
    pass_time(days=8)
    assert invitations.invite_due()[1] == 0


async def test_the_goods_are_opened_to_pass_them_on(chen: Shopper, bought: Bought) -> None:
    fields = (await chen.get("/m/me")).fields(PATH)
    done = await chen.post(PATH, fields, answer="pass")
    assert done.location == f"/m/p/{bought.product.product_id}"
    assert "转发没有奖励" in words_of((await chen.get(done.location)).text)
    assert Invitation.get().passed_on_at is not None
    await chen.post(PATH, fields, answer="no")
    late = await chen.post(PATH, fields, answer="pass")
    assert (late.status, late.location) == (303, "/m/me")
    assert "这份邀请已经结束" in words_of((await chen.get("/m/me")).text)


@pytest.mark.row("A1")
async def test_who_joins_is_told_so_and_asked_no_more(chen: Shopper, bought: Bought) -> None:
    fields = (await chen.get("/m/d/")).fields("/m/d/apply")
    done = await chen.post("/m/d/apply", fields, display_name="陈姐的酒柜", agree="1")
    assert (done.status, done.location) == (303, "/m/d/")
    center = await chen.see("/m/d/")
    assert "加入成功，现在就可以推荐商品" in words_of(center.text)
    assert await cards(chen, "/m/me") == [0]
    assert Invitation.get().joined_at is not None


async def test_the_switch_and_the_signature_close_it_at_once(
    chen: Shopper, bought: Bought
) -> None:
    settings.change(Invitations, {"is_on": False})
    assert await cards(chen, "/m/me") == [0]
    settings.change(Invitations, {"is_on": True})
    assert await cards(chen, "/m/me") == [1]
    distribution.sign_levels(2, "林小山", "已阅读法律意见，愿意承担相应责任。" * 2, "staff:1")
    assert await cards(chen, "/m/me") == [0]


async def test_doors(chen: Shopper, wang: Shopper, bought: Bought, mall: Any) -> None:
    fields = (await chen.get("/m/me")).fields(PATH)
    nobody = Shopper(mall, "n" * 43, agent=DESKTOP)
    assert (await nobody.post(PATH, fields, answer="no")).status == 401
    assert (await chen.post(PATH, fields, answer="no", _csrf="x")).status == 403
    assert (await chen.post(PATH, fields, answer="yes")).status == 422
    assert (await wang.post(PATH, fields, answer="pass")).location == "/m/me"
    await wang.post(PATH, fields, answer="no")
    assert await cards(chen, "/m/me") == [1]
    assert (await wang.get(f"/m/orders/{bought.order_no}")).status == 404
    away = await chen.post(PATH, fields, answer="no", next="https://evil.example/")
    assert away.location == "/m/"
