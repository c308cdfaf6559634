"""Columns name their unit, money is never a fraction, and all tables are in one list."""

from __future__ import annotations

import ast
import re
from typing import Any

import peewee
import pytest

import models
from kernel.fields import BpField, FenField, UtcField
from kernel.store import Table
from tests.arch.source import ROOT, files, modules

TABLES: tuple[Any, ...] = models.TABLES
BANNED = (
    peewee.DateTimeField, peewee.DateField, peewee.TimeField, peewee.TimestampField,
    peewee.FloatField, peewee.DoubleField, peewee.DecimalField,
)  # fmt: skip
FIELDS = [(table, field) for table in TABLES for field in table._meta.sorted_fields]
MONEY = re.compile(r".*(_fen|_bp)$")


def test_every_table_is_in_the_one_list() -> None:
    def below(cls: Any) -> set[Any]:
        return {cls, *(x for sub in cls.__subclasses__() for x in below(sub))}

    defined = {t for t in below(Table) - {Table} if not t.__module__.startswith("tests.")}
    assert {t.__name__ for t in defined} == {t.__name__ for t in TABLES}
    assert len({t._meta.table_name for t in TABLES}) == len(TABLES)
    assert set(models.__all__) == {t.__name__ for t in TABLES} | {"TABLES"}


def test_a_table_comes_after_those_it_refers_to() -> None:
    seen: set[Any] = set()
    for table in TABLES:
        for field in table._meta.sorted_fields:
            if isinstance(field, peewee.ForeignKeyField) and field.rel_model is not table:
                assert field.rel_model in seen, f"{table.__name__}.{field.name}"
        seen.add(table)
    assert len(seen) == len(TABLES) > 30


def test_every_table_has_a_docstring() -> None:
    assert [t.__name__ for t in TABLES if not (t.__doc__ or "").strip()] == []


def test_column_names_contain_their_unit() -> None:
    wrong = []
    for table, field in FIELDS:
        name = field.name
        if isinstance(field, FenField) != name.endswith("_fen"):
            wrong.append(f"{table.__name__}.{name}: _fen and FenField belong together")
        if isinstance(field, BpField) != name.endswith("_bp"):
            wrong.append(f"{table.__name__}.{name}: _bp and BpField belong together")
        if isinstance(field, UtcField) != (name == "at" or name.endswith(("_at", "_until"))):
            wrong.append(f"{table.__name__}.{name}: _at, _until and UtcField belong together")
    assert wrong == []


def test_column_types_read_the_same_on_all_databases() -> None:
    assert [f"{t.__name__}.{f.name}" for t, f in FIELDS if isinstance(f, BANNED)] == []


def test_foreign_keys_restrict_and_are_never_loaded_lazily() -> None:
    for table, field in FIELDS:
        if isinstance(field, peewee.ForeignKeyField):
            assert (field.on_delete, field.lazy_load) == ("RESTRICT", False), (
                f"{table.__name__}.{field.name}"
            )


def _touches_money(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        name = getattr(inner, "id", None) or getattr(inner, "attr", None)
        if isinstance(name, str) and MONEY.match(name):
            return True
    return False


@pytest.mark.parametrize(
    "package", ["domain", "kernel", "schema", "gateways", "bot", "mall_h5", "admin", "app"]
)
def test_amounts_are_never_divided_into_fractions(package: str) -> None:
    guilty = []
    for m in modules(package):
        for node in m.nodes:
            is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            if is_division and _touches_money(node):
                guilty.append(f"{m.name}:{node.lineno}: {ast.unparse(node)}")
    assert guilty == []


@pytest.mark.parametrize("package", ["domain", "schema"])
def test_no_float_and_no_round_in_the_domain(package: str) -> None:
    guilty = [
        f"{m.name}:{call.lineno}: {ast.unparse(call)}"
        for m in modules(package)
        for call in m.calls()
        if isinstance(call.func, ast.Name) and call.func.id in {"float", "round", "Decimal"}
    ]
    assert guilty == []


def test_no_float_and_no_round_where_money_is_made() -> None:
    for name in ("kernel/money.py", "kernel/fields.py"):
        (module,) = [m for m in modules("kernel") if m.name == name]
        names = {n.id for n in module.nodes if isinstance(n, ast.Name)}
        assert not names & {"float", "round", "Decimal"}
        floats = [
            n for n in module.nodes
            if isinstance(n, ast.Constant) and isinstance(n.value, float)
        ]  # fmt: skip
        assert floats == []


def test_templates_do_not_calculate_with_amounts() -> None:
    guilty = []
    for path in files(".html"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for expression in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", text, re.DOTALL):
            joined = "".join(expression)
            if re.search(r"(_fen|_bp)\s*[-+*/%]\s*[\w(]", joined) or "round(" in joined:
                guilty.append(f"{path}: {joined.strip()}")
    assert guilty == []
