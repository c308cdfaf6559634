"""Name and picture are asked for once, after the first paid order, and never before (ADR 105)."""

from __future__ import annotations

import pytest

from domain import members
from models import Member
from tests.face.shoppers import PHONE, Shopper
from tests.factories.orders import Bought, paid_order, placed_order
from tests.harness.markup import count_of, values_of

QUESTION = "[aria-labelledby=name-q]"


async def is_asked(shopper: Shopper, path: str) -> bool:
    """Whether a page asks the question."""
    seen = await shopper.see(path)
    assert seen.status == 200, path
    return count_of(seen.text, QUESTION) == 1


def result(bought: Bought) -> str:
    """The page that ends the payment of an order."""
    return f"/m/pay/{bought.order_no}/result"


def nameless(shopper: Shopper) -> int:
    """The shopper's member without a name."""
    assert shopper.member_id is not None
    Member.update(nickname=None, avatar=None).where(Member.id == shopper.member_id).execute()
    return shopper.member_id


@pytest.mark.row("B2")
async def test_the_question_comes_with_the_first_paid_order_and_nowhere_else(lin: Shopper) -> None:
    waiting = placed_order(nameless(lin))
    for path in ("/m/", "/m/me", "/m/checkout?sku=1&qty=1", result(waiting)):
        assert not await is_asked(lin, path), path
    first = paid_order(lin.member_id)
    assert await is_asked(lin, result(first))
    assert not await is_asked(lin, f"/m/orders/{first.order_no}")
    second = paid_order(lin.member_id)
    assert not await is_asked(lin, result(second))
    assert not await is_asked(lin, result(first))


@pytest.mark.row("B2")
async def test_a_no_is_final_and_changes_nothing_else(lin: Shopper) -> None:
    nameless(lin)
    bought = paid_order(lin.member_id)
    fields = (await lin.get(result(bought))).fields("/m/me/name")
    done = await lin.post("/m/me/name", fields)
    assert (done.status, done.location) == (303, result(bought))
    assert not await is_asked(lin, result(bought))
    member = Member.get_by_id(lin.member_id)
    assert (member.nickname, member.avatar) == (None, None)


async def test_who_gave_a_name_is_not_asked_and_who_withdrew_it_neither(lin: Shopper) -> None:
    member_id = nameless(lin)
    bought = paid_order(member_id)
    members.set_nickname(member_id, "小林")
    assert not await is_asked(lin, result(bought))
    members.forget_profile(member_id)
    assert not await is_asked(lin, result(bought))


async def test_the_tap_for_wechats_name_is_offered_inside_wechat_only(lin: Shopper) -> None:
    """The form is sent by the tap; no page opens WeChat's question by itself."""
    bought = paid_order(nameless(lin))
    ways = f"{QUESTION} form"
    inside = values_of((await lin.get(result(bought))).text, ways, "action")
    assert inside == ["/m/me/name", "/oauth/profile"]
    lin.agent = PHONE
    assert values_of((await lin.get(result(bought))).text, ways, "action") == ["/m/me/name"]
    assert await is_asked(lin, result(bought))


async def test_another_member_is_asked_nothing_about_somebodys_order(
    lin: Shopper, wang: Shopper
) -> None:
    bought = paid_order(nameless(lin))
    nameless(wang)
    assert (await wang.get(result(bought))).status == 404
