"""Gifts: paid without an address, accepted once, refunded when nobody takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import (
    adults,
    aftersales,
    gifts,
    members,
    orders,
    settings,
)
from domain.gifts import Acceptance, GiftForm, GiftTimes
from domain.gifts.queries import due_to_lapse, due_to_remind, token_of
from domain.gifts.service import lapse, remind
from domain.orders import OrderFilter
from domain.orders.ship_sheet import ShipRow, check_ship_rows
from domain.settings import Freight
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from models import (
    AfterSale,
    AgeDoubt,
    Binding,
    Gift,
    GiftAnswer,
    Order,
    OutboxRow,
    Payment,
    Refund,
    Sku,
)
from tests.factories.catalog import make_product
from tests.factories.gifts import FAR, HOME, paid_gift, placed_gift, take, token
from tests.factories.members import make_member
from tests.factories.orders import Bought, ship_all

pytestmark = pytest.mark.usefixtures("wired")


def state(bought: Bought) -> str:
    """The gift's state."""
    return str(Gift.get(Gift.order == bought.order_id).state)


def told(key: str) -> list[dict[str, Any]]:
    """The notices of a key that wait in the outbox: their member and facts."""
    rows = OutboxRow.select().where(OutboxRow.kind == "notify.member").order_by(OutboxRow.id)
    return [row.payload for row in rows if row.payload["purpose"] == key]


def later(days: float) -> None:
    """Let days pass."""
    clock.set_offset(clock.offset() + timedelta(days=days))


@pytest.fixture(autouse=True)
def _clock() -> Any:
    yield
    clock.set_offset(timedelta(0))


def test_a_gift_is_paid_without_an_address_and_holds_its_goods(db: Any) -> None:
    bought = paid_gift()
    row = bought.row
    assert (row.state, row.delivery, row.sealed_address, row.receiver) == (
        "paid",
        "gift",
        "",
        None,
    )
    assert state(bought) == "waiting"
    sku = Sku.get_by_id(bought.product.sku_id)
    assert (sku.stock, sku.held, sku.sold) == (9, 0, 1)
    assert [each["member_id"] for each in told("gift_ready")] == [bought.member_id]
    assert orders.order_detail_for_buyer(bought.order_no, bought.member_id).address is None


def test_an_unpaid_gift_can_not_be_taken_and_is_closed_with_its_order(db: Any) -> None:
    bought = placed_gift()
    with pytest.raises(Conflict) as refused:
        take(bought)
    assert refused.value.code == "gift_ended"
    orders.cancel_unpaid(bought.order_no, bought.member_id)
    from domain.orders.service import finish_closing

    finish_closing(bought.order_id)
    assert state(bought) == "closed"


def test_a_friend_takes_it_once_and_it_is_shipped_to_them(db: Any) -> None:
    bought = paid_gift()
    friend = take(bought)
    row = bought.row
    assert (row.recipient_id, row.receiver, row.phone_end) == (friend, "周**", "5678")
    assert (state(bought), row.region[:2]) == ("accepted", "33")
    assert take(bought, friend) == friend  # the same tap again
    with pytest.raises(Conflict) as second:
        take(bought, make_member("另一人"))
    assert second.value.code == "gift_taken"
    ship_all(bought)
    assert [each["member_id"] for each in told("gift_shipped")] == [friend]
    view = gifts.gift_for_opener(token(bought), friend)
    assert (view.side, view.state, len(view.parcels)) == ("mine", "shipped", 1)
    gifts.confirm_receipt(token(bought), friend)
    assert bought.row.state == "received"
    assert [each.order_no for each in gifts.list_got(friend)] == [bought.order_no]


def test_the_buyer_sees_a_masked_address_only_and_the_friend_owns_it(db: Any) -> None:
    bought = paid_gift()
    friend = take(bought)
    page = orders.order_detail_for_buyer(bought.order_no, bought.member_id)
    assert page.address is None
    assert "文三路" not in page.masked_address
    assert "13912345678" not in page.masked_address
    opened = orders.delivery_address(bought.order_no)
    assert (opened["name"], opened["detail"]) == ("周小桐", "文三路 9 号")
    with pytest.raises(NotFound):
        orders.order_detail_for_buyer(bought.order_no, friend)
    assert members.list_addresses(friend)[0].form.detail == "文三路 9 号"
    assert Binding.select().where(Binding.member == friend).count() == 0


def test_a_waiting_gift_is_not_shipped_by_any_way(db: Any) -> None:
    bought = paid_gift()
    with pytest.raises(Conflict) as refused:
        ship_all(bought)
    assert refused.value.code == "gift_waits"
    (verdict,) = check_ship_rows([ShipRow(bought.order_no, "顺丰速运", "SF12345678")])
    assert (verdict.state, verdict.why) == ("wrong", "gift_waits")
    assert orders.list_to_ship() == []
    assert orders.list_orders(OrderFilter(tab="to_ship")) == []
    assert [each.id for each in orders.list_orders(OrderFilter(tab="gifts"))] == [bought.order_id]
    assert orders.order_counts() == {"gifts": 1, "paid": 0, "refunding": 0}
    take(bought)
    assert [each.id for each in orders.list_to_ship()] == [bought.order_id]
    assert orders.list_orders(OrderFilter(tab="gifts")) == []
    assert orders.order_counts()["paid"] == 1


def test_nobody_takes_the_own_gift_or_one_with_a_forged_link(db: Any) -> None:
    bought = paid_gift()
    with pytest.raises(Conflict) as refused:
        take(bought, bought.member_id)
    assert refused.value.code == "gift_own"
    link = token(bought)
    for forged in ("", "x", link[:-1] + ("A" if link[-1] != "A" else "B"), link.split(".")[0]):
        with pytest.raises(NotFound):
            gifts.gift_for_opener(forged, make_member())
    with pytest.raises(NotFound):
        gifts.gift_for_buyer(bought.order_no, make_member())


def test_a_far_place_and_an_undelivered_one_are_named_before_and_refused(db: Any) -> None:
    bought = paid_gift()
    view = gifts.gift_for_opener(token(bought), make_member())
    assert view.closed_to == ("西藏自治区", "新疆维吾尔自治区")
    with pytest.raises(Conflict) as refused:
        take(bought, address=FAR)
    assert (refused.value.code, refused.value.field) == ("gift_not_delivered", "province")
    assert (state(bought), Order.get_by_id(bought.order_id).recipient_id) == ("waiting", None)
    settings.change(Freight, {"remote_extra_fen": 0})
    take(bought, address=FAR)


def test_the_friend_confirms_to_be_of_age_and_a_minor_is_refused_for_good(db: Any) -> None:
    bought = paid_gift()
    friend = make_member("少年", is_adult=False)
    with pytest.raises(Invalid) as unconfirmed:
        gifts.accept(token(bought), friend, Acceptance(is_adult=False, address=HOME))
    assert unconfirmed.value.code == "adult_unconfirmed"
    gifts.say_minor(token(bought), friend)
    assert AgeDoubt.get(AgeDoubt.open_for == friend).cause == "said"
    assert GiftAnswer.get().kind == "minor"
    with pytest.raises(Conflict) as held:
        take(bought, friend)
    assert held.value.code == "age_unproven"
    assert [each["facts"]["said"] for each in told("gift_declined")] == [""]
    assert state(bought) == "waiting"


def test_a_doubt_about_the_friend_holds_the_parcel(db: Any) -> None:
    bought = paid_gift()
    friend = take(bought)
    adults.doubt_what_was_told(friend, "said")
    with pytest.raises(Conflict) as refused:
        ship_all(bought)
    assert refused.value.code == "age_unproven"
    assert orders.list_to_ship() == []
    (verdict,) = check_ship_rows([ShipRow(bought.order_no, "顺丰速运", "SF12345678")])
    assert verdict.why == "age_unproven"


def test_a_friend_may_decline_and_another_one_takes_it(db: Any) -> None:
    bought = paid_gift()
    gifts.decline(token(bought), make_member(), "最近在戒酒，谢谢你")
    gifts.decline(token(bought), make_member(), "")
    assert [each["facts"]["said"] for each in told("gift_declined")] == ["最近在戒酒，谢谢你", ""]
    assert len(gifts.gift_for_buyer(bought.order_no, bought.member_id).answers) == 2
    take(bought)
    with pytest.raises(Conflict) as refused:
        gifts.decline(token(bought), make_member(), "")
    assert refused.value.code == "gift_taken"


def test_the_buyer_cancels_before_acceptance_and_gets_all_back(db: Any) -> None:
    bought = paid_gift()
    gifts.cancel(bought.order_no, bought.member_id)
    gifts.cancel(bought.order_no, bought.member_id)  # a second tap
    refund = Refund.get()
    assert (refund.amount_fen, state(bought)) == (bought.payable_fen, "cancelled")
    assert AfterSale.get().reason == "gift_back"
    with pytest.raises(Conflict) as refused:
        take(bought)
    assert refused.value.code == "gift_ended"
    taken = paid_gift()
    take(taken)
    with pytest.raises(Conflict) as late:
        gifts.cancel(taken.order_no, taken.member_id)
    assert late.value.code == "gift_taken"


def test_a_gift_that_nobody_took_is_reminded_of_once_and_refunded(db: Any) -> None:
    bought = paid_gift()
    assert (due_to_remind(9), due_to_lapse(9)) == ([], [])
    later(3.01)
    (gift_id,) = due_to_remind(9)
    assert remind(gift_id)
    assert not remind(gift_id)
    assert not lapse(gift_id)
    later(4)
    assert due_to_lapse(9) == [gift_id]
    with pytest.raises(Conflict):
        take(bought)
    assert lapse(gift_id)
    assert not lapse(gift_id)
    assert (state(bought), Refund.get().amount_fen) == ("lapsed", bought.payable_fen)
    assert (len(told("gift_waits")), len(told("gift_lapsed"))) == (1, 1)
    assert Payment.get().refunding_fen == bought.payable_fen


def test_days_that_were_set_when_paid_count(db: Any) -> None:
    settings.change(GiftTimes, {"accept_days": 2, "remind_days": 2})
    bought = paid_gift()
    settings.change(GiftTimes, {"accept_days": 30, "remind_days": 1})
    gift = Gift.get(Gift.order == bought.order_id)
    assert gift.remind_at is None
    assert gift.expires_at - bought.row.paid_at < timedelta(days=2, minutes=1)
    assert settings.get(GiftTimes).accept_days == 30


def test_an_open_case_pauses_a_gift_and_a_whole_refund_closes_it(db: Any) -> None:
    bought = paid_gift()
    made = aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    with pytest.raises(Conflict) as refused:
        take(bought)
    assert refused.value.code == "gift_paused"
    later(8)
    assert not lapse(Gift.get().id)  # its case decides
    clock.set_offset(timedelta(0))
    aftersales.withdraw_case(made["case_no"], bought.member_id)
    assert take(bought)


def test_what_a_buyer_writes_is_checked_beside_its_field(db: Any) -> None:
    first, last = gifts.arrival_days([])
    cases: list[tuple[GiftForm, str, str]] = [
        (GiftForm(signature="一" * 13), "text_too_long", "signature"),
        (GiftForm(arrive_by="明天"), "date_bad", "arrive_by"),
        (GiftForm(arrive_by=(first - timedelta(days=1)).isoformat()), "gift_day_too_early",
         "arrive_by"),
        (GiftForm(arrive_by=(last + timedelta(days=1)).isoformat()), "gift_day_too_late",
         "arrive_by"),
    ]  # fmt: skip
    for wish, code, field in cases:
        with pytest.raises(Invalid) as refused:
            placed_gift(wish=wish)
        assert (refused.value.code, refused.value.field) == (code, field)
    bought = paid_gift(wish=GiftForm(" 阿 慧 ", first.isoformat()))
    view = gifts.gift_for_opener(token(bought), make_member())
    assert (view.signature, view.arrive_by) == ("阿 慧", first.isoformat())
    assert not view.is_late
    later(2)
    assert gifts.gift_for_opener(token(bought), make_member()).is_late
    take(bought)
    assert told("gift_accepted")[0]["facts"]["is_late"] is True


def test_others_see_that_it_was_taken_and_nothing_else(db: Any) -> None:
    bought = paid_gift(wish=GiftForm("阿慧"))
    take(bought)
    view = gifts.gift_for_opener(token(bought), make_member())
    assert (view.side, view.lines, view.signature, view.greeting) == ("taken", (), "", "")
    assert (view.order_no, view.parcels, view.masked_address) == ("", (), "")


def test_no_view_of_a_friend_has_a_sum(db: Any) -> None:
    bought = paid_gift(product=make_product(price_fen=73519, stock=10))
    friend = take(bought)
    for found in (gifts.gift_for_opener(token(bought), friend), gifts.list_got(friend)[0]):
        assert "73519" not in repr(found)
        assert "735.19" not in repr(found)
    names = {f for kind in (gifts.FriendView, gifts.GiftLine, gifts.Got) for f in vars(kind)}
    names |= set(gifts.FriendView.__annotations__) | set(gifts.GiftLine.__annotations__)
    assert not [name for name in names if "fen" in name or "price" in name]


def test_a_link_is_signed_and_survives_a_page(db: Any) -> None:
    bought = paid_gift()
    gift = Gift.get(Gift.order == bought.order_id)
    assert token(bought) == token_of(gift.code)
    assert len(gift.code) >= 20
    assert str(bought.order_no) not in token(bought)
    gifts.note_opened(token(bought), bought.member_id)
    gifts.note_opened(token(bought), make_member())
    assert gifts.gift_for_buyer(bought.order_no, bought.member_id).opened == 1
