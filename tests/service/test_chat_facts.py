"""Facts for the chat about distribution and payouts: waiting commission, place, tax tables."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain import distribution, payouts, settings
from kernel import clock
from models import Order, PayeeIncome
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    make_rule,
    receive_sale,
    refund_line,
    release_sale,
    sell,
)
from tests.factories.members import make_member


def test_waiting_commission_is_the_oldest_first_and_without_what_was_released(db: Any) -> None:
    make_rule(1000)
    lin = make_distributor()
    buyer = make_customer(lin)
    release_sale(sell(buyer, paid_fen=10_000))
    old, new = sell(buyer, paid_fen=20_000), sell(buyer, paid_fen=30_000)
    sell(make_customer(make_distributor("阿慧")), paid_fen=40_000)
    receive_sale(old)
    found = distribution.list_waiting_commission(lin)
    assert [(one.amount_fen, one.phase) for one in found] == [
        (2_000, "frozen"), (3_000, "pending"),
    ]  # fmt: skip
    assert found[0].run_at == clock.day_start(clock.business_day(clock.now()) + timedelta(days=8))
    assert [one.amount_fen for one in distribution.list_waiting_commission(lin, 1)] == [2_000]
    assert new


def test_what_was_shipped_is_released_at_the_latest_after_its_own_receipt(db: Any) -> None:
    make_rule(1000)
    lin = make_distributor()
    order_id = sell(make_customer(lin))
    [before] = distribution.list_waiting_commission(lin)
    by = clock.now() + timedelta(days=10)
    Order.update(receive_by_at=by).where(Order.id == order_id).execute()
    [after] = distribution.list_waiting_commission(lin)
    assert before.latest_run_at is None
    assert after.latest_run_at == clock.day_start(clock.business_day(by) + timedelta(days=8))
    receive_sale(order_id)
    assert distribution.list_waiting_commission(lin)[0].latest_run_at is None


def test_a_place_is_by_own_sales_among_active_distributors_of_the_month(db: Any) -> None:
    lin, hui, zhou = (make_distributor(name) for name in ("小林", "阿慧", "老周"))
    sell(make_customer(lin), paid_fen=10_000)
    sell(make_customer(hui), paid_fen=30_000)
    sell(make_customer(zhou), paid_fen=50_000)
    assert distribution.place_this_month(lin) == distribution.Place(1, 10_000, 3, 3)
    assert distribution.place_this_month(zhou).place == 1
    distribution.suspend_distributor(zhou, "staff:1", "核实")
    assert distribution.place_this_month(lin) == distribution.Place(1, 10_000, 2, 2)
    last_month = clock.day_start(clock.business_day(clock.now()).replace(day=1)) - timedelta(
        days=1
    )
    Order.update(paid_at=last_month).where(Order.seller == hui).execute()
    assert distribution.place_this_month(lin) == distribution.Place(1, 10_000, 1, 1)


def test_recruited_people_do_not_count_for_a_place(db: Any) -> None:
    lin, hui = make_distributor(), make_distributor("阿慧")
    for number in range(3):
        make_customer(lin, f"客{number}")
    sell(make_customer(hui), paid_fen=30_000)
    assert distribution.place_this_month(lin) == distribution.Place(0, 0, None, 1)


def test_equal_sales_share_a_place(db: Any) -> None:
    lin, hui = make_distributor(), make_distributor("阿慧")
    for each in (lin, hui):
        sell(make_customer(each), paid_fen=30_000)
    assert [distribution.place_this_month(each).place for each in (lin, hui)] == [1, 1]


def test_the_tax_table_is_the_one_in_force_on_the_day(db: Any) -> None:
    ordinary = payouts.tax_table("ordinary", date(2026, 5, 1))
    assert ordinary is not None
    assert (ordinary.allowance_fen, ordinary.allowance_edge_fen) == (80_000, 400_000)
    assert [band.rate_bp for band in ordinary.bands] == [2000, 3000, 4000]
    assert payouts.tax_table("none", date(2026, 5, 1)) is None
    assert payouts.tax_table("unset", date(2026, 5, 1)) is None


def test_the_income_of_a_year_is_the_payee_s_own(db: Any) -> None:
    lin, hui = make_distributor(), make_distributor("阿慧")
    for member_id, gross in ((lin, 100_000), (hui, 999_999)):
        payee = payouts.payee_of(member_id)
        assert payee is not None
        PayeeIncome.create(payee=payee.id, year=2026, gross_fen=gross, tax_fen=4_000)
    assert payouts.income_of_year(lin, 2026) == (100_000, 4_000)
    assert payouts.income_of_year(lin, 2025) == (0, 0)
    assert payouts.income_of_year(make_member("路人"), 2026) == (0, 0)


def test_waiting_commission_names_the_refunded_amount_separately(db: Any) -> None:
    make_rule(1000)
    lin = make_distributor()
    order_id = sell(make_customer(lin), paid_fen=20_000)
    refund_line(order_id, 10_000)
    [one] = distribution.list_waiting_commission(lin)
    assert (one.amount_fen, one.taken_fen, one.left_fen) == (2_000, 1_000, 1_000)
    assert settings.get(settings.Distribution).freeze_days == one.why["freeze_days"]
