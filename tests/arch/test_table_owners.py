"""A package writes only its own tables, and reads those of packages below it (ADR 0056)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import models
from tests.arch.owners import ON_ROWS, Use, floors, owners, uses_in
from tests.arch.source import Module, modules

READS_WIDELY = {
    "overview": "the first page counts and sums over everything",
    "reconcile": "WeChat's bills are compared with every kind of our rows",
}
MAY_READ: dict[tuple[str, str], str] = {}
MAY_WRITE: dict[tuple[str, str], str] = {}


def _uses() -> list[Use]:
    return [use for module in modules("domain") for use in uses_in(module)]


def test_every_table_has_an_owner_in_the_domain() -> None:
    tables = {table.__name__ for table in models.TABLES}
    assert set(owners()) >= tables
    assert {owners()[name] for name in tables} - {"kernel"} <= set(floors())


def test_only_its_owner_writes_a_table() -> None:
    guilty = [
        f"{use.where}: {use.package} writes {use.table}, which {use.owner} owns"
        for use in _uses()
        if use.is_write and use.package != use.owner
        if (use.package, use.table) not in MAY_WRITE
    ]
    assert guilty == []


def test_only_the_owner_and_packages_above_it_read_a_table() -> None:
    guilty = [
        f"{use.where}: {use.package} reads {use.table}, which {use.owner} owns"
        for use in _uses()
        if use.package != use.owner and use.package not in READS_WIDELY
        if (use.package, use.table) not in MAY_READ | MAY_WRITE
        if floors()[use.package] >= floors().get(use.owner, 99)
    ]
    assert guilty == []


def test_rows_are_not_written_by_save() -> None:
    """``row.save()`` hides the table's owner, and writes columns that did not change."""
    guilty = [
        f"{module.name}:{call.lineno}"
        for module in modules("domain")
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ON_ROWS
    ]
    assert guilty == []


def test_tables_are_imported_by_name() -> None:
    guilty = [m.name for m in modules("domain") if "import models" in m.text.splitlines()]
    assert guilty == []


@pytest.mark.parametrize(
    "line",
    [
        "Order.insert(state='x').execute()",
        "Order.update(state='x').where(Order.id == 1).execute()",
        "Order.delete().execute()",
        "Order.create(state='x')",
        "Order.get_or_create(id=1)",
        "insert_row(Order, state='x')",
        "insert_once(Order, state='x')",
        "insert_rows(Order, [])",
        "lock_row(Order, 1)",
        "table = Order",
        "write(table=Order)",
        "prepared(lambda a: Order.update(state=a))",
        "Order.raw('select 1')",
        "execute('INSERT INTO order_line (id) VALUES (1)')",
        "execute('update \"mall_order\" set state = 1')",
        "execute('delete from order_line')",
    ],
)
def test_a_write_is_found(line: str) -> None:
    assert any(use.is_write for use in _in_text(f"from models import Order\n{line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "Order.select(Order.id).where(Order.id == 1)",
        "Payment.select().join(Order, on=(Payment.payable_id == Order.id))",
        "Order.get_or_none(Order.id == 1)",
        "def f(row: Order | None) -> list[Order]: ...",
        "execute('select id from order_line')",
    ],
)
def test_a_read_is_no_write(line: str) -> None:
    uses = _in_text(f"from models import Order, Payment\n{line}\n")
    assert uses
    assert not any(use.is_write for use in uses)


def _in_text(text: str) -> list[Use]:
    return list(uses_in(Module(Path("domain/cart/x.py"), text, ast.parse(text))))
