"""The table of a case's states, what may be requested until when, and the sums. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.aftersales.reasons import (
    BUYER_STATES,
    REASONS,
    Bought,
    Role,
    Situation,
    ask_of,
    is_refunded_at_timeout,
    stage_of,
    why_not_allowed,
)
from kernel.errors import Conflict, Invalid
from kernel.money import due

Kind = Literal["refund_only", "return", "exchange"]
KINDS = ("refund_only", "return", "exchange")
RESTORE = "restore"
"""The actor after a restore; what WeChat did meanwhile is no person's decision."""
REFUNDED_AT_WECHAT = "refunded_at_wechat"
"""Why a case is refunded that WeChat had refunded before the restore."""
RefundRule = Literal["not_collected"]
"""Rules of the shop that refund without a request (按规则退款)."""
STEPS = (
    "withdrawn", "restock", "goods_back", "instead_of_exchange", "replaced", "refunded",
    "settled_by_hand", "timeout", "goods_sent", "nothing_to_refund", REFUNDED_AT_WECHAT,
    "said_before", "not_collected",
)  # fmt: skip
"""Codes of the log besides the events of the table and the reasons of a request."""
Decision = Literal["timeout", "goods_sent"]
"""Why a case was decided without a person: nobody answered in time, or the goods were sent."""

# (state, event) -> state; every other pair raises. See ``docs/algorithms/refunds.md``.
CASE_STATES = {
    ("requested", "withdraw"): "withdrawn",
    ("requested", "reject"): "rejected",
    ("requested", "approve_return"): "approved",
    ("requested", "approve_refund"): "refunding",
    ("approved", "send_back"): "returning",
    ("approved", "withdraw"): "withdrawn",
    ("returning", "take_back"): "received_back",
    ("returning", "reject"): "rejected",
    ("returning", "escalate"): "unconfirmed",
    ("unconfirmed", "take_back"): "received_back",
    ("unconfirmed", "reject"): "rejected",
    ("unconfirmed", "remind"): "unconfirmed",
    ("received_back", "refund"): "refunding",
    ("received_back", "exchange"): "exchanged",
    ("refunding", "succeed"): "refunded",
    ("refunding", "fail"): "abnormal",
    ("abnormal", "retry"): "refunding",
    ("abnormal", "succeed"): "refunded",
    ("abnormal", "settle_by_hand"): "settled_by_hand",
}
OPEN = (
    "requested", "approved", "returning", "unconfirmed", "received_back", "refunding", "abnormal",
)  # fmt: skip
ENDS = ("rejected", "withdrawn", "exchanged", "refunded", "settled_by_hand")

CONFIRM_RETURN_WITHIN = timedelta(days=10)
REMIND_EVERY = timedelta(days=3)


@dataclass(frozen=True)
class CaseForm:
    """A buyer's request (售后申请): ``items`` are (line_id, pieces), with a kind and a reason.

    ``amount_fen`` asks for less than is due. A quantity of 0 asks for an amount and keeps the
    goods.
    """

    member_id: int
    order_no: str
    kind: Kind
    items: tuple[tuple[int, int], ...]
    reason: str
    note: str = ""
    pictures: tuple[str, ...] = ()
    amount_fen: int | None = None


@dataclass(frozen=True)
class LineFacts:
    """A line as the rules of cases need it."""

    line_id: int
    quantity: int
    paid_fen: int
    shipped: int
    withheld: int
    claimed: int
    claimed_fen: int
    is_return_exempt: bool
    is_given: bool = False

    @property
    def unshipped(self) -> int:
        """Pieces that are neither shipped nor claimed by a case."""
        return self.quantity - self.shipped - self.withheld


@dataclass(frozen=True)
class Share:
    """What a case takes of a line: the claim, and the fen of it that are requested."""

    line_id: int
    quantity: int
    unshipped: int
    claim_fen: int
    goods_fen: int


def next_state(state: str, event: str) -> str:
    """The state after an event. Raises Conflict('case_state')."""
    try:
        return CASE_STATES[state, event]
    except KeyError:
        raise Conflict("case_state", state=state, event=event) from None


def checked_form(form: CaseForm) -> CaseForm:
    """A request with a known kind and reason, items, and pictures where needed. Raises Invalid."""
    if form.kind not in KINDS:
        raise Invalid("case_kind_bad", "kind")
    if form.reason not in REASONS:
        raise Invalid("reason_missing", "reason")
    if len(form.note) > 300:
        raise Invalid("text_too_long", "note", limit=300)
    if len(form.pictures) > 9 or any(len(picture) > 64 for picture in form.pictures):
        raise Invalid("too_many_pictures", "pictures", limit=9)
    if not form.items or len(dict(form.items)) != len(form.items):
        raise Invalid("case_items_bad", "items")
    if REASONS[form.reason].needs_picture and not form.pictures:
        raise Invalid("picture_missing", "pictures")
    if form.amount_fen is not None and len(form.items) != 1:
        raise Invalid("amount_for_one_line", "amount_fen")
    return form


def situation(
    line: LineFacts, kind: Kind, quantity: int, order: Bought, now: datetime,
    *, is_alone: bool = False,
) -> Situation:  # fmt: skip
    """The situation of the requested pieces.

    Unshipped pieces are taken first: a refund of no more than those concerns no shipped ones.
    ``is_alone``: no bought goods are in the same request.
    """
    takes_waiting = kind == "refund_only" and 1 <= quantity <= line.unshipped
    untouched = line.shipped == 0 or takes_waiting
    stage = stage_of(order, now, untouched=untouched)
    return Situation(
        stage, line.is_return_exempt, line.is_given, line.is_given and is_alone,
        order.free_return_days,
    )  # fmt: skip


def asks_for_given_only(asked: Sequence[tuple[LineFacts, int]]) -> bool:
    """True if no pieces of bought lines are requested."""
    return all(line.is_given or quantity == 0 for line, quantity in asked)


def given_pieces_to_refund(
    lines: Sequence[LineFacts], kind: Kind, asked: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Unshipped given pieces that go with a refund of the last bought ones, as (line_id, pieces).

    Otherwise the shop would still ship a gift for a purchase that is refunded as a whole.
    """
    bought = [line for line in lines if not line.is_given]
    if kind != "refund_only" or not any(asked.get(line.line_id) for line in bought):
        return []
    if any(line.claimed + asked.get(line.line_id, 0) < line.quantity for line in bought):
        return []
    return [
        (line.line_id, line.unshipped)
        for line in lines
        if line.is_given and line.unshipped and line.line_id not in asked
    ]


def check_allowed(
    role: Role, form: CaseForm, lines: Sequence[LineFacts], order: Bought, now: datetime
) -> None:
    """Check that ``reasons`` offers this request to this role for these goods now.

    A buyer may name an amount only if the goods stay. Raises Conflict, Invalid.
    """
    if role == "buyer" and order.state not in BUYER_STATES:
        code = "case_too_late" if order.state == "completed" else "case_order_state"
        raise Conflict(code, state=order.state)
    is_alone = asks_for_given_only([(x, n) for x, (_, n) in zip(lines, form.items, strict=True)])
    for line, (_, quantity) in zip(lines, form.items, strict=True):
        if role == "buyer" and form.amount_fen is not None and quantity != 0:
            raise Invalid("amount_needs_part", "amount_fen")
        at = situation(line, form.kind, quantity, order, now, is_alone=is_alone)
        problem = why_not_allowed(role, ask_of(form.kind, quantity), form.reason, at)
        if problem is not None:
            raise problem


def share_of(line: LineFacts, kind: Kind, quantity: int, amount_fen: int | None) -> Share:
    """What a case takes of a line; the fen follow ``due`` over all pieces claimed so far.

    Claims of all pieces, however divided, sum to what was paid. Quantity 0 claims money only.
    Unshipped pieces are claimed first and refunded in full. Raises Invalid.
    """
    _check_quantity(line, kind, quantity, amount_fen)
    unshipped = min(quantity, line.unshipped) if kind == "refund_only" else 0
    if quantity == 0:
        assert amount_fen is not None
        return Share(line.line_id, 0, 0, amount_fen, amount_fen)
    whole = due(line.paid_fen, line.claimed + quantity, line.quantity)
    claim_fen = max(whole - line.claimed_fen, 0)
    goods_fen = claim_fen if amount_fen is None or unshipped else amount_fen
    if not 0 <= goods_fen <= claim_fen:
        raise Invalid("amount_above_claim", "amount_fen", limit_fen=claim_fen)
    return Share(line.line_id, quantity, unshipped, claim_fen, goods_fen)


def check_amount(amount_fen: int | None, goods_fen: int, freight_fen: int) -> None:
    """Check that a named amount is exactly what is paid.

    Unshipped goods are refunded in full, the last ones with the freight. A smaller amount is only
    possible with quantity 0, for goods that stay in the order. Raises Invalid('refund_is_whole').
    """
    total_fen = goods_fen + freight_fen
    if amount_fen is not None and amount_fen != total_fen:
        raise Invalid("refund_is_whole", "amount_fen", total_fen=total_fen, asked_fen=amount_fen)


def _check_quantity(line: LineFacts, kind: Kind, quantity: int, amount_fen: int | None) -> None:
    left = line.quantity - line.claimed
    if kind != "refund_only":  # shipped pieces, less those that other cases claim
        left = min(left, line.shipped - (line.claimed - line.withheld))
    if quantity == 0 and kind == "refund_only" and amount_fen is not None:
        limit = line.paid_fen - line.claimed_fen
        if not 1 <= amount_fen <= limit:
            raise Invalid("amount_above_claim", "amount_fen", limit_fen=limit)
    elif not 1 <= quantity <= left:
        raise Invalid("quantity_bad", "quantity", limit=left, line_id=line.line_id)


def timeout_at(
    state: str, now: datetime, answer_hours: int, send_back_days: int
) -> datetime | None:
    """The instant until which an answer or a parcel is awaited in this state, or None."""
    waits = {
        "requested": timedelta(hours=answer_hours),
        "approved": timedelta(days=send_back_days),
        "returning": CONFIRM_RETURN_WITHIN,
        "unconfirmed": REMIND_EVERY,
        "received_back": timedelta(hours=answer_hours),
    }
    return now + waits[state] if state in waits else None


def timeout_event(state: str, kind: str, reason: str, *, has_left: bool) -> str | None:
    """The event that follows if nobody acts in time, or None (ADR 0051).

    A request without an answer is approved: as a refund if nothing is sent back, else as a return.
    No money is paid for goods that the merchant has not received: an unconfirmed parcel goes to a
    person, who is reminded. An exchange whose replacement is not sent ends as a refund, since the
    goods are back. ``has_left``: some pieces were shipped, or the goods stay with the buyer.
    """
    if state == "requested" and kind == "refund_only":
        return "approve_refund" if is_refunded_at_timeout(reason, has_left=has_left) else "reject"
    return {
        "requested": "approve_return",
        "approved": "withdraw",
        "returning": "escalate",
        "unconfirmed": "remind",
        "received_back": "refund",
    }.get(state)
