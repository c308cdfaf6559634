"""The colours of states: each has a style, and red is for what went wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TONES = {"", "brand", "gold", "ok", "warn"}
UNDER_WAY = {
    "已发货", "待付款", "付款中", "发送中", "待结算", "寄回途中", "退款中", "待发货", "部分发货",
}  # fmt: skip


def records(table: Any) -> Iterator[tuple[str, str]]:
    """Name and tone of each record in a table."""
    if isinstance(table, dict):
        if isinstance(table.get("tone"), str) and isinstance(table.get("name"), str):
            yield table["name"], table["tone"]
        for value in table.values():
            yield from records(value)


def of_the_desk() -> list[tuple[str, str]]:
    """The names and tones of all states on the merchant's pages."""
    files = sorted((ROOT / "texts" / "zh_CN" / "admin").glob("*.toml"))
    return [found for file in files for found in records(tomllib.loads(file.read_text("utf-8")))]


def test_each_tone_has_a_style() -> None:
    """``bad`` is a tone of notices; a badge with it had no colour at all."""
    sheet = (ROOT / "static" / "css" / "admin.css").read_text("utf-8")
    assert {tone for _, tone in of_the_desk()} <= TONES
    assert all(f".badge-{tone}" in sheet for tone in TONES - {""})


def test_what_is_under_way_is_not_red() -> None:
    """已发货 wore the colour of what failed."""
    named = dict(of_the_desk())
    assert named.keys() >= {"已发货", "付款中", "退款中"}
    assert {name for name in UNDER_WAY if named.get(name) == "brand"} == set()
