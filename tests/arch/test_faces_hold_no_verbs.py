"""Faces define no verbs: what they run in the store is defined in the domain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.arch.source import Module, modules

FACES = ("admin", "bot", "mall_h5")
WRITERS = {"once", "try_as_shown", "try_step", "write", "write_as_shown"}
"""The functions of a face and the methods of the store that run a verb."""

WRAPS = {"admin/as_shown.py": "compares what was shown, then runs the verb that it is handed"}


def test_no_face_defines_a_verb() -> None:
    found = [
        f"{m.name}:{line}"
        for face in FACES
        for m in modules(face)
        if m.name not in WRAPS
        for line in _own_verbs(m)
    ]
    assert found == []


def test_a_verb_defined_by_a_face_is_found() -> None:
    for verb in ("_keep", "partial(_keep, 1)", "lambda: orders.ship(1)"):
        text = f"def _keep(): orders.ship(1)\nasync def page(r):\n    await write(r, {verb}, 1)\n"
        assert list(_own_verbs(_module(text))) == [3], verb
    assert not list(
        _own_verbs(_module("async def page(r):\n    await write(r, orders.ship, 1)\n"))
    )


def _module(text: str) -> Module:
    return Module(Path("admin/x.py"), text, ast.parse(text))


def _own_verbs(module: Module) -> Iterator[int]:
    """The lines on which a face passes a function of its own to be run as a verb."""
    plain = {
        f.name for f in module.functions() if isinstance(f, ast.FunctionDef) and _does_something(f)
    }
    for call in module.calls():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        handed = [part for arg in call.args for part in ast.walk(arg)]
        if name in WRITERS and any(
            isinstance(part, ast.Lambda)
            or (isinstance(part, ast.Name) and part.id in plain and not _is_called(part, call))
            for part in handed
        ):
            yield call.lineno


def _is_called(name: ast.Name, call: ast.Call) -> bool:
    """True if the function is only called to compute an argument of the verb."""
    return any(isinstance(n, ast.Call) and n.func is name for n in ast.walk(call))


def _does_something(function: ast.FunctionDef) -> bool:
    """True if there is more than a docstring: a verb without a body only checks the page."""
    return any(not isinstance(n, ast.Expr | ast.Pass) or _is_call(n) for n in function.body)


def _is_call(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
