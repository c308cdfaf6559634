"""The gate (付款闸口) that every call passes that can move money (ADR 0055).

See "The gate" in ``docs/algorithms/withdrawal.md``. The domain that owns a row defines the kinds
of calls about it. Only ``domain.gate.calls`` calls a port's moving methods.
"""

from domain.gate.calls import Call, move_money
from domain.gate.rules import LEASE, Kind, Pass, Problem
from domain.gate.service import (
    close_calls,
    enter_gate,
    has_open_calls,
    last_call_at,
    leave_gate,
    register_kind,
)

__all__ = [
    "LEASE", "Call", "Kind", "Pass", "Problem", "close_calls", "enter_gate", "has_open_calls",
    "last_call_at", "leave_gate", "move_money", "register_kind",
]  # fmt: skip
