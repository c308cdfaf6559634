"""The texts with which a shop begins: the first published version of each document."""

from __future__ import annotations

from functools import cache

from domain.legal.rules import Kind
from kernel.catalogues import ROOT


@cache
def default_body(kind: Kind) -> str:
    """The first text of a document, from ``texts/zh_CN/legal``."""
    return (ROOT / "legal" / f"{kind}.txt").read_text(encoding="utf-8").strip()
