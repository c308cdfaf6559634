"""What becomes of a deleted payee: sums and tax stay, the identity is kept sealed for the tax."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from domain import members
from domain.payouts.payees import decrypted_identity, payee_of
from kernel import clock
from kernel.erasure import Blank, Kept, Mask, Person, Personal, Traces
from kernel.errors import NotFound
from models import Payee, PayeeFreeze, PayeeIncome, PayoutBill, PayoutGrant, PayoutLog

YEAR = timedelta(days=365)


def traces_of(member_id: int) -> Traces:
    """The payee's real name and number, and the file of the licence."""
    row = payee_of(member_id)
    if row is None:
        return Traces()
    identity = _identity(member_id)
    marks = [str(json.loads(identity)[name]) for name in ("name", "number")] if identity else []
    marks += [row.identity_masked] if row.identity_masked else []
    return Traces(
        marks=tuple(marks),
        subjects=(("payee", str(member_id)), ("distributor", str(member_id))),
        documents=(row.document,) if row.document else (),
    )


def keep_identity(who: Person) -> None:
    """Keep the identity of a payee who was ever paid sealed, as tax law asks."""
    row, identity = payee_of(who.member_id), _identity(who.member_id)
    if row is None or not identity:
        return
    if PayeeIncome.select().where(PayeeIncome.payee == row.id).exists():
        until = clock.now() + members.rights_times().tax_years * YEAR
        members.keep_sealed(who.member_id, "payee", row.id, "tax", identity, until)


def _identity(member_id: int) -> str:
    try:
        return decrypted_identity(member_id)
    except NotFound:
        return ""


def _mine(who: Person) -> Any:
    return (Payee.owner_kind == "member") & (Payee.owner_id == who.member_id)


def _payees(who: Person) -> Any:
    return Payee.select(Payee.id).where(_mine(who))


def _bill_log(who: Person) -> Any:
    bills = PayoutBill.select(PayoutBill.id).where(PayoutBill.payee.in_(_payees(who)))
    return PayoutLog.bill.in_(bills)


PERSONAL = Personal(
    "payouts",
    rows=(
        Blank(PayeeFreeze, lambda who: PayeeFreeze.payee.in_(_payees(who)),
              {"reason": "", "appeal": None, "answer": None, "lift_reason": None}),
        Blank(PayoutBill, lambda who: PayoutBill.payee.in_(_payees(who)),
              {"openid": None, "request": None, "package_info": None, "note": None}),
        Blank(PayoutGrant, lambda who: PayoutGrant.payee.in_(_payees(who)),
              {"openid": "", "request": {}, "package_info": None}),
        Blank(Payee, _mine, {
            "sealed_identity": None, "identity_masked": None, "name_hash": None,
            "document": None, "review_note": None,
        }),
    ),
    masks=(Mask(PayoutLog, ("why", "facts", "actor"), _bill_log),),
    kept=(
        Kept(Payee, ("owner_kind", "type", "reviewed_by"), "tax"),
        Kept(PayeeFreeze, ("frozen_by", "answered_by", "lifted_by", "lift_cause"), "accounting"),
        Kept(PayoutBill, (
            "source", "tax_class", "mchid", "channel", "out_bill_no", "state", "tax",
            "transfer_bill_no", "fail_reason", "given_up_by",
        ), "accounting"),
        Kept(PayoutGrant, (
            "mchid", "appid", "scene", "out_authorization_no", "state", "open_key",
            "authorization_id", "end_reason", "ended_by",
        ), "accounting"),
        Kept(PayoutLog, ("from_state", "to_state"), "accounting"),
        Kept(PayeeIncome, ("tax_class",), "tax"),
    ),
    traces=traces_of,
    first=keep_identity,
)  # fmt: skip
