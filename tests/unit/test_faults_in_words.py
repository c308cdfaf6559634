"""Texts of faults on pages, the check of the clock, and full disks."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from peewee import OperationalError

from admin import words
from admin.fault_words import TROUBLES, call_fault, trouble_lines
from domain.overview import Trouble
from gateways.clocks import ClockDifference
from kernel import clock
from kernel.faults import Fault, FaultKind
from kernel.store import disk_state
from kernel.store.failures import whole_database_failure


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("no_answer", "unknown", "ServerDisconnectedError"), "微信没有回答"),
        (Fault("SIGN_ERROR", "retryable"), "微信拒绝了签名（服务器时钟或证书不对）"),
        (Fault("answer_signature", "unknown"), "微信应答的签名验不过，没有采信"),
        (Fault("http_502", "unknown"), "微信系统出错"),
        (Fault("mismatch", facts={"field": "amount"}),
         "微信所说与本店记录不符（金额），没有入账"),
        (Fault("NEW_CODE", "refused", "of tomorrow"), "微信返回 NEW_CODE of tomorrow"),
        (Fault("said_before", said="从前的一句话"), "从前的一句话"),
        (None, ""),
    ],
)  # fmt: skip
def test_the_result_of_a_call_has_a_text(fault: Fault | None, text: str) -> None:
    assert call_fault(fault) == text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("worker_lost"), "执行它的进程中断了，已由别的进程接手"),
        (Fault("held_after_restore", "waits"), "恢复保全中，暂不执行"),
        (Fault("quiet_hours", "waits"), "免打扰时段，稍后发送"),
        (Fault("boom", "refused", "怎么了"), "微信拒绝：boom 怎么了"),
        (Fault("timeout", "unknown"), "结果未知：timeout"),
        (Fault("bug", "bug", "disk", {"error": "ValueError"}), "程序出错：ValueError disk"),
        (Fault("payment_closed", "rule"), "付款单已关闭"),
        (Fault("amount_above_claim", "rule", facts={"limit_fen": 500}),
         "金额应在 ¥0.01 到 ¥5.00 之间"),
        (Fault("amount_above_claim", "rule"), "amount_above_claim"),  # of a former release
        (Fault("said_before", said="boom: 从前"), "boom: 从前"),
        (None, ""),
    ],
)  # fmt: skip
def test_the_fault_of_a_task_has_a_text(fault: Fault | None, text: str) -> None:
    assert words.fault(fault) == text


def test_every_kind_of_fault_has_a_text() -> None:
    without = {
        FaultKind.RULE,
        FaultKind.WAITS,
    }  # the text of the rule, and the text of the reason for waiting
    assert set(words.FAULT_KIND) == set(FaultKind) - without


def test_every_trouble_has_a_text_shown_only_with_its_right() -> None:
    facts = {"minutes": 4, "machine": "web-1", "who": "王五", "which": ("ORD1", "ORD2"),
             "day": "2030-01-02", "code": "timeout"}  # fmt: skip
    found = [Trouble(code, 2, facts) for code in TROUBLES]
    everybody = trouble_lines(found, {"redis": "TimeoutError", "database": None}, lambda _: True)
    assert len(everybody) == len(TROUBLES) + 1
    assert [each.tone for each in everybody] == sorted(each.tone for each in everybody)
    assert all("{" not in each.text for each in everybody)
    assert trouble_lines(found, {}, lambda right: right == "nothing") == []


def test_a_clock_difference_needs_two_equal_measurements() -> None:
    seen = ClockDifference()
    for minutes, believed in ((0, None), (10, None), (10, 600), (0, 600), (0, 0)):
        seen.look(format_datetime(clock.now() + timedelta(minutes=minutes), usegmt=True))
        assert seen.seconds == (None if believed is None else pytest.approx(believed, abs=3))
    for nonsense in ("", "yesterday", "Sun, 22 Nov 2026 14:30:00"):
        seen.look(nonsense)
    assert seen.seconds == pytest.approx(0, abs=3)


def _wrapped(inner: Any) -> OperationalError:
    error = OperationalError("wrapped")
    error.__cause__ = inner
    return error


def test_a_full_disk_is_distinguished_from_other_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    no_room = Exception("could not extend file")
    no_room.sqlstate = "53100"  # type: ignore[attr-defined]
    assert (
        whole_database_failure(_wrapped(full))
        == whole_database_failure(_wrapped(no_room))
        == "disk_full"
    )
    assert whole_database_failure(_wrapped(ValueError())) is None
    assert whole_database_failure(full) is None  # only a wrapped error comes from the store

    now = [1000.0]
    monkeypatch.setattr(disk_state.time, "monotonic", lambda: now[0])
    for seconds, error, found in (
        (0, None, None), (0, _wrapped(full), "disk_full"), (1, None, "disk_full"),
        (29, None, "disk_full"), (2, None, None),
    ):  # fmt: skip
        now[0] += seconds
        disk_state.record_write(error)
        assert disk_state.disk_failure() == found
