"""What becomes of a deleted payer's payments: numbers and sums stay, the openid goes."""

from __future__ import annotations

from typing import Any

from kernel.erasure import Blank, Kept, Mask, Person, Personal
from models import Payment, PayNotice, Refund


def _paid_by(who: Person) -> Any:
    return Payment.openid.in_(who.openids)


PERSONAL = Personal(
    "payments",
    rows=(Blank(Payment, _paid_by, {"openid": None, "prepay_id": None, "pay_url": None}),),
    masks=(
        Mask(PayNotice, ("content",)),
        Mask(Refund, ("reason", "proof", "last_error", "last_error_facts")),
        Mask(Payment, ("last_error", "last_error_facts")),
    ),
    kept=(
        Kept(Payment, (
            "payable_kind", "payable_no", "out_trade_no", "channel", "mchid", "appid", "state",
            "transaction_id", "description",
        ), "accounting"),
        Kept(Refund, ("cause", "out_refund_no", "state", "refund_id", "hand_by"), "accounting"),
        Kept(PayNotice, ("notice_id", "event_type", "out_number", "outcome"), "accounting"),
    ),
)  # fmt: skip
