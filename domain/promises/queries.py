"""What the shop promises to buyers (服务承诺): hours, days and freight, as its settings have them.

Every page, chat answer and document takes these figures from here, so that a changed setting
changes all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import is_

from domain import settings
from domain.settings import Freight, Service, Storefront, Trade


@dataclass(frozen=True)
class Promises:
    """The promises of the moment. Sums in fen; ``free_from_fen`` is None without free freight."""

    pay_within_minutes: int
    ship_within_hours: int
    receive_within_days: int
    complete_after_days: int
    answer_hours: int
    free_return_days: int
    send_back_days: int
    covers_breakage: bool
    question_answer_hours: int
    complaint_answer_hours: int
    application_answer_days: int
    freight_fen: int
    free_from_fen: int | None
    slogan: str
    shelf_title: str
    search_hint: str


def current() -> Promises:
    """The present promises; settings are read at most once a second."""
    return _made(
        settings.get(Trade), settings.get(Service), settings.get(Freight), settings.get(Storefront)
    )


def cached() -> Promises | None:
    """The promises without a query, or None if the settings must be read first."""
    trade, service = settings.cached(Trade), settings.cached(Service)
    freight, front = settings.cached(Freight), settings.cached(Storefront)
    if trade is None or service is None or freight is None or front is None:
        return None
    return _made(trade, service, freight, front)


_last: tuple[tuple[object, ...], Promises] | None = None


def _made(trade: Trade, service: Service, freight: Freight, front: Storefront) -> Promises:
    """The promises of these settings; made anew once one of them was read anew."""
    global _last
    last, of = _last, (trade, service, freight, front)
    if last is not None and all(map(is_, last[0], of)):
        return last[1]
    made = _promises_of(*of)
    _last = (of, made)
    return made


def _promises_of(trade: Trade, service: Service, freight: Freight, front: Storefront) -> Promises:
    return Promises(
        pay_within_minutes=trade.pay_within_minutes,
        ship_within_hours=service.ship_within_hours,
        receive_within_days=trade.receive_within_days,
        complete_after_days=trade.complete_after_days,
        answer_hours=trade.refund_answer_hours,
        free_return_days=service.free_return_days,
        send_back_days=service.send_back_days,
        covers_breakage=service.covers_breakage,
        question_answer_hours=service.question_answer_hours,
        complaint_answer_hours=service.complaint_answer_hours,
        application_answer_days=service.application_answer_days,
        freight_fen=freight.flat_fen,
        free_from_fen=freight.free_from_fen,
        slogan=front.slogan,
        shelf_title=front.shelf_title,
        search_hint=front.search_hint,
    )
