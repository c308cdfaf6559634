"""Promotions: their states, and that orders are never priced by an outdated one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import audit, cart, catalog, orders, pricing, promotions
from domain.promotions import Choices, QuoteLine, read_choices
from domain.promotions import live as keeping
from domain.promotions.events import OfferBegan
from domain.promotions.service import begin_due, end_due
from kernel import clock, events
from kernel.errors import Conflict, Invalid, NotFound
from models import AuditEntry, Order, OrderLine, PriceHistory
from models import OfferRow as Row
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.offers import limited_form, limited_price
from tests.factories.orders import order_form, placed_order

pytestmark = pytest.mark.usefixtures("db")
LIST, LOW = 29800, 26800


def _line(made: Any) -> QuoteLine:
    return QuoteLine(made.sku_id, made.product_id, 1, LIST)


def _later(**time: float) -> None:
    clock.set_offset(clock.offset() + timedelta(**time))


def test_a_draft_changes_no_price_and_a_started_one_does() -> None:
    made = make_product()
    offer_id = promotions.draft_offer(limited_form(made.sku_id))
    assert orders.preview_order([(made.sku_id, 2)])[1].payable_fen == 2 * LIST
    promotions.start_offer(offer_id, 1)
    keeping.clear_cache()
    quote = orders.preview_order([(made.sku_id, 2)])[1]
    assert (quote.payable_fen, quote.lines[0].unit_price_fen) == (2 * LOW, LOW)


def test_a_promotion_begins_and_ends_at_its_times() -> None:
    made, now = make_product(), clock.now()
    offer_id = limited_price(
        made.sku_id, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2)
    )
    seen = []
    for _ in range(3):
        seen.append((promotions.offer_detail(offer_id).phase,
                     orders.preview_order([(made.sku_id, 1)])[1].payable_fen))  # fmt: skip
        _later(hours=1, seconds=1)
    assert seen == [("planned", LIST), ("running", LOW), ("ended", LIST)]
    assert (end_due(), end_due()) == (1, 0)
    assert promotions.offer_detail(offer_id).state == "ended"


def test_a_placed_order_keeps_its_price_and_adjustments() -> None:
    made = make_product()
    offer_id = limited_price(made.sku_id)
    bought = placed_order(product=made, quantity=2)
    promotions.stop_offer(offer_id, "卖完了")
    line = OrderLine.get(OrderLine.order == bought.order_id)
    assert (line.unit_price_fen, line.line_fen, line.paid_fen) == (LOW, 2 * LIST, 2 * LOW)
    assert line.adjustments == [
        {"step": "unit_price", "offer_id": offer_id, "label": "限时价", "fen": 2 * (LIST - LOW),
         "kind": "limited_price", "version": 2}
    ]  # fmt: skip
    assert Order.get_by_id(bought.order_id).reduction_fen == 2 * (LIST - LOW)


@pytest.mark.parametrize("change", ["stopped", "ended", "replaced", "list price"])
def test_an_order_with_an_outdated_price_is_refused_with_the_new_one(change: str) -> None:
    made, member = make_product(), make_member()
    offer_id = limited_price(made.sku_id, ends_at=clock.now() + timedelta(hours=1))
    form = order_form(member, [(made.sku_id, 1)])
    expected = LIST
    if change == "ended":
        _later(hours=1)
    elif change == "list price":
        catalog.set_price(made.sku_id, LOW - 100)
        expected = LOW - 100
    else:
        promotions.stop_offer(offer_id, "价格有误")
    if change == "replaced":
        limited_price(made.sku_id, LOW + 500)
        expected = LOW + 500
    with pytest.raises(Conflict) as refused:
        orders.place_order(form)
    assert (refused.value.code, refused.value.facts["payable_fen"]) == ("price_changed", expected)
    assert not Order.select().exists()


def test_cached_promotions_do_not_price_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """After another process stopped the promotion, pages may be outdated, but not orders."""
    made, member = make_product(), make_member()
    offer_id = limited_price(made.sku_id)
    monkeypatch.setattr(keeping, "FRESH_SECONDS", 3600.0)
    form = order_form(member, [(made.sku_id, 1)])
    Row.update(state="stopped", version=Row.version + 1).where(Row.id == offer_id).execute()
    assert (
        orders.preview_order([(made.sku_id, 1)])[1].payable_fen == LOW
    )  # the page uses the cache
    with pytest.raises(Conflict, match="price_changed"):
        orders.place_order(form)
    assert (
        orders.preview_order([(made.sku_id, 1)])[1].payable_fen == LIST
    )  # the order has refreshed the cache


def test_a_promotion_of_other_goods_does_not_affect_an_order() -> None:
    made, other, member = make_product(), make_product(), make_member()
    limited_price(made.sku_id)
    form = order_form(member, [(made.sku_id, 1)])
    limited_price(other.sku_id, 100)
    assert orders.place_order(form)["payable_fen"] == LOW


def test_a_promotion_that_has_begun_cannot_be_changed() -> None:
    made = make_product()
    offer_id = limited_price(made.sku_id)
    with pytest.raises(Conflict, match="offer_begun"):
        promotions.edit_offer(offer_id, limited_form(made.sku_id, LOW - 1), 2)
    planned = limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    form = limited_form(made.sku_id, LOW - 1, starts_at=clock.now() + timedelta(hours=2))
    promotions.edit_offer(planned, form, 2)
    assert promotions.offer_detail(planned).form.rules["prices"] == {str(made.sku_id): LOW - 1}
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, sorted(entry.after)) == ("offer.edit", ["ends_at", "rules", "starts_at"])


def test_an_outdated_version_neither_changes_nor_starts_a_promotion() -> None:
    made = make_product()
    offer_id = promotions.draft_offer(limited_form(made.sku_id))
    promotions.edit_offer(offer_id, limited_form(made.sku_id, 20000), 1)
    for step in (
        lambda: promotions.edit_offer(offer_id, limited_form(made.sku_id), 1),
        lambda: promotions.start_offer(offer_id, 1),
        lambda: promotions.drop_offer(offer_id, 1),
    ):
        with pytest.raises(Conflict, match="offer_moved"):
            step()
    assert promotions.offer_detail(offer_id).state == "draft"


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"title": " "}, "field_missing", "title"),
        ({"label": "长" * 21}, "text_too_long", "label"),
        ({"targets": ()}, "offer_targets_missing", "targets"),
        ({"targets": (10**9,)}, "offer_target_missing", "targets"),
        ({"scope": "order"}, "choice_unknown", "scope"),
        ({"rules": {"rate_bp": 20_000}}, "offer_rules_bad", "rate_bp"),
        ({"rules": {}}, "offer_rules_bad", "rules"),
        ({"kind": "lottery"}, "offer_kind_unknown", "kind"),
    ],
)
def test_an_invalid_form_is_refused_at_its_field(
    more: dict[str, Any], code: str, field: str
) -> None:
    made = make_product()
    with pytest.raises(Invalid) as refused:
        promotions.draft_offer(limited_form(made.sku_id, **more))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_times_are_within_reason() -> None:
    made, now = make_product(), clock.now()
    for begins, ends, code in (
        (now, now, "offer_ends_before_start"),
        (now - timedelta(days=2), now - timedelta(days=1), "offer_over_already"),
        (now, now + timedelta(days=91), "offer_too_long"),
        (now + timedelta(days=400), now + timedelta(days=401), "offer_too_far"),
    ):
        with pytest.raises(Invalid, match=code):
            promotions.draft_offer(limited_form(made.sku_id, starts_at=begins, ends_at=ends))


def test_an_ended_promotion_can_be_neither_started_nor_stopped() -> None:
    made = make_product()
    draft = promotions.draft_offer(limited_form(made.sku_id))
    running = limited_price(made.sku_id)
    _later(days=1)
    with pytest.raises(Invalid, match="offer_ends_before_start"):
        promotions.start_offer(draft, 1)
    with pytest.raises(Conflict, match="offer_state"):
        promotions.stop_offer(running, "晚了")
    with pytest.raises(NotFound, match="offer_missing"):
        promotions.stop_offer(10**9, "没有")


def test_every_step_is_on_record() -> None:
    made = make_product()
    offer_id = limited_price(made.sku_id)
    with pytest.raises(Invalid, match="reason_missing"):
        promotions.stop_offer(offer_id, "  ")
    promotions.stop_offer(offer_id, "价格有误")
    said = [(line.action, line.after.get("state"))
            for line in audit.history("offer", offer_id)]  # fmt: skip
    assert said == [("offer.stop", "stopped"), ("offer.start", "on"), ("offer.draft", None)]


def test_the_beginning_of_a_promotion_is_published_once() -> None:
    made, heard = make_product(), []
    events.subscribe(OfferBegan, heard.append)
    planned = limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    stopped = limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    assert begin_due() == 0
    promotions.stop_offer(stopped, "不办了")
    _later(hours=1)
    assert (begin_due(), begin_due()) == (1, 0)
    assert heard == [OfferBegan(planned)]


def test_a_choice_that_nobody_offers_is_refused_by_its_name() -> None:
    made, member = make_product(), make_member()
    form = order_form(member, [(made.sku_id, 1)])
    for choices in (Choices(coupon_id=5), read_choices({"coupon_id": "5", "points": ""})):
        with pytest.raises(Invalid) as refused:
            orders.place_order(replace(form, choices=choices))
        assert (refused.value.code, refused.value.facts) == (
            "choice_not_offered", {"name": "coupon_id"},
        )  # fmt: skip
    for typed in ({"gift": "1"}, {"coupon_id": "x"}, {"coupon_id": "9" * 30}):
        with pytest.raises(Invalid, match="choice_not_offered"):
            read_choices(typed)


def test_a_promotion_with_unreadable_rules_is_ignored() -> None:
    made = make_product()
    broken, good = limited_price(made.sku_id, 100), limited_price(made.sku_id)
    Row.update(rules={"rate_bp": "x"}, version=9).where(Row.id == broken).execute()
    assert [o.id for o in promotions.live_offers(clock.now(), is_fresh=True)] == [good]
    assert orders.preview_order([(made.sku_id, 1)])[1].payable_fen == LOW


def test_pages_show_the_price_that_an_order_has() -> None:
    made = make_product()
    _aged(made.sku_id)
    limited_price(made.sku_id)
    (card,) = pricing.home().cards
    (sku,) = pricing.product_page(made.product_id).skus
    for shown in (card, sku):
        assert (shown.price_fen, shown.strike_fen, shown.label) == (LOW, LIST, "限时价")
        assert shown.until == promotions.live_offers(clock.now())[0].ends_at
    assert pricing.product_page(made.product_id).price_fen == LOW
    assert catalog.home().cards[0].price_fen == LIST


def test_no_strike_price_without_a_price_before() -> None:
    made = make_product()
    limited_price(made.sku_id)
    assert pricing.home().cards[0].strike_fen is None


def test_a_list_price_that_was_undercut_is_not_struck_through_later() -> None:
    made = make_product()
    _aged(made.sku_id)
    offer_id = limited_price(made.sku_id, 20000)
    _later(hours=1)
    promotions.stop_offer(offer_id, "结束")
    _later(days=1)
    catalog.set_price(made.sku_id, 25000)
    assert catalog.home().cards[0].strike_fen == LIST
    assert pricing.home().cards[0].strike_fen is None
    assert pricing.product_page(made.product_id).skus[0].strike_fen is None


def test_the_cart_shows_promotional_prices_of_unselected_lines_too() -> None:
    made, other = make_product(), make_product()
    owner = cart.member_owner(make_member())
    cart.add(owner, made.sku_id, 2)
    cart.add(owner, other.sku_id)
    cart.select(owner, [made.sku_id], is_selected=False)
    limited_price(made.sku_id)
    lines = {line.sku_id: line for line in cart.view(owner).lines}
    assert (lines[made.sku_id].price_fen, lines[made.sku_id].label) == (LOW, "限时价")
    assert (lines[other.sku_id].price_fen, lines[other.sku_id].label) == (LIST, "")


def test_a_rate_for_a_product_reaches_every_specification() -> None:
    made = make_product()
    second = catalog.add_sku(made.product_id, catalog.SkuForm(10001, 5, "二"))
    limited_price(
        made.sku_id, scope="product", targets=(made.product_id,), rules={"rate_bp": 8500}
    )
    quote = orders.preview_order([(made.sku_id, 1), (second, 1)])[1]
    assert sorted(line.unit_price_fen for line in quote.lines) == [8500, 25330]


def test_the_preview_shows_the_effect_on_each_price() -> None:
    made = make_product()
    _aged(made.sku_id)
    first = limited_price(made.sku_id, title="早一个")
    far = promotions.effects(limited_form(made.sku_id, 9900), [_line(made)])
    assert [(e.price_fen, e.strike_fen, e.overlaps, e.is_far) for e in far] == [
        (9900, LOW, ("早一个",), True)
    ]
    assert promotions.effects(limited_form(made.sku_id), [_line(made)], first)[0].overlaps == ()
    not_lower = promotions.effects(limited_form(made.sku_id, LIST), [_line(made)])[0]
    assert (not_lower.price_fen, not_lower.is_far) == (None, False)


def test_the_doctor_names_promotions_without_an_effect() -> None:
    made, gone = make_product(), make_product()
    limited_price(made.sku_id)
    useless, hidden = limited_price(made.sku_id, LIST), limited_price(gone.sku_id)
    broken, over = limited_price(made.sku_id), limited_price(made.sku_id)
    catalog.set_state(gone.product_id, "take_off_shelf")
    Row.update(rules={}).where(Row.id == broken).execute()
    Row.update(ends_at=clock.now() - timedelta(hours=1)).where(Row.id == over).execute()
    assert [(f.offer_id, f.ailment) for f in promotions.check_offers()] == [
        (useless, "lowers_nothing"), (hidden, "nothing_for_sale"), (broken, "unreadable"),
        (over, "overdue"),
    ]  # fmt: skip


def _aged(sku_id: int) -> None:
    """Set the start of the SKU's price to a month ago."""
    PriceHistory.update(from_at=clock.now() - timedelta(days=30)).where(
        PriceHistory.sku == sku_id
    ).execute()
