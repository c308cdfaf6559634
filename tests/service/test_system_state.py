"""System state: reading, replacing, and the migration from settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from domain import (
    after_restore_hold,
    audit,
    installation,
    payments,
    payouts,
    settings,
    system_state,
)
from kernel import clock
from models import Setting, SystemLock, SystemState
from tests.harness.filled import filled_database

BRAKES = {"is_stopped": True, "stopped_why": "账不平", "per_hour_fen": 7}


class Tally(system_state.State):
    """A kind of state for this file."""

    KEY: ClassVar[str] = "tally"
    count: int = 0
    names: tuple[str, ...] = ()


def test_an_unwritten_state_has_its_defaults(db: Any) -> None:
    assert system_state.get(Tally) == Tally()


def test_a_state_is_stored_read_and_replaced(db: Any) -> None:
    system_state.put(Tally(count=1, names=("一", "二")))
    assert system_state.get(Tally) == Tally(count=1, names=("一", "二"))
    system_state.put(Tally(count=2))
    assert system_state.locked(Tally) == Tally(count=2)
    assert SystemState.select().count() == 1


def test_unknown_fields_are_ignored(db: Any) -> None:
    kept = {"count": 3, "colour": "red"}
    SystemState.create(key="tally", value=kept, updated_at=clock.now())
    assert system_state.get(Tally) == Tally(count=3)


def test_a_lock_may_be_taken_repeatedly(db: Any) -> None:
    system_state.lock("payouts")
    system_state.lock("payouts")
    assert [row.name for row in SystemLock.select()] == ["payouts"]


def test_changes_of_system_state_are_not_in_the_audit_log(db: Any) -> None:
    payments.record_clock_difference("web-1", 300)
    payouts.check_ledger()
    assert payments.clock_differences() == {"web-1": 300}
    assert audit.history("setting") == []
    assert Setting.select().count() == 0


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Any]:
    """A database with system state among the merchant's settings."""
    kept = {
        "hold": {"is_held": True, "why": "磁盘坏了", "since_us": 5, "backup_us": 3,
                 "listed": ["payment 1"]},
        "book_check": {"at_us": 9, "faults": ["x"]},
        "clocks_apart": {"seconds": {"web-1": -90}},
        "installation": {"environment": "production"},
        "brakes": BRAKES,
        "trade": {"pay_within_minutes": 45},
    }  # fmt: skip
    rows = [
        {"id": n, "key": key, "value": json.dumps(value), "version": 2, "updated_at": 1,
         "updated_by": "staff:owner"}
        for n, (key, value) in enumerate(kept.items(), 1)
    ]  # fmt: skip
    with filled_database(tmp_path, {"setting": rows}, "0043_line_kinds") as database:
        settings.forget_cache()
        yield database
    settings.forget_cache()


def test_a_hold_and_a_stop_survive_the_migration(before: Any) -> None:
    """If they were lost, money would be paid from a restored or faulty ledger."""
    held = after_restore_hold.hold_state()
    assert (held.is_held, held.why, held.listed) == (True, "磁盘坏了", ("payment 1",))
    assert held.backup_at == datetime.fromtimestamp(3e-6, UTC)
    assert payouts.payout_stop() == payouts.PayoutStop(is_stopped=True, why="账不平")
    assert not payments.refund_stop().is_stopped
    assert [str(each) for each in payouts.ledger_check().all_faults] == ["x"]
    assert payments.clock_differences() == {"web-1": -90}
    assert installation.environment_of_book() == "production"


def test_the_merchant_s_settings_are_not_moved(before: Any) -> None:
    assert settings.fresh(settings.PayoutBrakes).per_hour_fen == 7
    assert settings.fresh(settings.Trade).pay_within_minutes == 45
    kept = {row.key: row.value for row in Setting.select()}
    assert kept == {"brakes": {"per_hour_fen": 7}, "trade": {"pay_within_minutes": 45}}
