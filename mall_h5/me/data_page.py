"""A member's own data for reading: the file's page, and the same inside the mall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kernel.catalogues import of
from kernel.money import yuan_grouped
from kernel.web.templates import Renderer, when
from mall_h5.me.rights_words import KINDS, STATES
from mall_h5.trade_words import CASES, ORDERS, TICKETS

_TEXT = of("mall")
SECTION = _TEXT.names("rights.section")
COLUMN = _TEXT.names("rights.column")
_VALUE = _TEXT.names("rights.value")
_PURPOSE = _TEXT.names("legal.purpose") | _TEXT.names("legal.kind")
_OF_SECTION: dict[tuple[str, str], dict[str, str]] = {
    ("orders", "state"): {code: badge.name for code, badge in ORDERS.items()},
    ("cases", "state"): {code: each.title for code, each in CASES.items()},
    ("cases", "reason"): _TEXT.names("case.reason"),
    ("requests", "kind"): {code: each.title for code, each in KINDS.items()},
    ("consents", "purpose"): _PURPOSE,
    ("requests", "state"): {code: each.title for code, each in STATES.items()},
    ("tickets", "state"): {code: each.title for code, each in TICKETS.items()},
    ("upline", "cause"): _TEXT.names("binding.cause"),
}


STYLE = Path(__file__).parents[2] / "static" / "css" / "own-data.css"


@dataclass(frozen=True)
class ShownRow:
    """A row as pairs of label and value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ShownSection:
    """A section with its rows."""

    key: str
    title: str
    rows: tuple[ShownRow, ...]


def shown_sections(data: dict[str, Any]) -> list[ShownSection]:
    """The sections that have rows, with labels, sums in yuan and Shanghai's time."""
    return [
        ShownSection(name, SECTION[name], tuple(_row(name, row) for row in rows))
        for name, rows in data["sections"].items() if rows
    ]  # fmt: skip


class OwnDataPages:
    """Implements ``domain.personal_data.ports.Pages``."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def files(self, data: dict[str, Any]) -> dict[str, str]:
        """A page that opens without the mall, and its style."""
        made_at = datetime.fromisoformat(str(data["made_at"]))
        page = self._renderer.text(
            "h5/me/data_file.html", sections=shown_sections(data), made_at=made_at
        )
        return {"index.html": page, "style.css": STYLE.read_text(encoding="utf-8")}


def _row(section: str, row: dict[str, Any]) -> ShownRow:
    known = [(name, value) for name, value in row.items() if value not in (None, "")]
    return ShownRow(tuple((COLUMN[name], _said(section, name, value)) for name, value in known))


def _said(section: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_fen"):
        return f"¥{yuan_grouped(value)}"
    if isinstance(value, str) and (name.endswith("_at") or name in {"at", "frozen_until"}):
        return when(datetime.fromisoformat(value))
    meant = _OF_SECTION.get((section, name), {}).get(str(value))
    is_code = name in {"state", "kind", "channel", "account", "payee_type", "purpose", "reason"}
    return meant or (_VALUE.get(str(value), str(value)) if is_code else str(value))
