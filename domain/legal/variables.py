"""The variables of legal documents: what the shop promises and who it is, as text."""

from __future__ import annotations

from domain import promises, settings
from domain.legal.business import business, shop_name
from domain.legal.rules import times
from kernel.money import yuan


def variable_values() -> dict[str, str]:
    """The present value of every variable, by name."""
    return _company() | _trade() | _distribution() | _requests()


def _company() -> dict[str, str]:
    who = business()
    return {
        "shop_name": shop_name(),
        "legal_name": who.legal_name,
        "complaint_phone": who.complaint_phone,
        "service_hours": who.service_hours,
        "email": who.email,
        "address": who.address,
    }


def _trade() -> dict[str, str]:
    now = promises.current()
    days = {
        "pay_within_minutes": now.pay_within_minutes,
        "ship_within_hours": now.ship_within_hours,
        "receive_within_days": now.receive_within_days,
        "complete_after_days": now.complete_after_days,
        "answer_hours": now.answer_hours,
        "free_return_days": now.free_return_days,
        "send_back_days": now.send_back_days,
        "question_answer_hours": now.question_answer_hours,
        "complaint_answer_hours": now.complaint_answer_hours,
        "application_answer_days": now.application_answer_days,
    }
    return {name: str(value) for name, value in days.items()}


def _distribution() -> dict[str, str]:
    now = settings.get(settings.Distribution)
    return {
        "freeze_days": str(now.freeze_days),
        "withdraw_min": _whole(now.withdraw_min_fen),
        "withdraw_max": _whole(now.withdraw_max_fen),
        "withdraw_per_day": str(now.withdraw_per_day),
    }


def _requests() -> dict[str, str]:
    now = times()
    return {
        "announce_days": str(now.announce_days),
        "request_days": str(now.request_days),
    }


def _whole(fen: int) -> str:
    return yuan(fen).removesuffix(".00")
