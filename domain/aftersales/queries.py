"""Reads of cases, for the buyer and for the merchant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peewee import fn

from domain import audit
from domain.aftersales.parcels import ParcelFlag, parcel_flags
from domain.aftersales.reasons import REASONS
from domain.aftersales.rules import CASE_STATES, OPEN, timeout_event
from domain.aftersales.service import case_id_of
from kernel import clock
from kernel.errors import NotFound
from kernel.personal import mask_numbers
from kernel.store import UNSORTED, Sorting, sorted_page
from models import AfterSale, AfterSaleLine, AfterSaleLog, Order, OrderLine


@dataclass(frozen=True)
class CaseLineView:
    """A line of a case; ``has_left``: some of it was shipped, or the goods stay with the buyer."""

    line_id: int
    title: str
    spec_text: str
    picture_id: str | None
    quantity: int
    goods_fen: int
    has_left: bool


@dataclass(frozen=True)
class CaseLogView:
    """A row of a case's log."""

    from_state: str | None
    to_state: str
    actor: str
    why: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseView:
    """A case; after ``due_at`` the event ``timeout_event`` happens."""

    id: int
    case_no: str
    order_id: int
    order_no: str
    member_id: int
    kind: str
    state: str
    reason: str
    note: str
    pictures: tuple[str, ...]
    goods_fen: int
    freight_fen: int
    decided_by: str | None
    decision: str | None
    decision_note: str | None
    return_company: str | None
    return_tracking_no: str | None
    sent_company: str | None
    sent_tracking_no: str | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    lines: tuple[CaseLineView, ...]
    log: tuple[CaseLogView, ...] = ()
    flags: tuple[ParcelFlag, ...] = ()

    @property
    def total_fen(self) -> int:
        """Goods and freight together, in fen."""
        return self.goods_fen + self.freight_fen

    @property
    def is_open(self) -> bool:
        """True until the case has ended."""
        return self.state in OPEN

    @property
    def responsibility(self) -> str:
        """The class of the reason (责任): fault, no_fault or merchant."""
        return REASONS[self.reason].kind if self.reason in REASONS else "merchant"

    @property
    def freight_by(self) -> str:
        """Who pays the return's freight (退货运费): merchant or buyer; '' without a return."""
        if self.kind == "refund_only":
            return ""
        return REASONS[self.reason].freight_by if self.reason in REASONS else "merchant"

    @property
    def timeout_event(self) -> str:
        """The event that happens after ``due_at`` if nobody acts; '' for none."""
        has_left = any(line.has_left for line in self.lines)
        return timeout_event(self.state, self.kind, self.reason, has_left=has_left) or ""

    def can(self, event: str) -> bool:
        """True if the event is allowed in this state; for buttons."""
        return (self.state, event) in CASE_STATES


def case_detail_for_buyer(case_no: str, member_id: int) -> CaseView:
    """The buyer's own case with its log and note in full. Raises NotFound for another's."""
    case_id = case_id_of(case_no, member_id)
    return replace(case_detail_for_merchant(case_id), note=_note_of(case_id))


def case_detail_for_merchant(case_id: int) -> CaseView:
    """A case with its log and doubts, for the merchant. Raises NotFound."""
    found = _views(_cases().where(AfterSale.id == case_id), with_log=True)
    if not found:
        raise NotFound("case_missing")
    case = found[0]
    return replace(case, flags=parcel_flags(case.id, case.member_id, case.return_tracking_no))


def reveal_case_note(case_id: int) -> str:
    """The buyer's note with the phones in it; each call is recorded in the audit (查看原文).

    Raises NotFound.
    """
    note = _note_of(case_id)
    audit.record("case.note_seen", "case", case_id)
    return note


def _note_of(case_id: int) -> str:
    found = AfterSale.get_or_none(AfterSale.id == case_id)
    if found is None:
        raise NotFound("case_missing")
    return str(found.note)


def list_cases_of_member(
    member_id: int, *, before_id: int | None = None, limit: int = 10
) -> list[CaseView]:
    """A buyer's cases, newest first (我的售后)."""
    return list_cases(member_id=member_id, sort=Sorting(after_id=before_id), limit=limit)


def list_cases_of_order(order_id: int) -> list[CaseView]:
    """An order's cases, oldest first."""
    return _views(_cases().where(AfterSale.order == order_id).order_by(AfterSale.id))


def list_cases(
    *, state: str | None = None, is_open: bool | None = None, member_id: int | None = None,
    ids: Sequence[int] | None = None, sort: Sorting = UNSORTED, limit: int = 30,
) -> list[CaseView]:  # fmt: skip
    """Cases, newest first or by when they are ``due``, ``limit`` a page (售后管理)."""
    query = _cases()
    if state is not None:
        query = query.where(AfterSale.state == state)
    if is_open is not None:
        opened = AfterSale.state.in_(OPEN)
        query = query.where(opened if is_open else ~opened)
    if member_id is not None:
        query = query.where(AfterSale.member == member_id)
    if ids is not None:
        query = query.where(AfterSale.id.in_(list(ids)))
    field = {"due": AfterSale.due_at}.get(sort.name, AfterSale.id)
    return _views(sorted_page(query, field, sort, AfterSale.id, limit))


def case_counts() -> dict[str, int]:
    """The number of cases in each open state."""
    query: Any = (
        AfterSale.select(AfterSale.state, fn.COUNT(AfterSale.id))
        .where(AfterSale.state.in_(OPEN))
        .group_by(AfterSale.state)
    )
    return {state: int(n) for state, n in query.tuples()}


def overdue_case_ids(limit: int) -> list[int]:
    """Cases whose time is over, oldest first."""
    waiting = AfterSale.state.in_(OPEN) & (AfterSale.due_at <= clock.now())
    query = AfterSale.select(AfterSale.id).where(waiting).order_by(AfterSale.due_at)
    return [row.id for row in query.limit(limit)]


def _cases() -> Any:
    return AfterSale.select(AfterSale, Order.order_no).join(Order).objects()


def _views(query: Iterable[Any], *, with_log: bool = False) -> list[CaseView]:
    rows = list(query)
    lines = _lines([row.id for row in rows])
    names = (
        "id", "case_no", "order_id", "order_no", "member_id", "kind", "state", "reason",
        "goods_fen", "freight_fen", "decided_by", "decision", "decision_note",
        "return_company", "return_tracking_no", "sent_company", "sent_tracking_no", "due_at",
        "created_at", "updated_at",
    )  # fmt: skip
    return [
        CaseView(
            **{name: getattr(row, name) for name in names},
            note=mask_numbers(row.note),
            pictures=tuple(row.pictures or ()),
            lines=tuple(lines[row.id]),
            log=tuple(_log(row.id)) if with_log else (),
        )
        for row in rows
    ]


def _lines(case_ids: Sequence[int]) -> dict[int, list[CaseLineView]]:
    found: dict[int, list[CaseLineView]] = defaultdict(list)
    if case_ids:
        query = (
            AfterSaleLine.select(
                AfterSaleLine, OrderLine.title, OrderLine.spec_text, OrderLine.picture
            )
            .join(OrderLine)
            .where(AfterSaleLine.case.in_(list(case_ids)))
            .order_by(AfterSaleLine.id)
        )
        for row in query.objects():
            found[row.case_id].append(
                CaseLineView(
                    row.line_id,
                    row.title,
                    row.spec_text,
                    row.picture,
                    row.quantity,
                    row.goods_fen,
                    not row.quantity or row.quantity > row.unshipped,
                )
            )
    return found


def _log(case_id: int) -> list[CaseLogView]:
    query = AfterSaleLog.select().where(AfterSaleLog.case == case_id).order_by(AfterSaleLog.id)
    return [
        CaseLogView(g.from_state, g.to_state, g.actor, g.why, g.at, g.facts or {}) for g in query
    ]
