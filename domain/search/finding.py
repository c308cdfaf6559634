"""Finds the products of a search, page by page, in the order of ``docs/algorithms/search.md``."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, get_args

from peewee import JOIN, Case, fn

from domain import catalog, settings
from domain.catalog import CategoryView, Chosen, Filter, ProductCard
from domain.search.rules import SearchWords
from domain.search.wanted import Group, Wanted, groups_of_synonyms, wanted_of
from models import Product, ProductSearch, ProductTerm

Sort = Literal["", "price", "-price", "sold", "new"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Nearness = Literal["", "sound", "part"]
"""How near the found products are: every word; by sound; some of the words."""

PAGE = 20


@dataclass(frozen=True)
class FoundGoods:
    """A page of found products, and how the search was understood. Prices in fen."""

    cards: tuple[ProductCard, ...]
    page: int
    has_more: bool
    category: CategoryView | None
    nearness: Nearness = ""
    price_from_fen: int | None = None
    price_to_fen: int | None = None


def find_goods(
    words: str, *, category_id: int | None = None, chosen: Chosen = (), sort: Sort = "",
    page: int = 1,
) -> FoundGoods:  # fmt: skip
    """A page of the products that a search finds, 20 a page. Raises NotFound for a category."""
    category = catalog.shown_category(category_id) if category_id is not None else None
    wanted = _wanted(words)
    page = max(page, 1)
    ids, nearness = _nearest(wanted, category_id, chosen, sort, page)
    cards = catalog.product_cards(ids)
    return FoundGoods(
        tuple(cards[:PAGE]), page, len(ids) > PAGE, category, nearness,
        wanted.price_from_fen, wanted.price_to_fen,
    )  # fmt: skip


def find_exactly(words: str, limit: int) -> list[ProductCard]:
    """The first products that have every word, in themselves, by pinyin or by a synonym."""
    wanted = _wanted(words)
    if not wanted.groups:
        return []
    found = _scored(wanted.groups)
    ids = _page_of(_on_shelf(found, wanted, None, ()), found, "", 1)
    return catalog.product_cards(ids[:limit])


def _nearest(
    wanted: Wanted, category_id: int | None, chosen: Chosen, sort: Sort, page: int
) -> tuple[list[int], Nearness]:
    """The page's ids by the first try that finds anything at all."""
    for nearness, found in _tries(wanted):
        query = _on_shelf(found, wanted, category_id, chosen)
        ids = _page_of(query, found, sort, page)
        if ids or (page > 1 and _page_of(query, found, sort, 1)):
            return ids, nearness
    return [], ""


def goods_filters(
    words: str, category_id: int | None = None, chosen: Chosen = ()
) -> tuple[Filter, ...]:
    """The filters of a search's products, each value with the number of products (筛选)."""
    wanted = _wanted(words)
    found: tuple[Filter, ...] = ()
    for _, matches in _tries(wanted):
        query = _on_shelf(matches, wanted, category_id, ())
        found = catalog.filters_of(query, chosen)
        if found:
            break
    return found


def _wanted(words: str) -> Wanted:
    return wanted_of(words, groups_of_synonyms(settings.get(SearchWords).synonyms))


def _tries(wanted: Wanted) -> Iterable[tuple[Nearness, Any]]:
    """What is tried in order: products with a score, or None where no word is required."""
    if wanted.is_unreadable:
        return
    if not wanted.groups:
        yield "", None
        return
    yield "", _scored(wanted.groups)
    if wanted.by_sound:
        yield "sound", _scored(wanted.by_sound)
    yield "part", _scored(wanted.groups, needs_all=False)


def _scored(groups: tuple[Group, ...], *, needs_all: bool = True) -> Any:
    """Products with the sum of the weights of their terms among those of the groups."""
    terms = sorted({term for group in groups for each in group for term in each})
    query = (
        ProductTerm.select(ProductTerm.product, fn.SUM(ProductTerm.weight).alias("score"))
        .where(ProductTerm.term.in_(terms))
        .group_by(ProductTerm.product)
    )
    if needs_all and len(groups) == 1 and len(groups[0]) == 1:
        return query.having(fn.COUNT(ProductTerm.id) == len(terms)).alias("matches")
    join = operator.and_ if needs_all else operator.or_
    conditions = [_has(group, needs_all=needs_all) for group in groups]
    return query.having(reduce(join, conditions)).alias("matches")


def _has(group: Group, *, needs_all: bool) -> Any:
    """Condition that a product has all terms of one of a group's alternatives, or half of them."""
    found = []
    for terms in group:
        is_one = Case(None, [(ProductTerm.term.in_(sorted(terms)), 1)], 0)
        found.append(fn.SUM(is_one) >= (len(terms) if needs_all else (len(terms) + 1) // 2))
    return reduce(operator.or_, found)


def _on_shelf(scored: Any, wanted: Wanted, category_id: int | None, chosen: Chosen) -> Any:
    """Ids of the products on the shelf that were found, within price, category and filters."""
    query = Product.select(Product.id).where(Product.state == "on_shelf")
    if scored is not None:
        query = query.join(scored, on=(scored.c.product_id == Product.id))
    if wanted.price_from_fen is not None:
        query = query.where(Product.from_price_fen >= wanted.price_from_fen)
    if wanted.price_to_fen is not None:
        query = query.where(Product.from_price_fen <= wanted.price_to_fen)
    if category_id is not None:
        query = query.where(Product.category.in_(catalog.ids_below(category_id)))
    return catalog.narrowed(query, chosen)


def _page_of(query: Any, scored: Any, sort: Sort, page: int) -> list[int]:
    """The ids of a page and of one product more, if there is one."""
    sold = fn.COALESCE(ProductSearch.sold, 0)
    last = (sold.desc(), Product.position, Product.id.desc())
    by_price = Product.from_price_fen
    best: tuple[Any, ...] = (Product.position, Product.id.desc())
    if scored is not None:
        best = (scored.c.score.desc(), *last)
    order: dict[Sort, tuple[Any, ...]] = {
        "": best,
        "price": (by_price, *last),
        "-price": (by_price.desc(), *last),
        "sold": last,
        "new": (Product.id.desc(),),
    }
    counted = ProductSearch.product == Product.id
    query = query.join_from(Product, ProductSearch, JOIN.LEFT_OUTER, on=counted)
    rows = query.order_by(*order[sort]).limit(PAGE + 1).offset((page - 1) * PAGE)
    return [row.id for row in rows]
