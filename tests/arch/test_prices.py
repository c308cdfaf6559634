"""The prices that shoppers see are those of an order, with offers; not the list prices."""

from __future__ import annotations

import ast

from tests.arch.source import modules

LIST_PRICES = {"home", "shelf", "search", "product_cards", "product_page"}
"""Functions of the catalogue; ``domain.pricing`` has those of the same names, with offers."""


def test_faces_show_goods_by_pricing_not_by_the_catalogue() -> None:
    shown: set[str] = set()
    guilty: set[tuple[str, str]] = set()
    for module in (m for face in ("bot", "mall_h5") for m in modules(face)):
        for node in module.nodes:
            if isinstance(node, ast.Attribute) and node.attr in LIST_PRICES:
                of = ast.unparse(node.value)
                shown |= {node.attr} if of == "pricing" else set()
                guilty |= {(module.name, node.attr)} if of == "catalog" else set()
    assert guilty == set()
    assert shown == LIST_PRICES
