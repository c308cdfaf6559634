"""The case's table of states, who may ask for what until when, and how much. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.aftersales.reasons import (
    BUYER_STATES,
    REASONS,
    Role,
    Situation,
    ask_of,
    is_paid_by_silence,
    refusal,
    stage_of,
)
from kernel.errors import Conflict, Invalid
from kernel.money import due

Kind = Literal["refund_only", "return", "exchange"]
KINDS = ("refund_only", "return", "exchange")

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

SEND_BACK_WITHIN = timedelta(days=7)
TAKE_BACK_WITHIN = timedelta(days=10)
REMIND_EVERY = timedelta(days=3)


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
    is_given: bool = False

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
    if REASONS[form.reason].needs_picture and not form.pictures:
        raise Invalid("picture_missing", "pictures")
    if form.amount_fen is not None and len(form.items) != 1:
        raise Invalid("amount_for_one_line", "amount_fen")
    return form


def situation(
    line: LineFacts, kind: Kind, quantity: int, order: tuple[str, datetime | None], now: datetime,
    *, is_alone: bool = False,
) -> Situation:  # fmt: skip
    """Where the pieces asked about are. ``order`` is its state and when it was received.

    What has not left is taken first, so a refund of no more than that touches nothing else.
    ``is_alone``: nothing that was bought is asked about with them.
    """
    takes_waiting = kind == "refund_only" and 1 <= quantity <= line.unshipped
    untouched = line.shipped == 0 or takes_waiting
    state, received_at = order
    stage = stage_of(state, received_at, now, untouched=untouched)
    return Situation(stage, line.is_return_exempt, line.is_given, line.is_given and is_alone)


def is_given_alone(asked: Sequence[tuple[LineFacts, int]]) -> bool:
    """True if pieces of bought lines are not among those asked about."""
    return all(line.is_given or quantity == 0 for line, quantity in asked)


def taken_along(
    lines: Sequence[LineFacts], kind: Kind, asked: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Given pieces that go with a refund of the last bought ones: those that have not left.

    Else a shop would still ship a gift for a purchase of which nothing is left.
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


def check_offer(
    role: Role, form: CaseForm, lines: Sequence[LineFacts],
    order: tuple[str, datetime | None], now: datetime,
) -> None:  # fmt: skip
    """Only what is offered to this person for these goods at this time (``reasons``).

    A buyer names an amount only where the goods stay. Raises Conflict, Invalid.
    """
    if role == "buyer" and order[0] not in BUYER_STATES:
        code = "case_too_late" if order[0] == "completed" else "case_order_state"
        raise Conflict(code, state=order[0])
    is_alone = is_given_alone([(x, n) for x, (_, n) in zip(lines, form.items, strict=True)])
    for line, (_, quantity) in zip(lines, form.items, strict=True):
        if role == "buyer" and form.amount_fen is not None and quantity != 0:
            raise Invalid("amount_needs_part", "amount_fen")
        at = situation(line, form.kind, quantity, order, now, is_alone=is_alone)
        problem = refusal(role, ask_of(form.kind, quantity), form.reason, at)
        if problem is not None:
            raise problem


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


def check_amount(amount_fen: int | None, goods_fen: int, freight_fen: int) -> None:
    """An amount that somebody named is what is paid, to the fen, or the request is refused.

    Goods that have not left are refunded whole, the last ones with the freight: an amount below
    that keeps the goods in the order (quantity 0). Raises Invalid('refund_is_whole').
    """
    total_fen = goods_fen + freight_fen
    if amount_fen is not None and amount_fen != total_fen:
        raise Invalid("refund_is_whole", "amount_fen", total_fen=total_fen, asked_fen=amount_fen)


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
        "unconfirmed": REMIND_EVERY,
        "received_back": timedelta(hours=answer_hours),
    }
    return now + waits[state] if state in waits else None


def automatic_event(state: str, kind: str, reason: str, *, has_left: bool) -> str | None:
    """What happens when nobody acted in time; never money for goods that nobody has received.

    Silence on a request is a yes: to the money where no goods are to come back, else to sending
    them. A parcel that nobody confirms goes to a person, who is reminded until there is an answer.
    An exchange that the merchant does not send ends in the money: the goods are there.
    ``has_left``: some of the pieces have left the shop, or the goods stay with the buyer.
    """
    if state == "requested" and kind == "refund_only":
        return "approve_refund" if is_paid_by_silence(reason, has_left=has_left) else "reject"
    return {
        "requested": "approve_return",
        "approved": "withdraw",
        "returning": "escalate",
        "unconfirmed": "remind",
        "received_back": "refund",
    }.get(state)
