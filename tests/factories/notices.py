"""Facts for any declared notice: ordinary ones, and extreme ones (longest, empty, huge)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st

import domain.leaks
import domain.push  # noqa: F401 - with them every package's notices are declared
from domain import notices
from domain.notices import Fact, Kind, Notice, ResolvedNotice

NUMBER = "FM2611221234567890ABCDEF"
SECRET = "XQ_OPEN_CODE"
"""Stands for codes in texts that have no words for them; it must never appear in a text."""

EXPLAINED = {"wechat_refused", "campaign_stopped"}
"""Facts whose codes are WeChat's: kernel.refusals has a sentence for every code."""

TYPED = st.text(max_size=60) | st.sampled_from(
    ["", "\n\r\n", "很长的商品名" * 30, "陈酿\n52度\u2028500ml", "🍶" * 60, "e\u0301" * 40,
     "\u202e王五\u200b", "￥１２", "<a href='x'>点</a>", "9" * 50, "{}", "{order_no}", "{% if %}",
     "{{ fen }}"]
)  # fmt: skip
SUMS = st.sampled_from([0, 1, 99, 100, 1490, 10**9, 10**12 - 1]) | st.integers(0, 10**12 - 1)
ORDINARY: dict[Kind, Any] = {
    Kind.SUM: 1490, Kind.NUMBER: NUMBER, Kind.TRACKING: "SF1234567890", Kind.COMPANY: "顺丰",
    Kind.WHO: "王*", Kind.TITLE: "陈酿", Kind.REASON: "照片不清楚", Kind.TEXT: "可以开发票。",
    Kind.CODE: SECRET,
}  # fmt: skip


def declared() -> list[type[Notice]]:
    """Every notice, sorted by key."""
    return [notice for _, notice in sorted(notices.declared_notices().items())]


def told(notice: type[Notice], **facts: Any) -> ResolvedNotice:
    """A notice with ordinary facts."""
    return ResolvedNotice(notice, {f.name: _ordinary(f) for f in notices.facts_of(notice)} | facts)


def odd(notice: type[Notice]) -> st.SearchStrategy[ResolvedNotice]:
    """A notice with any facts that its declaration allows."""
    facts = {fact.name: _odd(notice, fact) for fact in notices.facts_of(notice)}
    return st.fixed_dictionaries(facts).map(lambda found: ResolvedNotice(notice, found))


def _ordinary(fact: Fact) -> Any:
    if fact.type is int:
        return 1490 if fact.kind is Kind.SUM else 7
    if fact.kind is not None:
        return ORDINARY[fact.kind]
    if get_origin(fact.type) is Literal:
        return get_args(fact.type)[0]
    return {str: "staff:1", date: date(2026, 12, 14), bool: True,
            datetime: datetime(2026, 11, 29, 1, tzinfo=UTC)}[fact.type]  # fmt: skip


def _odd(notice: type[Notice], fact: Fact) -> st.SearchStrategy[Any]:
    values = _values(notice, fact)
    return values | st.none() if fact.is_optional else values


def _values(notice: type[Notice], fact: Fact) -> st.SearchStrategy[Any]:
    if get_origin(fact.type) is Literal:
        return st.sampled_from(get_args(fact.type))
    if fact.kind is Kind.CODE:
        codes = [SECRET, "", "block_share"]
        return st.sampled_from(["40164", ""] if notice.KEY in EXPLAINED else codes)
    if fact.kind is Kind.SUM:
        return SUMS
    if fact.kind is Kind.NUMBER and fact.type is str:
        return st.sampled_from([NUMBER, "T" * 32])
    plain: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(0, 2**63 - 1), bool: st.booleans(), date: st.dates(), str: TYPED,
        datetime: st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
    }  # fmt: skip
    return plain[fact.type]
