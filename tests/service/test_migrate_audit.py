"""The migration that moves system events out of the audit log; people's acts stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Migration

from domain import audit
from kernel.migrate import FOLDER
from models import AuditEntry, SystemEvent
from tests.harness.filled import filled_database

FORMER, FILE = "0047_system_state", "0048_system_events"
PEOPLES = (
    ("staff:lisa", "order.note", "order", "3", None, {"note": "急"}),
    ("member:7", "refund.begin", "payment", "5", None, {"cause": "case", "amount_fen": 100}),
    ("operator:root", "hold.lift", "hold", "all", {"why": "x"}, {"reason": "已核对"}),
    ("lisa", "hold.lift", "hold", "all", None, {"reason": "直接写名字"}),
)
MACHINES = (
    ("system", "payouts.stop", "brakes", "all", None, {"why": "ledger: 1"}),
    ("restore", "hold.begin", "hold", "all", None, {"why": "restored"}),
    ("wechat", "grant.active", "payee", "4", None, {"number": "GA1"}),
    ("wechatpay", "order.payment_returned", "order", "3", None, {"cause": "late"}),
    ("periodic:cases.due", "refund.begin", "payment", "5", None, {"cause": "case"}),
    ("outbox:payments.refund", "refund.abnormal", "refund", "6", None, {"why": "银行卡已注销"}),
    ("visitor", "staff.locked", "staff", "1", None, {"door": "password"}),
    ("seed", "setting.change", "setting", "trade", {"a": 1}, {"a": 2}),
    ("periodic:reconcile", "refund.adopt", "refund", "6", {"n": "A"}, {"n": "B"}),
    ("system", "template.purpose", "template", "t1", "order_paid", "refund"),
)
AS_CODES = tuple(
    row if row[1] != "payouts.stop"
    else (*row[:5], {"cause": "ledger_differs", "said": "1"})  # by a later migration
    for row in MACHINES
)  # fmt: skip
IN_SOMEBODYS_REQUEST = (
    ("member:7", "payment.mismatch", "payment", "5", None, {"field": "mchid"}),
    ("staff:lisa", "refund.twice", "refund", "6", None, {"refund_id": "50"}),
    ("member:7", "refund.begin", "payment", "5", None, {"cause": "late", "amount_fen": 1}),
)
UNNAMED = (
    ("system", "staff.create", "staff", "2", None, {"login": "amy"}),
    ("system", "distributor.names_reviewed", "distributor", "-", None, {"names": 2}),
)
MIXED = [each for group in zip(MACHINES, PEOPLES * 3, strict=False) for each in group]


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _rows(found: list[Any]) -> dict[str, list[dict[str, Any]]]:
    return {"audit_entry": [
        {"id": n, "actor": actor, "action": action, "target_type": kind, "target_id": target,
         "before": _text(before), "after": _text(after), "ip": f"192.0.2.{n % 200}",
         "request_id": f"r{n}", "at": 1_700_000_000_000_000 + n}
        for n, (actor, action, kind, target, before, after) in enumerate(found, 1)
    ]}  # fmt: skip


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Any]:
    """The former release's log, migrated."""
    rows = _rows([*MIXED, *IN_SOMEBODYS_REQUEST, *UNNAMED])
    with filled_database(tmp_path, rows, FORMER) as database:
        yield database


def test_system_rows_become_events_complete_and_in_order(moved: Any) -> None:
    found = audit.system_history(limit=100)[::-1]
    assert [
        (e.actor, e.action, e.target_type, e.target_id, e.before, e.after)
        for e in found[: len(MACHINES)]
    ] == list(AS_CODES)
    by_number = dict(enumerate(MIXED, 1))
    for event in SystemEvent.select().where(SystemEvent.source != "system"):
        n = int(event.request_id.removeprefix("r"))
        assert event.action == by_number[n][1]
        assert event.ip == f"192.0.2.{n}"
        assert int(event.at.timestamp() * 1_000_000) == 1_700_000_000_000_000 + n


def test_events_during_a_person_s_request_do_not_name_the_person(moved: Any) -> None:
    found = audit.system_history(limit=100)[::-1][len(MACHINES) :]
    assert [(e.actor, e.action, e.after) for e in found] == [
        ("system", action, after) for _, action, *_, after in IN_SOMEBODYS_REQUEST
    ]


def test_people_s_rows_keep_their_content_and_ids(moved: Any) -> None:
    stayed = [(n, row) for n, row in enumerate(MIXED, 1) if row in PEOPLES]
    kept = [
        (e.id, (e.actor, e.action, e.target_type, e.target_id, e.before, e.after))
        for e in audit.history(limit=100)[::-1]
    ]
    assert kept[: len(stayed)] == stayed
    assert {e.actor for e in audit.history(limit=100)} == {
        "staff:lisa", "member:7", "operator:root", "lisa", "operator:unnamed",
    }  # fmt: skip


def test_acts_at_the_command_line_are_by_an_unnamed_person(moved: Any) -> None:
    found = [e.action for e in audit.history(actor="operator:unnamed")]
    assert found == ["distributor.names_reviewed", "staff.create"]


def test_a_long_log_is_moved_completely(tmp_path: Path) -> None:
    """The log is longer than a batch, and its first thousand rows have no system event."""
    rows = _rows([PEOPLES[0]] * 1_001 + [MACHINES[0], PEOPLES[1]] * 260)
    with filled_database(tmp_path, rows, FORMER):
        assert (AuditEntry.select().count(), SystemEvent.select().count()) == (1_261, 260)


def test_applied_again_after_breaking_off_it_moves_the_rest(moved: Any) -> None:
    """MariaDB can't roll back the new table, so that a file that broke off is applied again."""
    before = SystemEvent.select().count()
    AuditEntry.insert(actor="system", action="x", target_type="order", target_id="1",
                      at=AuditEntry.select().first().at).execute()  # fmt: skip
    (file,) = [m for m in Migration.load_directory(str(FOLDER)) if m.name == FILE]
    file.load().up(None, moved)
    assert SystemEvent.select().count() == before + 1
    assert AuditEntry.select().where(AuditEntry.actor == "system").count() == 0
