"""Helpers: the text of an answer as a person reads it, and orders in the asked-about states."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from domain import aftersales, payments
from domain.aftersales import CaseForm
from domain.payments.ports import RefundResult, RefundState
from kernel import clock
from kernel.web.templates import when
from tests.face.chat import LOGIN, Answer
from tests.factories.orders import MCHID, Bought

_LINK = re.compile(r'<a href="[^"]*">([^<]*)</a>')


def seen(answer: Answer) -> str:
    """The text with each link as its label."""
    return _LINK.sub(r"\1", answer.text)


def page(path: str) -> str:
    """The address that signs in and opens a page of the mall."""
    return f"{LOGIN}{path.replace('?', '%3F').replace('=', '%3D').replace('&', '%26')}"


def ask(bought: Bought, kind: Any = "refund_only", reason: str = "not_wanted") -> Any:
    """Open a case about the first line of an order."""
    form = CaseForm(bought.member_id, bought.order_no, kind, ((bought.line_ids[0], 1),), reason)
    return aftersales.request_case(form)


def money_back(refund: Any) -> None:
    """Let WeChat pay a refund."""
    result = RefundResult(
        RefundState.SUCCESS, refund.out_refund_no, mchid=MCHID, refund_fen=refund.amount_fen,
        currency="CNY", success_at=clock.now(),
    )  # fmt: skip
    assert payments.settle_refund(result) == "booked"


def promised(bought: Bought) -> str:
    """The latest time of shipping by the default promise."""
    return when(bought.row.paid_at + timedelta(hours=48))
