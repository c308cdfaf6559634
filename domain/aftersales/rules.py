"""The case's table of states, who may ask for what until when, and how much. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kernel.errors import Conflict, Invalid
from kernel.money import due

Kind = Literal["refund_only", "return", "exchange"]
KINDS = ("refund_only", "return", "exchange")
REASONS = (
    "no_reason", "not_wanted", "damaged", "wrong_goods", "missing", "quality", "late", "other",
    "merchant",
)  # fmt: skip
NEEDS_PICTURE = frozenset({"damaged"})

# state x event -> state; everything else raises. ``docs/algorithms/refunds.md`` has the prose.
CASE_STATES = {
    ("requested", "withdraw"): "withdrawn",
    ("requested", "reject"): "rejected",
    ("requested", "approve_return"): "approved",
    ("requested", "approve_refund"): "refunding",
    ("approved", "send_back"): "returning",
    ("approved", "withdraw"): "withdrawn",
    ("returning", "take_back"): "received_back",
    ("returning", "reject"): "rejected",
    ("received_back", "refund"): "refunding",
    ("received_back", "exchange"): "exchanged",
    ("refunding", "succeed"): "refunded",
    ("refunding", "fail"): "abnormal",
    ("abnormal", "retry"): "refunding",
    ("abnormal", "succeed"): "refunded",
    ("abnormal", "settle_by_hand"): "settled_by_hand",
}
OPEN = (
    "requested", "approved", "returning", "received_back", "refunding", "abnormal",
)  # fmt: skip
ENDS = ("rejected", "withdrawn", "exchanged", "refunded", "settled_by_hand")

NO_REASON_WITHIN = timedelta(days=7)
SEND_BACK_WITHIN = timedelta(days=7)
TAKE_BACK_WITHIN = timedelta(days=10)


@dataclass(frozen=True)
class CaseForm:
    """What a buyer asks for (售后申请): pieces of lines, a kind and a reason.

    ``amount_fen`` asks for less than is due; quantity 0 asks for an amount and keeps the goods.
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
    """A line as the rules of a case see it."""

    line_id: int
    quantity: int
    paid_fen: int
    shipped: int
    withheld: int
    claimed: int
    claimed_fen: int
    is_return_exempt: bool

    @property
    def unshipped(self) -> int:
        """Pieces that have not left and that no case claims."""
        return self.quantity - self.shipped - self.withheld


@dataclass(frozen=True)
class Share:
    """What a case takes of a line: the claim, and what is asked of it in fen."""

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
    """A request names a known kind and reason, pieces, and pictures where they count."""
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
    if form.reason in NEEDS_PICTURE and not form.pictures:
        raise Invalid("picture_missing", "pictures")
    if form.amount_fen is not None and len(form.items) != 1:
        raise Invalid("amount_for_one_line", "amount_fen")
    return form


def check_time(
    kind: Kind, reason: str, state: str, received_at: datetime | None, now: datetime,
    *, is_exempt: bool,
) -> None:  # fmt: skip
    """Whether a buyer may still ask: seven days without a reason, until completion with one.

    Goods have to be there before they can go back. A line whose exemption the buyer confirmed
    knows no return without a reason. Raises Conflict.
    """
    if state not in ("paid", "partly_shipped", "shipped", "received"):
        code = "case_too_late" if state == "completed" else "case_order_state"
        raise Conflict(code, state=state)
    if kind != "refund_only" and state == "paid":
        raise Conflict("nothing_to_return", state=state)
    if reason != "no_reason" or state == "paid":
        return
    if is_exempt:
        raise Conflict("return_exempt")
    if received_at is not None and now - received_at > NO_REASON_WITHIN:
        raise Conflict("no_reason_too_late", days=NO_REASON_WITHIN.days)


def share_of(line: LineFacts, kind: Kind, quantity: int, amount_fen: int | None) -> Share:
    """What a case takes of a line; the fen follow ``due`` over the pieces claimed so far.

    All pieces, in whatever cuts, give exactly what was paid. Quantity 0 claims money only. What
    has not left is claimed first, and its refund is not negotiable. Raises Invalid.
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


def _check_quantity(line: LineFacts, kind: Kind, quantity: int, amount_fen: int | None) -> None:
    left = line.quantity - line.claimed
    if kind != "refund_only":  # what has left, less what other cases already say of it
        left = min(left, line.shipped - (line.claimed - line.withheld))
    if quantity == 0 and kind == "refund_only" and amount_fen is not None:
        limit = line.paid_fen - line.claimed_fen
        if not 1 <= amount_fen <= limit:
            raise Invalid("amount_above_claim", "amount_fen", limit_fen=limit)
    elif not 1 <= quantity <= left:
        raise Invalid("quantity_bad", "quantity", limit=left, line_id=line.line_id)


def answer_by(state: str, now: datetime, answer_hours: int) -> datetime | None:
    """Until when somebody must act; then the case goes on by itself."""
    waits = {
        "requested": timedelta(hours=answer_hours),
        "approved": SEND_BACK_WITHIN,
        "returning": TAKE_BACK_WITHIN,
        "received_back": timedelta(hours=answer_hours),
    }
    return now + waits[state] if state in waits else None


def automatic_event(state: str, kind: str) -> str | None:
    """What happens when nobody acted in time: silence of the merchant counts as yes.

    An exchange that the merchant does not send ends in the money instead.
    """
    return {
        "requested": "approve_refund" if kind == "refund_only" else "approve_return",
        "approved": "withdraw",
        "returning": "take_back",
        "received_back": "refund",
    }.get(state)
