"""Migrating stored sentences of former releases to codes and facts keeps WeChat's messages.

The rows are those of ``golden/before_payables.json``, with the sentences of that release in the
columns to which its verbs wrote them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from playhouse.migrations import Migration

from domain import outbox, payments, payouts
from domain.payments.ports import RefundRequest, Unreadable
from domain.payments.refunds import check_refund
from domain.reconcile import asides
from kernel.faults import Fault, fault_in
from kernel.migrate import FOLDER
from models import (
    AfterSale,
    AfterSaleLog,
    BillAside,
    Delivery,
    OutboxRow,
    PayeeFreeze,
    Payment,
    PayoutGrant,
    PeriodicJob,
    PushCampaign,
    Refund,
    SystemEvent,
    SystemState,
    Withdrawal,
)
from tests.harness.filled import Rows, filled_database, rows_of

AT = 1_700_000_000_000_000
NUMBERS = ("0103", "0104", "0105", "0106", "0107", "0108")
TABLES: tuple[Any, ...] = (
    Payment, Refund, OutboxRow, PeriodicJob, AfterSale, AfterSaleLog, SystemEvent, SystemState,
    PayoutGrant, PayeeFreeze, Withdrawal, BillAside, PushCampaign, Delivery,
)  # fmt: skip
CALLS = {
    "waits: refund_per_day": Fault("refund_per_day", "waits"),
    "not closed: no_answer timed out": Fault("no_answer", "", "timed out", {"call": "close"}),
    "not closed: http_500": Fault("http_500", facts={"call": "close"}),
    "uncertain: RULE_LIMIT 超出限额": Fault("RULE_LIMIT", "", "超出限额"),
    "mismatch amount": Fault("mismatch", facts={"field": "amount"}),
    "succeeded after it was settled by hand": Fault("succeeded_after_by_hand"),
    "SYSTEM_ERROR 系统超时，\n请稍后": Fault("SYSTEM_ERROR", "", "系统超时，\n请稍后"),
    "ABNORMAL": Fault("ABNORMAL"),
    "从前的话 without a code": Fault("said_before", "", "从前的话 without a code"),
}
TASKS = {
    "Refused: 47003 argument invalid!": Fault("47003", "refused", "argument invalid!"),
    "Unknown: no_answer": Fault("no_answer", "unknown"),
    "Conflict: payment_closed state='paid'": Fault("payment_closed", "rule", "state='paid'"),
    "TimeoutError: ": Fault("bug", "bug", facts={"error": "TimeoutError"}),
    "ValueError: 坏了: x": Fault("bug", "bug", "坏了: x", {"error": "ValueError"}),
    "its worker disappeared": Fault("worker_lost"),
    "held after a restore": Fault("held_after_restore", "waits"),
    "quiet hours": Fault("quiet_hours", "waits"),
    "-1 system error": Fault("-1", "", "system error"),
    "replaced: bills are sent now": Fault("said_before", "", "replaced: bills are sent now"),
}
ASIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "duplicate": ("duplicate", {}),
    "columns 28/27": ("columns", {"found": 28, "expected": 27}),
    "amount '2_98'": ("amount_unreadable", {"said": "2_98"}),
    "no column 交易时间": ("no_column", {"column": "交易时间"}),
    "no time in 记账时间": ("no_time", {"column": "记账时间"}),
    "neither income nor expense '转'": ("no_direction", {"said": "转"}),
    "no totals": ("no_totals", {}),
    "总交易单数: 'two' in the totals":
        ("count_unreadable", {"total": "总交易单数", "said": "two"}),
    "总交易单数: 3 in the totals, 2 in the lines":
        ("count_differs", {"total": "总交易单数", "stated": 3, "found": 2}),
    "5 of 6 records can't be read: columns 1/2":
        ("said_before", {"said": "5 of 6 records can't be read: columns 1/2"}),
    "收入金额: 100 fen in the totals, 90 fen in the lines":
        ("total_differs", {"total": "收入金额", "said_fen": 100, "found_fen": 90}),
}  # fmt: skip
RESTORED = "恢复备份后补记：微信已退款"
NOTES = (("超时自动同意", "timeout"), ("商品已发出，请申请退货退款", "goods_sent"), ("不行", None))
Step = tuple[str | None, str, str]
STEPS: tuple[tuple[tuple[str, dict[str, str] | None], Step], ...] = (
    (("timeout", None), ("requested", "refunding", "超时自动同意")),
    (("goods_sent", None), ("requested", "rejected", "商品已发出，请申请退货退款")),
    (("nothing_to_refund", None), ("refunding", "refunded", "nothing was paid")),
    (("refunded_at_wechat", None), ("requested", "refunding", RESTORED)),
    (("goods_back", None), ("received_back", "refunding", "goods are back")),
    (("quality", None), (None, "requested", "quality")),
    (("reject", {"said": "不行：已拆封"}), ("requested", "rejected", "不行：已拆封")),
    (("approve_return", {"said": "请用顺丰"}), ("requested", "approved", "请用顺丰")),
    (("instead_of_exchange", {"said": "没货"}), ("received_back", "refunding", "没货")),
    (("said_before", {"said": "奇怪"}), ("approved", "withdrawn", "奇怪")),
)
STOPS = {
    "offer_over": (None, "offer_over"), "block_share": (None, "block_share"),
    "wechat:48001": (None, "48001"), "发错了": ("发错了", None),
}  # fmt: skip
RESULTS = {
    "failed:user block": ("user_block", "failed:user block"),
    "failed: system failed": ("system_failed", "failed: system failed"),
    "43101 user refuse to accept the msg": ("43101", "user refuse to accept the msg"),
    "err(10001)": ("refused", "err(10001)"), "capped": ("capped", None), "45015": ("45015", None),
}  # fmt: skip
HOLDS = {"refund": (None, "refund"), "核对账户": ("核对账户", None)}
ENDS = {"closed here": "closed_here", "other openid": "other_openid", "CLOSED": "CLOSED"}
LIFTS = {"恢复推广资格": (None, "restored"), "核实无误": ("核实无误", None)}
ABNORMAL = {"why": "RULE_LIMIT 超出限额"}


def _rows() -> Rows:
    rows = copy.deepcopy(rows_of("before_payables.json"))
    for table in ("payment", "refund"):
        for row, text in zip(rows[table], CALLS, strict=False):
            row["last_error"] = text
    rows["outbox_row"] = [
        {"id": n, "kind": "x", "payload": "{}", "state": "dead", "attempts": 1, "next_at": AT,
         "created_at": AT, "last_error": text}
        for n, text in enumerate([*TASKS, None], 1)
    ]  # fmt: skip
    rows["periodic_job"] = [
        {"id": n, "name": f"job{n}", "due_at": AT, "failures": 1, "last_result": text}
        for n, text in enumerate(TASKS, 1)
    ]
    rows["after_sale_log"][-1] |= {"to_state": "abnormal", "why": ABNORMAL["why"]}
    rows["audit_entry"] = [
        {"id": 1, "actor": "system", "action": "refund.abnormal", "target_type": "refund",
         "target_id": "1", "after": json.dumps(ABNORMAL), "ip": "", "request_id": "r", "at": AT},
    ]  # fmt: skip
    for row, (note, _) in zip(rows["after_sale"], NOTES, strict=False):
        row |= {"decided_by": "system", "decision_note": note}
    rows["after_sale"][-1]["note"] = RESTORED
    for row, (_, (before, after, text)) in zip(rows["after_sale_log"], STEPS, strict=False):
        row |= {"from_state": before, "to_state": after, "why": text}
    rows |= _rows_of_payouts(rows["member"][0]["id"])
    rows |= _rows_of_messages(rows["member"][0]["id"])
    rows["bill_aside"] = [
        {"id": n, "bill_day": "2026-11-21", "mchid": "1", "bill": "trade", "line": n - 1,
         "digest": str(n), "content": "", "reason": text, "created_at": AT}
        for n, text in enumerate(reversed(ASIDES), 1)
    ]  # fmt: skip
    return rows


def _rows_of_payouts(member_id: int) -> Rows:
    brakes = {"is_stopped": True, "stopped_why": "ledger: sales:0 stores 1, its transfers say 2"}
    check = {"at_us": 9, "faults": ["x"], "whole_at_us": 8, "whole_faults": ["y"]}
    kept = enumerate({"brakes": brakes, "book_check": check}.items(), 1)
    return {
        "payee": [{"id": 1, "owner_id": member_id}],
        "payout_grant": [
            {"id": n, "payee_id": 1, "mchid": "1", "appid": "wx", "scene": "1005", "openid": "o",
             "out_authorization_no": f"GA{n}", "state": "closed", "request": "{}", "asked_at": AT,
             "end_reason": text}
            for n, text in enumerate(ENDS, 1)
        ],
        "payee_freeze": [
            {"id": n, "payee_id": 1, "reason": "核实", "frozen_by": "staff:1", "frozen_at": AT,
             "review_by_at": AT, "lifted_at": AT, "lift_reason": text}
            for n, text in enumerate(LIFTS, 1)
        ],
        "withdrawal": [
            {"id": n, "member_id": member_id, "out_bill_no": f"WD{n}", "gross_fen": 1,
             "state": "returned", "openid": "o", "requested_at": AT, "note": text,
             "hold_reason": held}
            for n, (text, held) in enumerate(zip(("恢复备份后补记", "资料不符"), HOLDS,
                                                 strict=True), 1)
        ],
        "setting": [
            {"id": n, "key": key, "value": json.dumps(value), "version": 1, "updated_at": AT,
             "updated_by": "system"}
            for n, (key, value) in kept
        ],
    }  # fmt: skip


def _rows_of_messages(member_id: int) -> Rows:
    return {
        "push_campaign": [
            {"id": n, "title": "x", "carrier": "template", "is_promotion": 0, "content": "{}",
             "audience": "{}", "state": "stopped", "stop_reason": text, "created_by": "staff:1",
             "created_at": AT}
            for n, text in enumerate(STOPS, 1)
        ] + [
            {"id": 100 + n, "title": "x", "carrier": "template", "is_promotion": 0,
             "content": "{}", "audience": "{}", "state": "done", "created_by": "staff:1",
             "created_at": AT}
            for n in range(len(RESULTS))
        ],
        "delivery": [
            {"id": 1 + n, "campaign_id": 100 + n, "member_id": member_id, "openid": "o",
             "state": "failed", "error": text, "at": AT}
            for n, text in enumerate(RESULTS)
        ],
    }  # fmt: skip


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Any]:
    """The former release's database, migrated to today's tables and opened."""
    with filled_database(tmp_path, _rows(), "0037_seen_visits") as database:
        yield database


def test_a_call_s_failure_is_a_code_with_facts(filled: Any) -> None:
    for table in (Payment, Refund):
        found = {r.id: fault_in(r.last_error, r.last_error_facts) for r in table.select()}
        assert [found[row_id] for row_id in sorted(found)][: len(CALLS)] == [
            *list(CALLS.values())[: len(found)]
        ]
    assert payments.refund_detail(1).waits_for == "refund_per_day"


def test_a_task_s_and_a_job_s_failure_is_a_code_with_facts(filled: Any) -> None:
    rows = OutboxRow.select().order_by(OutboxRow.id)
    found = [fault_in(row.last_error, row.last_error_facts) for row in rows]
    assert found == [*TASKS.values(), None]
    jobs = PeriodicJob.select().order_by(PeriodicJob.id)
    assert [fault_in(job.last_result, job.last_result_facts) for job in jobs] == [*TASKS.values()]
    assert len(outbox.list_dead_letters(limit=50)) == len(found)


def test_wechat_s_message_of_an_abnormal_refund_is_kept_with_its_code(filled: Any) -> None:
    (event,) = SystemEvent.select().where(SystemEvent.action == "refund.abnormal")
    assert event.facts == {"why": "RULE_LIMIT", "said": "超出限额"}
    log = AfterSaleLog.select().where(AfterSaleLog.to_state == "abnormal")
    assert [row.why for row in log] == ["RULE_LIMIT"]


def test_why_a_bill_could_not_be_read_is_a_code_with_facts(filled: Any) -> None:
    rows = BillAside.select().order_by(BillAside.id.desc())
    assert [(row.reason, row.facts or {}) for row in rows] == [*ASIDES.values()]
    assert {row.reason for row in rows} - {"said_before"} <= set(get_args(Unreadable))


def test_a_bill_refused_before_the_change_and_after_it_is_one_row(filled: Any) -> None:
    whole = BillAside.get(BillAside.line == 0)
    assert whole.reason == "total_differs"
    asides.record_unreadable_bill(date(2026, 11, 21), "1", "trade", whole.reason, whole.facts)
    assert BillAside.select().count() == len(ASIDES)


def test_why_a_case_was_decided_by_itself_is_a_code(filled: Any) -> None:
    rows = list(AfterSale.select().order_by(AfterSale.id))
    assert [(row.decision_note or None, row.decision) for row in rows[:3]] == [
        (None, "timeout"), (None, "goods_sent"), ("不行", None),
    ]  # fmt: skip
    assert rows[-1].note == ""


def test_a_person_s_text_is_kept_with_the_code_of_a_step(filled: Any) -> None:
    rows = AfterSaleLog.select().order_by(AfterSaleLog.id).limit(len(STEPS))
    assert [(row.why, row.facts) for row in rows] == [now for now, _ in STEPS]


def test_a_finished_refund_s_reason_is_its_cause_and_one_under_way_keeps_its_words(
    filled: Any,
) -> None:
    refunds = list(Refund.select().order_by(Refund.id))
    assert {row.reason for row in refunds if row.state == "succeeded"} == {""}
    under_way = [row for row in refunds if row.state in ("created", "processing")]
    assert {row.reason for row in under_way} == {"订单8MSSDKCB退款", "付款金额不符"}
    asked = check_refund(under_way[0].id, "https://m/pay/refund-notify")
    assert isinstance(asked, RefundRequest)
    assert (asked.reason, asked.cause) == ("订单8MSSDKCB退款", "case")


def test_decisions_of_the_system_have_codes(filled: Any) -> None:
    grants = PayoutGrant.select().order_by(PayoutGrant.id)
    assert [row.end_reason for row in grants] == [*ENDS.values()]
    freezes = PayeeFreeze.select().order_by(PayeeFreeze.id)
    assert [(row.lift_reason, row.lift_cause) for row in freezes] == [*LIFTS.values()]
    asked = list(Withdrawal.select().order_by(Withdrawal.id))
    assert [row.note for row in asked] == [None, "资料不符"]
    assert [(row.hold_reason, row.hold_cause) for row in asked] == [*HOLDS.values()]


def test_a_stop_by_the_ledger_check_stays_and_has_a_cause(filled: Any) -> None:
    stop = payouts.payout_stop()
    assert (stop.is_stopped, stop.why, stop.cause) == (True, "", "ledger_differs")
    assert str(stop.difference) == "sales:0 stores 1, its transfers say 2"
    assert [str(each) for each in payouts.ledger_check().all_faults] == ["x", "y"]


def test_why_a_campaign_stopped_and_a_message_failed_are_codes(filled: Any) -> None:
    campaigns = PushCampaign.select().order_by(PushCampaign.id).limit(len(STOPS))
    assert [(row.stop_reason, row.stop_cause) for row in campaigns] == [*STOPS.values()]
    messages = Delivery.select().order_by(Delivery.id)
    assert [(row.error, row.said) for row in messages] == [*RESULTS.values()]


def test_applied_again_after_breaking_off_nothing_changes(filled: Any) -> None:
    """MariaDB can't roll back new columns, so that a file that broke off is applied again."""
    before = [list(table.select().order_by(table.id).dicts()) for table in TABLES]
    files = [f for f in Migration.load_directory(str(FOLDER)) if f.name[:4] in NUMBERS]
    assert len(files) == len(NUMBERS)
    for file in files:
        file.load().up(None, filled)
    assert [list(table.select().order_by(table.id).dicts()) for table in TABLES] == before
