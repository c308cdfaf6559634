"""Each column of codes has a registry, and its rows contain only codes of the registry."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import models
from app.wiring import subscribe_all
from domain.aftersales.rules import REASONS, REFUNDED_AT_WECHAT
from domain.orders import ORIGINS
from domain.pickups import REFUSALS
from tests.arch.source import modules
from tests.face.shop_with_data import make_shop
from tests.harness.codes import CODES, Open, WeChats, columns, strays
from tests.harness.filled import filled_database, rows_of

WRITING = {"create", "insert", "update"}
ELSEWHERE = {
    **dict.fromkeys((*REASONS, *REFUSALS), "a person chooses it from the list"),
    **dict.fromkeys((*ORIGINS, REFUNDED_AT_WECHAT), "used by its constant"),
    "csv": "what is not xlsx",
    "reward": "written by packages that give prizes (ADR 59)",
}
WRITERS = {"insert_row", "insert_once"}


def test_each_column_of_codes_has_a_registry_and_none_is_left_over() -> None:
    assert sorted(CODES) == sorted(name for name, _ in columns())
    registries = [codes for codes in CODES.values() if not isinstance(codes, Open)]
    assert len(registries) > 60


def _written() -> Iterator[tuple[str, str, str]]:
    """Each literal code that the domain writes: (column, code, place in the source)."""
    tables: dict[str, Any] = {table.__name__: table for table in models.TABLES}
    known = {(field.model.__name__, field.name): name for name, field in columns()}
    for module in modules("domain"):
        for call in module.calls():
            table = _table_of(call)
            if table not in tables:
                continue
            for word in call.keywords:
                column = known.get((table, word.arg or ""))
                if column and isinstance(word.value, ast.Constant) and word.value.value:
                    yield column, str(word.value.value), f"{module.name}:{call.lineno}"


def _table_of(call: ast.Call) -> str:
    """The table that a call writes to, or ''."""
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in WRITING:
        return func.value.id if isinstance(func.value, ast.Name) else ""
    is_writer = isinstance(func, ast.Name) and func.id in WRITERS
    if is_writer and call.args and isinstance(call.args[0], ast.Name):
        return call.args[0].id
    return ""


@pytest.mark.source
def test_a_code_that_the_domain_writes_is_in_its_registry() -> None:
    written = list(_written())
    assert len(written) > 20
    unknown = []
    for column, code, place in written:
        codes = CODES[column]
        if not isinstance(codes, Open) and code not in _ours(codes):
            unknown.append(f"{place}: {column} = {code}")
    assert unknown == []


@pytest.mark.source
def test_a_code_that_nobody_uses_is_in_no_registry() -> None:
    """A code that is in use appears in the source at least once besides its registry."""
    packages = ("domain", "gateways", "admin", "mall_h5", "bot", "app")
    seen = Counter(
        node.value
        for package in packages
        for module in modules(package)
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    closed = {c for codes in CODES.values() if not isinstance(codes, Open) for c in _ours(codes)}
    idle = {code for code in closed - {""} if seen[code] < 2}
    assert idle - set(ELSEWHERE) == set()


def _ours(codes: Any) -> Any:
    return codes.codes if isinstance(codes, WeChats) else codes


def test_a_shop_made_by_the_verbs_holds_no_other_code(db: Any) -> None:
    subscribe_all()
    make_shop()
    assert strays() == []


@pytest.mark.parametrize(
    ("rows", "up_to"),
    [("before_payables.json", "0037_seen_visits"), ("before_payouts.json", "0001_initial")],
)
def test_a_migrated_database_holds_no_other_code(tmp_path: Path, rows: str, up_to: str) -> None:
    with filled_database(tmp_path, rows_of(rows), up_to):
        assert strays() == []
