"""The owner of each table, and what files of the domain do with tables; read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import models
from tests.arch.source import ROOT, Module, modules

READS = {"select", "get", "get_by_id", "get_or_none", "alias"}
WRITES = {
    "bulk_create", "bulk_update", "create", "delete", "delete_by_id", "get_or_create", "insert",
    "insert_from", "insert_many", "raw", "replace", "replace_many", "set_by_id", "truncate_table",
    "update",
}  # fmt: skip
"""Methods of a table's class that write. ``raw`` is one of them, as its SQL is not parsed."""

ON_ROWS = {"save", "delete_instance"}
READING_CALLS = {"join", "join_from", "from_", "isinstance", "exists"}
"""Calls that may be given a table's class; every other call may write, e.g. ``lock_rows``."""

_TABLE_IN_SQL = re.compile(
    r"\b(insert\s+into|replace\s+into|update|delete\s+from|from|join)\s+[\"`]?([a-z_]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Use:
    """One place where a package of the domain touches a table."""

    package: str
    table: str
    is_write: bool
    where: str

    @property
    def owner(self) -> str:
        """The package that owns the table."""
        return owners()[self.table]


@cache
def owners() -> dict[str, str]:
    """Each table and its owner: ``schema/orders.py`` holds the tables of ``domain.orders``."""
    found = {"CommandResult": "kernel"}
    for module in modules("schema"):
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = module.path.stem
    return found


@cache
def floors() -> dict[str, int]:
    """Each package of the domain and its floor in .importlinter; 0 is the top."""
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    (part,) = re.findall(r"containers = domain\nlayers =\n((?:    .+\n)+)", text)
    lines = [line for line in part.splitlines() if not line.strip().startswith((";", "#"))]
    return {name: floor for floor, line in enumerate(lines) for name in re.findall(r"\w+", line)}


def uses_in(module: Module) -> Iterator[Use]:
    """Every place of a module that names a table, and whether it may write there."""
    package = module.path.parts[1].removesuffix(".py")
    names = _imported(module.tree)
    parents = {c: n for n in module.nodes for c in ast.iter_child_nodes(n)}
    for node in module.nodes:
        where = f"{module.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Name) and node.id in names:
            yield Use(package, names[node.id], _may_write(node, parents), where)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for word, name in _TABLE_IN_SQL.findall(node.value):
                if name in _in_sql() and node not in _docstrings(module.tree):
                    yield Use(
                        package, _in_sql()[name], word.lower() not in {"from", "join"}, where
                    )


def _imported(tree: ast.Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "models"
        for alias in node.names
    }


def _may_write(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """True unless the place has one of the forms that are known to read only."""
    parent = parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr in WRITES
    if isinstance(parent, ast.Call) and node in parent.args:
        called = parent.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return name not in READING_CALLS
    return not _is_annotation(node, parents)


def _is_annotation(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    child, parent = node, parents[node]
    while isinstance(parent, ast.BinOp | ast.Subscript | ast.Tuple):
        child, parent = parent, parents[parent]
    if isinstance(parent, ast.arg | ast.AnnAssign):
        return child is parent.annotation
    return isinstance(parent, ast.FunctionDef) and child is parent.returns


@cache
def _in_sql() -> dict[str, str]:
    tables: tuple[type, ...] = models.TABLES
    return {table._meta.table_name: table.__name__ for table in tables}  # type: ignore[attr-defined]


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Strings that stand alone; they are prose, not SQL."""
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)}
