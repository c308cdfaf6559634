"""筛选: the filters of a shelf, and the addresses that add or remove one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from domain.catalog import CHOSEN_MOST, Chosen
from domain.search import SORTS, Sort
from kernel.text import clean_line, shortened
from kernel.web.forms import Form, one_of, query_param

FIELD = "f"
PART = ":"
TEXT_MOST = 150
LABELS = {"brand": "品牌", "strength": "酒精度"}


class Pick(NamedTuple):
    """A chosen value and the address of the shelf without it."""

    text: str
    without: str


class SortTap(NamedTuple):
    """An order of the shelf: its label, its address, whether it is the present one."""

    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Sought:
    """What a shelf shows: a category or the words of a search, and the chosen filters."""

    category_id: int | None = None
    words: str = ""
    chosen: Chosen = ()
    sort: Sort = ""

    @property
    def path(self) -> str:
        """The page of the shelf."""
        return "/m/search" if self.words else "/m/category"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What an address or form of this shelf carries, without filters."""
        if self.words:
            return [("q", self.words)]
        return [("c", str(self.category_id))] if self.category_id is not None else []

    @property
    def sorts(self) -> list[SortTap]:
        """The orders of the shelf, each with its address; a chosen price is turned round."""
        price: Sort = "-price" if self.sort == "price" else "price"
        by_price = "价格↓" if self.sort == "-price" else "价格↑"
        orders: tuple[tuple[str, Sort, bool], ...] = (
            ("综合", "", self.sort == ""), ("销量", "sold", self.sort == "sold"),
            (by_price, price, self.sort in ("price", "-price")),
            ("新品", "new", self.sort == "new"),
        )  # fmt: skip
        return [
            SortTap(label, replace(self, sort=sort).url(), chosen)
            for label, sort, chosen in orders
        ]

    def url(self, page: int = 1, path: str = "") -> str:
        """The address of a page of the shelf, or of another path with the same shelf."""
        return self._url(self.chosen, page, path)

    @property
    def cleared(self) -> str:
        """The address of the shelf without filters."""
        return self._url(())

    @property
    def filter_url(self) -> str:
        """The address of its filters."""
        return self.url(path="/m/filter")

    @property
    def picks(self) -> list[Pick]:
        """The chosen values."""
        return [
            Pick(each[1], self._url(tuple(one for one in self.chosen if one != each)))
            for each in self.chosen
        ]

    def _url(self, chosen: Chosen, page: int = 1, path: str = "") -> str:
        pairs = self.fields + [(FIELD, PART.join(each)) for each in chosen]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("page", str(page))] if page > 1 else []
        return f"{path or self.path}?{urlencode(pairs)}" if pairs else path or self.path


def sought_of(request: web.Request, words: str, category_id: int | None) -> Sought:
    """What the address of a shelf asks for; what no page links is left out."""
    texts = Form(request.query).all(FIELD)[:CHOSEN_MOST]
    found = (shortened(clean_line(text), TEXT_MOST, TEXT_MOST).partition(PART) for text in texts)
    chosen = tuple(dict.fromkeys((name, value) for name, part, value in found if part and value))
    sort = one_of(query_param(request, "sort"), SORTS, "")
    return Sought(category_id, words, chosen, sort)
