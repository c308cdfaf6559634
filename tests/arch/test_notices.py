"""Each notice is declared once, sent somewhere, and written by the registry only."""

from __future__ import annotations

import ast

import domain.leaks
import domain.push  # noqa: F401 - declares the notices of every package
from domain import notices
from tests.arch.source import Module, modules

TELLING = "domain/notices/sending.py"
KINDS = {notices.MEMBER, notices.OWNER}
FACES = ("admin", "app", "bot", "mall_h5")


def declared_in(module: Module) -> set[str]:
    """The keys of the notices that a file declares."""
    return {
        node.value.value
        for node in module.nodes
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "KEY"
        and isinstance(node.value, ast.Constant)
        and _is_notice(module, node)
    }


def _is_notice(module: Module, node: ast.AnnAssign) -> bool:
    owner = next(c for c in module.nodes if isinstance(c, ast.ClassDef) and node in c.body)
    return any(ast.unparse(base).endswith("Notice") for base in owner.bases)


def test_every_notice_is_registered_and_declared_in_a_notices_py() -> None:
    found = {module.name: declared_in(module) for module in modules("domain")}
    keys = {key for declared in found.values() for key in declared}
    assert len(keys) > 40
    assert keys == set(notices.declared_notices())
    assert [n for n, declared in found.items() if declared and not n.endswith("/notices.py")] == []


def made_in(module: Module) -> set[str]:
    """The called names; in a ``notices.py`` only calls by event handlers count."""
    if not module.name.endswith("/notices.py"):
        return set(map(_name_of, module.calls()))
    return {
        _name_of(node)
        for function in module.functions()
        if any(ast.unparse(each).startswith("sent_on(") for each in function.decorator_list)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    }


def _name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def test_every_notice_is_sent_somewhere() -> None:
    """A declared notice that is never sent would leave people uninformed."""
    made = {name for module in modules("domain") for name in made_in(module)}
    declared = {each.__name__ for each in notices.declared_notices().values()}
    assert len(declared) > 40
    assert declared - made == set()


def test_only_the_registry_writes_rows_of_notices() -> None:
    named = {
        module.name
        for package in ("domain", *FACES)
        for module in modules(package)
        for node in module.nodes
        if isinstance(node, ast.Constant) and node.value in KINDS
    }
    assert named == {TELLING}
    unclear = {
        module.name
        for module in modules("domain")
        for call in module.calls()
        if ast.unparse(call.func).rpartition(".")[2] == "enqueue"
        and not isinstance(call.args[0], ast.Constant)
    }
    assert unclear == {TELLING}
