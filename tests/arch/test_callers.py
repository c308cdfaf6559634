"""One function determines the caller: no other code reads the header or the peer address."""

from __future__ import annotations

import ast

from tests.arch.source import Module, modules

OURS = ("kernel", "schema", "domain", "gateways", "bot", "mall_h5", "admin", "app")
THE_ONE = "kernel/web/clients.py"
NAMED = ("forwarded", "x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip",
         "cf-connecting-ip", "remote_addr")  # fmt: skip
WRITES_IT_DOWN = {"domain/audit/service.py", "domain/audit/system.py", "domain/staff/devices.py",
                  "domain/staff/sessions.py", "mall_h5/trade/paying.py"}  # fmt: skip
"""The address itself is stored or passed on here; whatever counts uses ``caller_key``."""


def test_only_one_function_reads_where_a_request_comes_from() -> None:
    wrong = []
    for module in _ours():
        for node in module.nodes:
            is_end = isinstance(node, ast.Attribute) and node.attr == "remote"
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            is_header = is_text and node.value.lower() in {*NAMED, "peername"}
            is_constant = isinstance(node, ast.Attribute) and node.attr.startswith("X_FORWARDED")
            if is_end or is_header or is_constant:
                wrong.append(f"{module.name}:{node.lineno}")
    assert {each.split(":")[0] for each in wrong} == {THE_ONE}, wrong


def test_addresses_are_recorded_and_their_keys_are_counted() -> None:
    """With an IPv6 address as the key, each subscriber would have 2^64 keys."""
    readers = {
        module.name
        for module in _ours()
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr == "client_ip" and _is_context(node)
    }
    assert readers - {"kernel/addresses.py", "kernel/web/middleware.py"} == WRITES_IT_DOWN


def _is_context(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "context"


def _ours() -> list[Module]:
    return [m for package in OURS for m in modules(package)]
