"""The one gate (付款闸口): every call that can move money passes here, whoever asks for it.

``docs/algorithms/withdrawal.md`` "The gate" is the prose. A kind of call is defined by the domain
whose rows it is about; nothing but ``domain.gate.calls`` calls a port's moving methods.
"""

from domain.gate.calls import Call, move_money
from domain.gate.rules import LEASE, Kind, Pass, Problem
from domain.gate.service import (
    calls_of,
    define,
    enter_gate,
    has_open_calls,
    last_call_at,
    leave_gate,
    settle_calls,
)

__all__ = [
    "LEASE", "Call", "Kind", "Pass", "Problem", "calls_of", "define", "enter_gate",
    "has_open_calls", "last_call_at", "leave_gate", "move_money", "settle_calls",
]  # fmt: skip
