"""Gifts for tests, brought by the verbs to the state that a test needs."""

from __future__ import annotations

from typing import Any

from domain import gifts, orders
from domain.gifts import Acceptance, GiftForm
from domain.members import AddressForm
from domain.payments.service import settle
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import Bought, begin, order_form, paid_result

HOME = AddressForm("周小桐", "13912345678", "浙江省", "杭州市", "西湖区", "文三路 9 号")
FAR = AddressForm("周小桐", "13912345678", "西藏自治区", "拉萨市", "城关区", "北京中路 1 号")


PLAIN = GiftForm()


def placed_gift(buyer: int | None = None, wish: GiftForm = PLAIN, **more: Any) -> Bought:
    """A gift that awaits its payment."""
    member = buyer if buyer is not None else make_member("送礼人")
    made = more.pop("product", None) or make_product(price_fen=29_900, stock=10)
    form = order_form(
        member, [(made.sku_id, more.pop("quantity", 1))], delivery=orders.GIFT, to=wish, **more
    )
    result = orders.place_order(form)
    return Bought(result["order_id"], result["order_no"], member, result["payable_fen"], made)


def paid_gift(buyer: int | None = None, wish: GiftForm = PLAIN, **more: Any) -> Bought:
    """A gift that a friend may take."""
    bought = placed_gift(buyer, wish, **more)
    if bought.payable_fen:
        assert settle(paid_result(begin(bought), bought.payable_fen)) == "booked"
    return bought


def token(bought: Bought) -> str:
    """The last part of the gift's link."""
    return gifts.gift_for_buyer(bought.order_no, bought.member_id).token


def take(bought: Bought, friend: int | None = None, address: AddressForm = HOME) -> int:
    """A friend takes the gift; returns the friend."""
    who = friend if friend is not None else make_member("收礼人", is_adult=False)
    gifts.accept(token(bought), who, Acceptance(is_adult=True, address=address))
    return who
