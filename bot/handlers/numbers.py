"""A number that was sent: an order's, refund's, ticket's, parcel's, or the end of a phone's.

The thing is shown if it is this person's. Somebody else's is answered like one that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import paths, purchases, refunds
from bot.call import Call
from bot.handlers import orders, questions
from bot.numbers import PREFIXES, Kind, Named
from bot.purchases import Shown
from bot.refunds import Returned
from bot.router import Asking, Found, Router
from bot.understanding.matcher import NONE, understand
from domain import aftersales, distribution, payments, service_desk
from domain.orders import OrderFilter, list_orders, list_orders_of_member
from kernel.chat import Reply
from kernel.errors import NotFound
from kernel.finding import Sought
from kernel.refusals import payee_words

router = Router("numbers")

MOST = 3
LOOKED_AT = 30
SURE = 0.5
ABOUT_THEIR_ORDER = frozenset({
    "complaint", "fake_suspected", "trouble", "not_received", "refund_apply", "order_cancel",
    "order_change_address", "order_hurry", "invoice", "pay_problem", "not_mine",
})  # fmt: skip
"""Questions whose answers look for the order's number themselves."""
ABOUT_A_NUMBER = frozenset({
    None, NONE, "order_status", "tracking", "dispatch", "refund_status", "refund_when",
})  # fmt: skip
"""What is asked with a parcel's number or four digits, which may stand in other sentences, too."""
OURS = frozenset(PREFIXES.values())


class Naming(Asking):
    """Matches a message that is, or names, a number of one of these kinds."""

    def __init__(self, *kinds: Kind, intent: str) -> None:
        self._kinds = frozenset(kinds)
        self.intent = intent

    def __call__(self, call: Call) -> Found:
        """The number; a question that finds it itself is left to its intent."""
        named = call.number
        if named is None or named.kind not in self._kinds:
            return False
        if len(named.beside) < 2:
            return {"named": named}
        intent = _asked_beside(call, named.beside)
        if named.kind == "order" and intent == "refund_status":
            return False
        if named.kind in OURS or named.kind in ("bare", "wechat"):
            return False if intent in ABOUT_THEIR_ORDER else {"named": named}
        return {"named": named} if intent in ABOUT_A_NUMBER else False


def _asked_beside(call: Call, beside: str) -> str | None:
    """What the words beside a number ask for; None if that is a guess, or the whole says else."""
    meaning = understand(beside.lower(), call.examples)
    is_sure = meaning.score >= SURE and meaning.intent == call.meaning.intent
    return meaning.intent if is_sure else None


def _nothing(call: Call) -> Reply:
    return call.answer("number_none.txt")


@router.on(Naming("order", "payment", "phone", intent="order_status"))
async def order(call: Call, named: Named) -> Reply:
    """The orders with this number, or sent to this phone, or whose number ends so."""
    finders: dict[Kind, Any] = {"order": _order, "payment": _of_payment, "phone": _ending}
    shown = await _own(call, finders[named.kind], named.number)
    if not shown and named.number == call.words:  # four digits alone may be a price or a year
        call.asked_for = ""
        return await questions.answer(call, call.words)
    return orders.listed(call, shown) if shown else _nothing(call)


@router.on(Naming("refund", "case", intent="refund_status"))
async def refund(call: Call, named: Named) -> Reply:
    """The refund or after-sales case with this number."""
    find = refunds.case_with_number if named.kind == "case" else _refund
    return _refunded(call, await _own(call, find, named.number))


@router.on(Naming("ticket", intent="complaint"))
async def ticket(call: Call, named: Named) -> Reply:
    """The question or complaint with this number."""
    found = await _own(call, service_desk.ticket_detail, named.number)
    return _nothing(call) if found is None else call.answer("tickets.txt", tickets=[found])


@router.on(Naming("withdrawal", intent="withdraw"))
async def withdrawal(call: Call, named: Named) -> Reply:
    """The withdrawal with this number."""
    found = await _own(call, _withdrawal, named.number)
    return _nothing(call) if found is None else _withdrawn(call, found)


@router.on(Naming("tracking", intent="tracking"))
async def parcel(call: Call, named: Named) -> Reply:
    """The order of this parcel, or the case for which goods went back with it."""
    if named.beside and call.meaning.intent in ("order_status", "refund_status"):
        call.asked_for = call.meaning.intent
    shown = await _own(call, _with_parcel, named.number)
    if shown:
        return orders.tracked(call, shown)
    return _refunded(call, await _own(call, _case_with_parcel, named.number))


@router.on(Naming("bare", "wechat", intent="order_status"))
async def any_number(call: Call, named: Named) -> Reply:
    """What has this number, where it doesn't say of which kind it is."""
    number = named.number
    for find, intent, answer in OF_ANY_KIND if named.kind == "bare" else OF_WECHAT:
        found = await _own(call, find, number)
        if found:
            call.asked_for = intent
            return answer(call, found)
    return _nothing(call)


async def _own(call: Call, find: Callable[[str, int], Any], number: str) -> Any:
    """What a query finds of this person's own; None if it is nobody's, or somebody else's."""
    try:
        return await call.read(find, number, call.member_id)
    except NotFound:
        return None


def _refunded(call: Call, found: Any) -> Reply:
    if not found:
        return _nothing(call)
    is_returned = isinstance(found, Returned)
    return call.answer(
        "refunds.txt", more=paths.CASES, cases=[] if is_returned else [found],
        returned=[found] if is_returned else [],
    )  # fmt: skip


def _withdrawn(call: Call, found: Any) -> Reply:
    return call.answer("withdrawal.txt", one=found, payee_words=payee_words)


def _ticket(call: Call, found: Any) -> Reply:
    return call.answer("tickets.txt", tickets=[found])


def _order(number: str, member_id: int) -> list[Shown]:
    return [purchases.with_number(number, member_id)]


def _of_payment(number: str, member_id: int) -> list[Shown]:
    """The order that a payment paid; by our number of it or WeChat's."""
    paid = payments.find_payments(Sought.of(number), 1)
    return _order(paid[0].about, member_id) if paid else []


def _ending(end: str, member_id: int) -> list[Shown]:
    """The person's orders that go to a phone with these last four digits, or end in them."""
    found = list_orders(OrderFilter(member_id=member_id, words=end, limit=2 * MOST))
    found = [each for each in found if _ends(each.masked_address, end)]
    if not found:
        newest = list_orders_of_member(member_id, limit=LOOKED_AT)
        found = [each for each in newest if each.order_no.endswith(end)]
    return purchases.shown(*found[:MOST])


def _ends(masked_address: str, end: str) -> bool:
    """Whether the phone in a masked address ends so: '林** 138****8000 四川省…'."""
    return any(word.endswith(f"****{end}") for word in masked_address.split())


def _with_parcel(number: str, member_id: int) -> list[Shown]:
    """The person's orders of which a parcel has this number."""
    found = list_orders(OrderFilter(member_id=member_id, words=number, limit=MOST))
    shown = purchases.shown(*found)
    return [one for one in shown if any(x.tracking_no == number for x in one.parcels)]


def _case_with_parcel(number: str, member_id: int) -> refunds.Case | None:
    """The person's case for which a parcel went back, or a new one came, with this number."""
    for each in aftersales.find_cases(Sought.of(number), MOST):
        try:
            return refunds.case_with_number(each.name, member_id)
        except NotFound:
            continue
    return None


def _refund(number: str, member_id: int) -> refunds.Case | Returned | None:
    """A refund by our number of it or WeChat's."""
    found = payments.ids_of_refunds(Sought.of(number), 1)
    return refunds.refund_with_id(found[0], member_id) if found else None


def _withdrawal(number: str, member_id: int) -> Any:
    found = distribution.ids_of_withdrawals(Sought.of(number), 1)
    return distribution.withdrawal_detail(found[0], member_id) if found else None


def _prefixed(prefix: str, find: Callable[[str, int], Any]) -> Callable[[str, int], Any]:
    return lambda number, member_id: find(f"{prefix}{number}", member_id)


OF_WECHAT: tuple[tuple[Callable[[str, int], Any], str, Callable[[Call, Any], Reply]], ...] = (
    (_of_payment, "order_status", orders.listed),
    (_refund, "refund_status", _refunded),
    (_withdrawal, "withdraw", _withdrawn),
)
"""By WeChat's numbers: what is looked for, what is then asked for, and the answer."""

OF_ANY_KIND = (
    (_prefixed("ORD", _order), "order_status", orders.listed),
    (_prefixed("AS", refunds.case_with_number), "refund_status", _refunded),
    (_prefixed("TK", service_desk.ticket_detail), "complaint", _ticket),
    (_prefixed("WD", _withdrawal), "withdraw", _withdrawn),
    (_prefixed("PAY", _of_payment), "order_status", orders.listed),
    (_prefixed("REF", _refund), "refund_status", _refunded),
    (_with_parcel, "tracking", orders.tracked),
)
"""By a number without its prefix."""
