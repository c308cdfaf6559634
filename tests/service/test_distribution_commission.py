"""Commission from the order to the available balance, and its taking back after refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, ledger, payouts, settings
from domain.distribution.service import accrual
from domain.ledger import merchant_account
from kernel import clock
from kernel.errors import Invalid, NotFound
from models import (
    AfterSale,
    AfterSaleLine,
    Commission,
    CommissionRule,
    LevelsSwitch,
    Order,
    OrderLine,
    OutboxRow,
    Sku,
)
from tests.factories.catalog import make_product
from tests.factories.distribution import (
    balances,
    line_of,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    pay_sale,
    place_sale,
    receive_sale,
    refund_line,
    release_sale,
    sell,
    wallet,
)
from tests.factories.members import make_member

LAW = "已阅读《禁止传销条例》及处罚案例，知悉风险并自愿开启。"


def _three_levels() -> tuple[int, int, int, int]:
    """A buyer and the three distributors above; the owner signed for three levels."""
    distribution.sign_levels(3, "林老板", LAW, "staff:1")
    hui = make_distributor("阿慧")
    zhou, lin = make_distributor("老周"), make_distributor("小林")
    assert distribution.bind(zhou, hui, cause="link").is_bound
    assert distribution.bind(lin, zhou, cause="link").is_bound
    return make_customer(lin), lin, zhou, hui


def _told(purpose: str) -> list[dict[str, Any]]:
    return [r.payload for r in OutboxRow.select() if r.payload["purpose"] == purpose]


def test_commission_of_one_level_from_order_to_release(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)
    order = place_sale(buyer, paid_fen=29800)
    assert balances(lin) == wallet()
    assert [e.phase for e in distribution.list_commission_of_member(lin)] == ["planned"]
    pay_sale(order)
    assert balances(lin) == wallet(pending=2980)
    assert _told("commission_pending")[0]["facts"] == {
        "order_id": order,
        "fen": 2980,
        "level": 1,
    }
    receive_sale(order)
    entry = distribution.list_commission_of_member(lin)[0]
    assert entry.phase == "frozen"
    assert entry.frozen_until is not None
    assert entry.frozen_until - clock.now() > timedelta(days=6, hours=23)
    pass_time(days=8)
    assert distribution.release_due() == 1
    assert balances(lin) == wallet(available=2980)
    assert distribution.release_due() == 0
    assert ledger.check_fully().is_clean


def test_the_pool_is_split_among_three_levels(db: Any) -> None:
    buyer, lin, zhou, hui = _three_levels()
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    order = sell(buyer, paid_fen=29800)
    assert [balances(m)["commission_pending"] for m in (lin, zhou, hui)] == [4172, 1192, 596]
    release_rows = Commission.select().where(Commission.order == order)
    assert {(c.level, c.member_id) for c in release_rows} == {(1, lin), (2, zhou), (3, hui)}


def test_the_default_pays_one_level_only(db: Any) -> None:
    lin, zhou = make_distributor("小林"), make_distributor("老周")
    distribution.bind(lin, zhou, cause="link")
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    sell(make_customer(lin), paid_fen=10000)
    assert balances(lin) == wallet(pending=1400)
    assert balances(zhou) == wallet()


@pytest.mark.parametrize("levels", [4, 5, -1])
def test_more_than_three_levels_are_refused(db: Any, levels: int) -> None:
    with pytest.raises(Invalid, match="levels_out_of_range"):
        distribution.sign_levels(levels, "林老板", LAW, "staff:1")
    assert LevelsSwitch.select().count() == 0
    with pytest.raises(Invalid, match="levels_out_of_range"):
        make_rule(100, 100, 100, 100)
    assert CommissionRule.select().count() == 0


def test_the_database_refuses_a_fourth_level(db: Any) -> None:
    from peewee import DatabaseError

    with pytest.raises(DatabaseError), db.atomic():
        LevelsSwitch.create(
            levels=4, signed_name="x", signed_by="x", text="x", signed_at=clock.now()
        )
    assert LevelsSwitch.select().count() == 0


def test_levels_above_one_need_a_signature_and_the_text(db: Any) -> None:
    with pytest.raises(Invalid, match="signed_text_missing"):
        distribution.sign_levels(2, "林老板", "", "staff:1")
    with pytest.raises(Invalid, match="signature_missing"):
        distribution.sign_levels(2, " ", LAW, "staff:1")
    assert distribution.levels_now() == 1
    distribution.sign_levels(3, "林老板", LAW, "staff:1")
    distribution.sign_levels(1, "林老板", "", "staff:1")
    kept = distribution.list_level_signatures()
    assert [(v.levels, v.signed_name) for v in kept] == [(1, "林老板"), (3, "林老板")]
    assert kept[1].text == LAW


def test_a_distributor_suspended_between_order_and_payment_earns_nothing(db: Any) -> None:
    """A distributor suspended for fraud once earned from an order that was paid later."""
    buyer, lin, zhou, hui = _three_levels()
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    order = place_sale(buyer, paid_fen=10000)
    distribution.suspend_distributor(zhou, "staff:1", "投诉")
    payouts.freeze_payee(hui, "staff:1", "刷单嫌疑")
    pay_sale(order)
    assert [balances(m)["commission_pending"] for m in (lin, zhou, hui)] == [1400, 0, 0]
    states = {row.member_id: row.state for row in Commission.select()}
    assert (states[zhou], states[hui]) == ("void", "void")


def test_later_changes_of_rules_do_not_change_a_snapshot(db: Any) -> None:
    buyer, lin, zhou, hui = _three_levels()
    rule = make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    order = place_sale(buyer, paid_fen=10000)
    distribution.sign_levels(0, "林老板", LAW, "staff:1")
    distribution.retire_rule(rule, "staff:1")
    distribution.move_upline(buyer, hui, "staff:1", "改绑")
    settings.change(settings.Distribution, {"freeze_days": 60})
    pay_sale(order)
    assert [balances(m)["commission_pending"] for m in (lin, zhou, hui)] == [1400, 400, 200]
    receive_sale(order)
    until = {c.frozen_until for c in Commission.select()}
    assert [u - clock.now() < timedelta(days=7) for u in until] == [True]


def test_a_rule_of_the_grade_or_the_sku_has_precedence(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    product = make_product(price_fen=10000)
    gold = distribution.save_grade("金牌", 1, "staff:1")
    make_rule(100)
    make_rule(200, scope="product", target_id=product.product_id)
    make_rule(300, scope="product", target_id=product.product_id, grade_id=gold)
    sell(buyer, paid_fen=10000, sku_id=product.sku_id)
    assert balances(lin)["commission_pending"] == 200
    distribution.set_grade(lin, gold, "staff:1")
    sell(buyer, paid_fen=10000, sku_id=product.sku_id)
    assert balances(lin)["commission_pending"] == 500
    make_rule(0, 1, mode="levels", scope="sku", target_id=product.sku_id)
    sell(buyer, paid_fen=10000, sku_id=product.sku_id)
    assert balances(lin)["commission_pending"] == 500


def test_self_purchase_is_off_unless_switched_on(db: Any) -> None:
    lin, zhou = make_distributor("小林"), make_distributor("老周")
    distribution.bind(lin, zhou, cause="link")
    make_rule(1000)
    sell(lin, paid_fen=10000)
    assert (balances(lin), balances(zhou)) == (wallet(), wallet(pending=1000))
    settings.change(settings.Distribution, {"pay_self_purchase": True})
    sell(lin, paid_fen=10000)
    assert (balances(lin), balances(zhou)) == (wallet(pending=1000), wallet(pending=1000))


def test_a_cancelled_order_earns_nothing(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = place_sale(make_customer(lin))
    accrual.void_commission(order)
    pay_sale(order)
    assert balances(lin) == wallet()
    assert [c.state for c in Commission.select()] == ["void"]


def test_an_open_case_blocks_the_whole_line(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = sell(make_customer(lin), paid_fen=10000)
    receive_sale(order)
    case = _case(order)
    pass_time(days=8)
    assert distribution.release_due() == 0
    assert distribution.list_commission_of_member(lin)[0].phase == "blocked"
    assert balances(lin) == wallet(pending=1000)
    AfterSale.update(state="rejected").where(AfterSale.id == case).execute()
    assert distribution.list_commission_of_member(lin)[0].phase == "ready"
    assert distribution.release_due() == 1
    assert balances(lin) == wallet(available=1000)


def _case(order_id: int) -> int:
    now = clock.now()
    case = AfterSale.create(
        case_no=f"AS{order_id:08d}",
        order=order_id,
        member=Commission.get().member_id,
        kind="refund_only",
        goods_fen=100,
        state="requested",
        reason="other",
        created_at=now,
        updated_at=now,
    )
    AfterSaleLine.create(
        case=case.id, line=line_of(order_id).id, quantity=1, claim_fen=100, goods_fen=100
    )
    return int(case.id)


def test_the_run_releases_commission_whose_freeze_ended_before_midnight(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = sell(make_customer(lin), paid_fen=10000)
    midday = clock.day_start(clock.business_day(clock.now())) + timedelta(days=1, hours=12)
    clock.set_offset(clock.offset() + (midday - clock.now()))
    accrual.start_commission_freeze(order, clock.now() - timedelta(days=7, hours=1))
    assert distribution.release_due() == 0
    assert distribution.list_commission_of_member(lin)[0].phase == "ready"
    assert distribution.list_commission_of_member(lin)[0].run_at == midday + timedelta(hours=12)
    pass_time(hours=13)
    assert distribution.release_due() == 1


def test_refunds_of_a_line_reduce_pending_commission_proportionally(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = sell(make_customer(lin), paid_fen=999)
    assert balances(lin) == wallet(pending=99)
    for case, refunded in enumerate((100, 333, 998, 999), 1):
        refund_line(order, refunded, case)
        assert balances(lin)["commission_pending"] == 99 - 99 * refunded // 999
    assert Commission.get().state == "void"
    refund_line(order, 999, 5)
    assert balances(lin) == wallet()
    assert ledger.balance(merchant_account("commission_expense")) == 0
    assert ledger.check_fully().is_clean


def test_a_refund_of_one_yuan_takes_back_only_its_share(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = sell(make_customer(lin), paid_fen=10000)
    refund_line(order, 100)
    assert balances(lin) == wallet(pending=990)
    facts = _told("commission_taken_back")[0]["facts"]
    assert (facts["fen"], facts["order_id"], facts["pending_fen"]) == (10, order, 10)
    assert facts["title"] == OrderLine.get().title


def test_released_commission_is_taken_back_from_the_available_balance(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)
    first, second = sell(buyer, paid_fen=10000), sell(buyer, paid_fen=4000)
    release_sale(first)
    refund_line(first, 10000)
    assert balances(lin) == wallet(pending=400)
    receive_sale(second)
    pass_time(days=8)
    distribution.release_due()
    assert balances(lin) == wallet(available=400)


def test_debt_is_paid_off_by_the_next_release(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)
    orders = [sell(buyer, paid_fen=fen) for fen in (10000, 4000, 9000)]
    release_sale(orders[0])
    _spend_all(lin)
    refund_line(orders[0], 10000)
    assert balances(lin)["debt"] == -1000
    for order, debt, available in ((orders[1], -600, 0), (orders[2], 0, 300)):
        release_sale(order)
        assert (balances(lin)["debt"], balances(lin)["available"]) == (debt, available)
    assert ledger.check_fully().is_clean


def _spend_all(member_id: int) -> None:
    """Empty the available balance, as a paid withdrawal does."""
    from domain.ledger import Posting, member_account

    left = ledger.balance(member_account("available", member_id))
    out = Posting(
        "spent",
        member_account("available", member_id),
        merchant_account("bank_clearing"),
        left,
        "withdrawal_paid",
    )
    ledger.post([out], "withdrawal", 1)


def test_writing_off_a_debt_needs_a_reason(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = sell(make_customer(lin), paid_fen=10000)
    release_sale(order)
    _spend_all(lin)
    refund_line(order, 10000)
    with pytest.raises(Invalid, match="reason_missing"):
        distribution.write_off_debt(lin, 1000, "staff:1", " ")
    with pytest.raises(Invalid, match="write_off_amount"):
        distribution.write_off_debt(lin, 1001, "staff:1", "核销")
    assert balances(lin) == wallet(debt=-1000)
    distribution.write_off_debt(lin, 1000, "staff:1", "核销")
    assert balances(lin) == wallet()


def test_a_product_s_commission_is_shown_before_sharing(db: Any) -> None:
    lin = make_distributor()
    product = make_product(price_fen=29800)
    assert distribution.preview_commission(product.product_id, lin).mode == "none"
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    announced = clock.now() + timedelta(days=7)
    make_rule(500, effective_at=announced)
    view = distribution.preview_commission(product.product_id, lin)
    assert (view.mode, view.until_at) == ("pool", announced)
    assert view.mine is not None
    assert (view.mine.from_fen, view.mine.to_fen, view.mine.rate_bp) == (4172, 4172, 1400)
    assert len(view.levels) == 1
    pass_time(days=7, seconds=1)
    later = distribution.preview_commission(product.product_id, lin)
    assert (later.mode, later.until_at) == ("levels", None)
    assert later.mine is not None
    assert later.mine.from_fen == 1490
    with pytest.raises(NotFound):
        distribution.preview_commission(0)


def test_a_rule_needs_an_existing_target_and_valid_shares(db: Any) -> None:
    sku = Sku.get_by_id(make_product().sku_id)
    with pytest.raises(NotFound):
        make_rule(100, scope="product", target_id=999_999)
    with pytest.raises(Invalid, match="rule_rate_too_high"):
        make_rule(9000, 1001)
    with pytest.raises(Invalid, match="rule_pool_bad"):
        make_rule(1, mode="pool", pool_bp=10_001)
    with pytest.raises(Invalid, match="rule_share_missing"):
        make_rule(0)
    assert CommissionRule.select().count() == 0
    make_rule(100, scope="sku", target_id=sku.id)
    rule = distribution.list_commission_rules()[0]
    assert (rule.scope, rule.shares, rule.is_active) == ("sku", (100,), True)
    assert rule.target.endswith("500ml")


def test_figures_add_up(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)
    view = distribution.distributor(lin)
    assert view is not None
    for _ in range(2):
        distribution.record_touch("v1", view.referral_code, "link")
        assert distribution.count_visit("v1", view.referral_code, clock.now())
    release_sale(sell(buyer, paid_fen=10000))
    sell(buyer, paid_fen=5000)
    found = distribution.distributor_figures(lin)
    assert (found.pending_fen, found.available_fen, found.customers) == (500, 1000, 1)
    today = found.today
    assert (today.orders, today.sales_fen, today.commission_fen) == (1, 5000, 500)
    assert (found.month.orders, found.month.sales_fen, found.month.visits) == (2, 15000, 2)
    assert found.month.visitors == 1
    merchant = distribution.merchant_figures()
    assert (merchant.distributors, merchant.pending_fen, merchant.available_fen) == (1, 500, 1000)
    assert distribution.sold_in_a_month().commission_fen == 1500


def test_the_reason_why_an_order_earned_nothing_is_explained(db: Any) -> None:
    lin, hui = make_distributor("小林"), make_distributor("阿慧")
    make_rule(1000)
    buyer, stranger = make_customer(lin), make_member("路人")

    def ask(member_id: int, order_id: int) -> str:
        return distribution.why_no_commission(member_id, Order.get_by_id(order_id).order_no).code

    mine = sell(buyer)
    assert ask(lin, mine) == "yours"
    assert ask(hui, mine) == "never_met"
    distribution.bind(buyer, hui, cause="link")
    assert ask(hui, mine) == "bound_to_other"
    assert ask(lin, place_sale(buyer)) == "not_paid_yet"
    assert distribution.why_no_commission(lin, "FM-none").code == "never_met"
    early = sell(stranger)
    assert ask(lin, early) == "never_met"
    pass_time(minutes=1)
    distribution.bind(stranger, lin, cause="link")
    assert ask(lin, early) == "bound_later"
    distribution.suspend_distributor(lin, "staff:1", "投诉")
    assert ask(lin, sell(stranger)) == "suspended"
    distribution.restore_distributor(lin, "staff:1")
    assert ask(lin, sell(lin)) == "own_purchase"


def test_a_rule_without_commission_for_the_line_is_explained(db: Any) -> None:
    lin = make_distributor()
    order = Order.get_by_id(sell(make_customer(lin)))
    assert distribution.why_no_commission(lin, order.order_no).code == "no_rule"


def test_an_ended_binding_and_zero_levels_are_explained(db: Any) -> None:
    settings.change(settings.BindingPolicy, {"kind": "days", "days": 5})
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)

    def ask(order_id: int) -> str:
        return distribution.why_no_commission(lin, Order.get_by_id(order_id).order_no).code

    assert ask(sell(buyer)) == "yours"
    distribution.sign_levels(0, "林老板", "", "staff:1")
    assert ask(sell(buyer)) == "level_not_paid"
    assert ask(sell(buyer, paid_fen=0)) == "nothing_paid"
    pass_time(days=6)
    assert ask(sell(buyer)) == "binding_ended"


def test_the_notice_of_a_release_names_its_order_and_how_many_more(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    make_rule(1000)
    orders = [sell(buyer, paid_fen=10000) for _ in range(3)]
    for order in orders:
        receive_sale(order)
    pass_time(days=8)
    assert distribution.release_due() == 3
    first = Order.get_by_id(orders[0]).order_no
    (told,) = _told("commission_released")
    assert told["facts"] == {"fen": 3000, "lines": 3, "order_no": f"{first} +2"}
    assert len(told["facts"]["order_no"]) <= 32
    receive_sale(last := sell(buyer, paid_fen=10000))
    pass_time(days=8)
    distribution.release_due()
    assert _told("commission_released")[1]["facts"]["order_no"] == Order.get_by_id(last).order_no
