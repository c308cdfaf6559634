"""Gifts under concurrent requests: one friend, one refund, never both."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from domain import gifts
from domain.gifts import Acceptance
from domain.gifts.service import lapse
from domain.members import AddressForm
from kernel import clock
from kernel.errors import DomainError
from models import AfterSale, Gift, Order, Refund, Sku
from tests.factories.gifts import HOME, paid_gift, token
from tests.factories.members import make_member
from tests.race.crowd import at_once

ROUNDS = 6


async def race(store: Any, *acts: tuple[Any, ...]) -> list[Any]:
    """Run verbs at once; a refusal is its code."""
    answers = await at_once(store, [partial(*act) for act in acts])
    for each in answers:
        if isinstance(each, BaseException) and not isinstance(each, DomainError):
            raise each
    return [each.code if isinstance(each, DomainError) else each for each in answers]


def wish(name: str = "周小桐") -> Acceptance:
    """A friend's address."""
    form = AddressForm(**(vars(HOME) | {"name": name}))
    return Acceptance(is_adult=True, address=form)


async def made(store: Any, friends: int = 1) -> tuple[Any, str, list[int]]:
    """A paid gift, its link, and friends."""

    def make() -> tuple[Any, str, list[int]]:
        bought = paid_gift()
        return bought, token(bought), [make_member(f"友{n}") for n in range(friends)]

    found: tuple[Any, str, list[int]] = await store.write(make)
    return found


def agrees(bought: Any) -> str:
    """The gift's state, after checking that order, case and stock agree with it."""
    gift, order = Gift.get(Gift.order == bought.order_id), Order.get_by_id(bought.order_id)
    cases = [row.id for row in AfterSale.select().where(AfterSale.order == bought.order_id)]
    refunds = Refund.select().where(Refund.case_id.in_(cases)).count()
    assert (gift.state == "accepted") == (order.recipient_id is not None)
    assert gift.friend_id == order.recipient_id
    assert len(cases) == refunds == (0 if gift.state in ("accepted", "waiting") else 1)
    sku = Sku.get_by_id(bought.product.sku_id)
    assert (sku.held, sku.stock + sku.sold) == (0, 10)
    return str(gift.state)


async def test_of_many_friends_exactly_one_takes_it(store: Any) -> None:
    for _ in range(ROUNDS):
        bought, link, friends = await made(store, 4)
        ends = await race(store, *((gifts.accept, link, who, wish(f"友{who}")) for who in friends))
        assert sorted(end == bought.order_no for end in ends) == [False] * 3 + [True]
        assert [end for end in ends if end != bought.order_no] == ["gift_taken"] * 3
        assert await store.read(agrees, bought) == "accepted"


async def test_two_taps_of_one_friend_are_one(store: Any) -> None:
    bought, link, (who,) = await made(store)
    ends = await race(store, *((gifts.accept, link, who, wish()) for _ in range(4)))
    assert set(ends) == {bought.order_no}
    assert await store.read(agrees, bought) == "accepted"


async def test_a_friend_against_the_buyers_cancel(store: Any) -> None:
    seen = set()
    for turn in range(ROUNDS):
        bought, link, (who,) = await made(store)
        acts = [
            (gifts.accept, link, who, wish()),
            (gifts.cancel, bought.order_no, bought.member_id),
        ]
        first, second = await race(store, *(acts if turn % 2 else reversed(acts)))
        state = await store.read(agrees, bought)
        seen.add(state)
        assert state in ("accepted", "cancelled")
        lost = {"accepted": "gift_taken", "cancelled": "gift_ended"}[state]
        assert lost in (first, second)
    assert seen


async def test_a_friend_against_the_end_of_the_days(store: Any) -> None:
    for turn in range(ROUNDS):
        bought, link, (who,) = await made(store)
        gift_id = await store.read(lambda b=bought: Gift.get(Gift.order == b.order_id).id)
        clock.set_offset(timedelta(days=7))
        try:
            acts = [(gifts.accept, link, who, wish()), (lapse, gift_id), (lapse, gift_id)]
            ends = await race(store, *(acts if turn % 2 else reversed(acts)))
        finally:
            clock.set_offset(timedelta(0))
        assert "gift_ended" in ends
        assert sorted(end for end in ends if isinstance(end, bool)) == [False, True]
        assert await store.read(agrees, bought) == "lapsed"


async def test_the_end_against_the_buyers_cancel_is_one_refund(store: Any) -> None:
    for _ in range(ROUNDS):
        bought, _, _ = await made(store)
        gift_id = await store.read(lambda b=bought: Gift.get(Gift.order == b.order_id).id)
        clock.set_offset(timedelta(days=7))
        try:
            await race(
                store, (lapse, gift_id), (gifts.cancel, bought.order_no, bought.member_id)
            )  # fmt: skip
        finally:
            clock.set_offset(timedelta(0))
        assert await store.read(agrees, bought) in ("lapsed", "cancelled")
