"""Which refusals can reach which face, and with which facts: read from where they are raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kernel import errors
from tests.arch.reach import Node, body_of, edges, nodes_of, path_of, reached

REFUSALS = {
    name for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, errors.DomainError)
} | {"StockShort", "Problem"}  # fmt: skip
"""What a refusal is made of: the errors, and the gate's problems that become one."""


@dataclass(frozen=True)
class Site:
    """A place that refuses: its code, and the names of the facts that come with it."""

    node: Node
    code: str
    facts: frozenset[str]
    has_more: bool  # more facts are passed as ``**facts``


@cache
def sites() -> tuple[Site, ...]:
    """Every place whose code is written in the source."""
    return tuple(site for node in edges() for site in _sites_of(node))


def at_face(*names: str) -> list[Site]:
    """The places that can run from a face."""
    found = reached(nodes_of(*names))
    return [site for site in sites() if site.node in found]


def _sites_of(node: Node) -> Iterator[Site]:
    for statement in body_of(node):
        for call in ast.walk(statement):
            if isinstance(call, ast.Call):
                yield from _made(node, statement, call)


def _made(node: Node, within: ast.AST, call: ast.Call) -> Iterator[Site]:
    name = (path_of(call.func) or (getattr(call.func, "attr", ""),))[-1]
    place = 0 if name in REFUSALS else 1 if name == "fail" else None
    if place is None or len(call.args) <= place:
        return
    names = {keyword.arg for keyword in call.keywords}
    given = call.args[1] if name == "Problem" and len(call.args) > 1 else None
    if isinstance(given, ast.Dict):
        names |= {str(key.value) for key in given.keys if isinstance(key, ast.Constant)}
    for code in codes_of(call.args[place], within):
        yield Site(node, code, frozenset(n for n in names if n), None in names)


def codes_of(said: ast.expr, within: ast.AST) -> Iterator[str]:
    """The codes of an expression: a constant, a choice, or a name that was given one before."""
    if isinstance(said, ast.Constant) and re.fullmatch(r"[a-z_0-9]+", str(said.value)):
        yield str(said.value)
    elif isinstance(said, ast.IfExp):
        yield from codes_of(said.body, within)
        yield from codes_of(said.orelse, within)
    elif isinstance(said, ast.Name):
        for each in ast.walk(within):
            if isinstance(each, ast.Assign) and path_of(each.targets[0]) == (said.id,):
                yield from codes_of(each.value, within)
