"""What becomes of a deleted member's after-sales cases: sums stay, words and photos go."""

from __future__ import annotations

from typing import Any

from kernel.erasure import Blank, Kept, Mask, Person, Personal, Traces
from models import AfterSale, AfterSaleLog


def traces_of(member_id: int) -> Traces:
    """The photos of the member's cases, and the cases' ids."""
    rows = list(AfterSale.select().where(AfterSale.member == member_id))
    return Traces(
        subjects=tuple(("case", str(row.id)) for row in rows),
        pictures=tuple(each for row in rows for each in row.pictures or ()),
    )


def _mine(who: Person) -> Any:
    return AfterSale.member == who.member_id


def _log(who: Person) -> Any:
    return AfterSaleLog.case.in_(AfterSale.select(AfterSale.id).where(_mine(who)))


PERSONAL = Personal(
    "aftersales",
    rows=(Blank(AfterSale, _mine, {"note": "", "pictures": None, "decision_note": None}),),
    masks=(Mask(AfterSaleLog, ("why", "facts", "actor"), _log),),
    kept=(
        Kept(AfterSale, (
            "case_no", "kind", "state", "reason", "decided_by", "decision", "return_company",
            "return_tracking_no", "sent_company", "sent_tracking_no",
        ), "transactions"),
        Kept(AfterSaleLog, ("from_state", "to_state"), "transactions"),
    ),
    traces=traces_of,
)  # fmt: skip
