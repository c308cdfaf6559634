"""Every call that can move money passes the gate: no other code calls the port's methods."""

from __future__ import annotations

import ast

from domain.gate.calls import MOVING
from tests.arch.source import modules

ALLOWED = {
    "domain/gate/calls.py": "the gate",
    "gateways/wechatpay/port.py": "implements the port",
    "gateways/wechatpay/doctor.py": "closes the order that it has just made, and refunds a number "
    "that nobody has: neither is a row of ours",
}


def _moving_calls(tree: ast.AST) -> list[int]:
    """The lines on which a moving method is called or taken as a value."""
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in MOVING and _is_a_port(node.value)
    )


def _is_a_port(value: ast.expr) -> bool:
    """True for a port; domain packages and results have members of the same names."""
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return name not in (
        "flows",
        "payment_flows",
        "orders",
        "refunds",
        "transfers",
        "payouts",
        "fields",
    )


def test_only_the_gate_calls_methods_that_move_money() -> None:
    ours = ("app", "bot", "mall_h5", "admin", "gateways", "domain")
    found = {
        module.name: lines
        for module in modules()
        if module.name.split(".")[0].split("/")[0] in ours
        and module.name not in ALLOWED
        and (lines := _moving_calls(module.tree))
    }
    assert found == {}
    assert set(ALLOWED) <= {module.name for module in modules()}


def test_the_calls_of_the_gate_are_found() -> None:
    """The test knows the methods by name; after a renaming it would find nothing."""
    from domain.payments.ports import PayPort

    assert all(hasattr(PayPort, name) for name in MOVING)
    tree = ast.parse("async def f(pay):\n    await pay.transfer(1)\n    g = pay.refund\n")
    assert _moving_calls(tree) == [2, 3]
