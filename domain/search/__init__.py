"""Search for goods (搜索): terms of products, words of a search, order, synonyms.

See ``docs/algorithms/search.md``.
"""

from domain.search.finding import (
    SORTS,
    FoundGoods,
    Nearness,
    Sort,
    find_exactly,
    find_goods,
    goods_filters,
)
from domain.search.indexing import index_missing, update_sales
from domain.search.rules import SearchWords
from domain.search.synonyms import make_equal

__all__ = [
    "SORTS", "FoundGoods", "Nearness", "SearchWords", "Sort", "find_exactly", "find_goods",
    "goods_filters", "index_missing", "make_equal", "update_sales",
]  # fmt: skip
