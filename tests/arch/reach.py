"""Which functions can run from which: a graph of references, read from the source.

A reference counts as a call, because functions are passed to the store, to jobs and to registries.
A class stands for all its methods. A top-level name, such as a table of functions, stands for all
that it refers to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from tests.arch.source import Module, modules

OURS = ("kernel", "domain", "gateways", "bot", "mall_h5", "admin", "app")
Node = tuple[str, str]
"""A module by its dotted name, and a top-level name; ``""`` is the code that import runs."""


def reached(roots: Iterable[Node], *, but: Iterable[Node] = ()) -> set[Node]:
    """Every node that can run from the roots without passing through ``but``."""
    closed, waiting, found = set(but), list(roots), set()
    while waiting:
        node = waiting.pop()
        if node not in found and node not in closed:
            found.add(node)
            waiting += edges().get(node, ())
    return found


def nodes_of(*names: str) -> list[Node]:
    """Every node of the modules whose dotted name begins with one of the names."""
    return [node for node in edges() if node[0].startswith(names)]


def body_of(node: Node) -> list[ast.AST]:
    """The syntax nodes of a node's code."""
    return _bodies()[node]


@cache
def edges() -> Mapping[Node, set[Node]]:
    """For each node the nodes that it refers to."""
    return {node: set(_named(node)) for node in _bodies()}


@cache
def _modules() -> Mapping[str, Module]:
    return {_dotted(m): m for package in OURS for m in modules(package)}


def _dotted(module: Module) -> str:
    return module.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def _bodies() -> Mapping[Node, list[ast.AST]]:
    found: dict[Node, list[ast.AST]] = {}
    for name, module in _modules().items():
        for statement in module.tree.body:
            for top in _tops(statement):
                found.setdefault((name, top), []).append(statement)
    return found


def _tops(statement: ast.stmt) -> Iterator[str]:
    """The names that a top-level statement defines; none for an import."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    elif not isinstance(statement, ast.Import | ast.ImportFrom):
        yield ""


def _named(node: Node) -> Iterator[Node]:
    for statement in body_of(node):
        inner = {
            alias.asname or alias.name: f"{each.module}.{alias.name}"
            for each in ast.walk(statement) if isinstance(each, ast.ImportFrom)
            for alias in each.names
        }  # fmt: skip
        for each in ast.walk(statement):
            parts = path_of(each)
            target = _resolved(node[0], parts, inner) if parts else None
            if target is not None:
                yield target


def path_of(node: ast.AST) -> tuple[str, ...]:
    """``a.b.c`` as its parts; () for an expression that is no plain path."""
    rest: tuple[str, ...] = ()
    while isinstance(node, ast.Attribute):
        node, rest = node.value, (node.attr, *rest)
    return (node.id, *rest) if isinstance(node, ast.Name) else ()


def _resolved(module: str, parts: tuple[str, ...], inner: Mapping[str, str]) -> Node | None:
    """The node that a path refers to in a module; None if it is not ours."""
    head, *rest = parts
    if (module, head) in _bodies():
        return (module, head)
    path = inner.get(head) or _imports(module).get(head)
    return None if path is None else _found(".".join([path, *rest]))


def _found(path: str) -> Node | None:
    """The node of a dotted path, followed through re-exports of packages."""
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module, name = ".".join(parts[:cut]), parts[cut]
        if module in _modules():
            if (module, name) in _bodies():
                return (module, name)
            passed = _imports(module).get(name)
            if passed is None or passed == path:
                return None
            return _found(".".join([passed, *parts[cut + 1 :]]))
    return None


@cache
def _imports(module: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for statement in _modules()[module].tree.body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                found[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return found
