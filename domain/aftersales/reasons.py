"""The registry of reasons (售后原因), and what each offers to whom and when. Pure.

Faces show what ``allowed_reasons`` returns. Every verb calls ``why_not_allowed``, so nothing is
accepted that was not offered. ``tests/golden/returns.yaml`` is the readable table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from kernel.errors import Conflict, DomainError, Invalid

Role = Literal["buyer", "merchant", "system"]
Class = Literal["fault", "no_fault", "merchant"]
# A refund_only of no pieces is an ask of its own: a part of the money, and the goods stay.
Ask = Literal["refund_only", "part", "return", "exchange"]
Stage = Literal["unshipped", "shipped", "received", "received_late", "completed"]
ASKS: tuple[Ask, ...] = get_args(Ask)
STAGES: tuple[Stage, ...] = get_args(Stage)
BUYER_STATES = ("paid", "partly_shipped", "shipped", "received")
_FREIGHT_PAYER: Mapping[Class, str] = {
    "fault": "merchant",
    "no_fault": "buyer",
    "merchant": "merchant",
}


@dataclass(frozen=True)
class Reason:
    """A reason with its class (责任): the merchant's fault, no fault, or the merchant's own will.

    ``asks`` holds what may be asked for at each stage of the goods. ``givers`` may use the reason.
    """

    kind: Class
    asks: Mapping[Stage, tuple[Ask, ...]]
    needs_picture: bool = False
    givers: tuple[Role, ...] = ("buyer",)

    @property
    def freight_by(self) -> str:
        """Who pays the return's freight (退货运费): merchant or buyer."""
        return _FREIGHT_PAYER[self.kind]


def _asks(
    unshipped: tuple[Ask, ...], left: tuple[Ask, ...], received: tuple[Ask, ...] | None = None,
    late: tuple[Ask, ...] | None = None, completed: tuple[Ask, ...] = (),
) -> Mapping[Stage, tuple[Ask, ...]]:  # fmt: skip
    there = left if received is None else received
    rows = (unshipped, left, there, there if late is None else late, completed)
    return MappingProxyType(dict(zip(STAGES, rows, strict=True)))


_GOODS = _asks((), ASKS)
_BACK = _asks(("refund_only",), ("return", "exchange"), late=())
_STAFF: tuple[Role, ...] = ("merchant", "system")

REASONS: Mapping[str, Reason] = MappingProxyType({
    "no_reason": Reason("no_fault", _asks((), ("return", "exchange"), late=())),
    "not_wanted": Reason("no_fault", _BACK),
    "damaged": Reason("fault", _GOODS, needs_picture=True),
    "wrong_goods": Reason("fault", _GOODS),
    "missing": Reason("fault", _asks((), ("refund_only", "part"))),
    "quality": Reason("fault", _GOODS),
    "not_as_described": Reason("fault", _GOODS, needs_picture=True),
    "late": Reason("fault", _asks(("refund_only",), ("refund_only", "part"), ("part",))),
    "other": Reason("no_fault", _BACK),  # a reason that names no fault counts as no fault
    "merchant": Reason("merchant", dict.fromkeys(STAGES, ("refund_only",)),
                       givers=_STAFF),
    "gift_back": Reason("merchant", _asks(("refund_only",), (), ()), givers=("system",)),
    "goodwill": Reason("merchant", dict.fromkeys(STAGES, ("part",)),
                       givers=_STAFF),
})  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """The stage of the requested goods, and whether the buyer confirmed the line's exemption.

    ``free_return_days``: how long after receipt the shop takes goods back without a reason.
    ``is_given``: a gift or reward at 0 fen. ``is_alone``: no bought goods are in the same request.
    """

    stage: Stage
    is_exempt: bool
    is_given: bool = False
    is_alone: bool = False
    free_return_days: int = 7


def ask_of(kind: str, quantity: int) -> Ask:
    """What a request asks for; a refund of no pieces asks for a part of the money."""
    ask = "part" if kind == "refund_only" and quantity == 0 else kind
    return ASKS[ASKS.index(ask)]


@dataclass(frozen=True)
class Bought:
    """What of an order decides a request: state, receipt, the days for 无理由退货."""

    state: str
    received_at: datetime | None
    free_return_days: int


def stage_of(order: Bought, now: datetime, *, untouched: bool) -> Stage:
    """The stage of the requested pieces; ``untouched``: none of them was shipped."""
    if order.state not in BUYER_STATES:
        return "completed"
    if untouched:
        return "unshipped"
    if order.received_at is None:
        return "shipped"
    is_late = now - order.received_at > timedelta(days=order.free_return_days)
    return "received_late" if is_late else "received"


def why_not_allowed(role: Role, ask: Ask, code: str, at: Situation) -> DomainError | None:
    """Why a role may not ask for this with this reason now, or None if it is offered."""
    reason = REASONS.get(code)
    if reason is None:
        return Invalid("reason_missing", "reason")
    if role not in reason.givers:
        return Invalid("reason_not_offered", "reason")
    if at.is_given and ask == "part":
        return Invalid("given_has_no_price", "amount_fen")
    if role == "buyer":
        problem = _why_unlawful(ask, reason, at) or _why_given_not_allowed(ask, reason, at)
        if problem is not None:
            return problem
    return None if ask in reason.asks[at.stage] else Invalid("reason_not_offered", "reason")


def allowed_reasons(role: Role, ask: Ask, at: Situation) -> tuple[str, ...]:
    """The reasons with which a role may ask for this now, in the registry's order."""
    return tuple(code for code in REASONS if why_not_allowed(role, ask, code, at) is None)


def is_refunded_at_timeout(code: str, *, has_left: bool) -> bool:
    """True if a refund without a return is granted when the merchant does not answer (ADR 0051).

    That is so for unshipped goods, and for goods that the buyer keeps after the merchant's fault.
    """
    reason = REASONS.get(code)
    return not has_left or (reason is not None and reason.kind != "no_fault")


def _why_given_not_allowed(ask: Ask, reason: Reason, at: Situation) -> DomainError | None:
    """Given goods are claimed with bought goods; alone only as return or exchange for a fault."""
    if not at.is_alone or (reason.kind == "fault" and ask in ("return", "exchange")):
        return None
    return Conflict("given_alone")


def _why_unlawful(ask: Ask, reason: Reason, at: Situation) -> DomainError | None:
    """What law and stage forbid: too late, nothing to return, exempt without a fault."""
    if at.stage == "completed":
        return Conflict("case_too_late", state="completed")
    if at.stage == "unshipped":
        return Conflict("nothing_to_return") if ask in ("return", "exchange") else None
    if reason.kind == "no_fault" and at.is_exempt:
        return Conflict("return_exempt")
    if reason.kind == "no_fault" and at.stage == "received_late":
        return Conflict("no_reason_too_late", days=at.free_return_days)
    return None
