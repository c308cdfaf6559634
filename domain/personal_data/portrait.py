"""What the shop holds about a member, for the member: sections of rows with codes and values.

Nothing of other people: customers and uplines by the names that the member's own pages show.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from domain import distribution, ledger, members, orders, payouts, rights
from domain.ledger import member_account
from kernel import clock
from kernel.errors import NotFound
from models import (
    AfterSale,
    Binding,
    CartLine,
    Commission,
    Consent,
    Delivery,
    Distributor,
    Member,
    Order,
    OrderLine,
    Payment,
    PayoutBill,
    Product,
    PushCampaign,
    ServiceTicket,
    Sku,
    WebSession,
    WechatIdentity,
    Withdrawal,
)

Row = dict[str, Any]
WALLET = ("commission_pending", "available", "withdrawing", "debt")
CUSTOMERS_AT_ONCE = 200


def portrait(member_id: int) -> dict[str, list[Row]]:
    """All sections, by name; instants are ISO 8601 in UTC, sums in fen."""
    found = {name: list(read(member_id)) for name, read in SECTIONS.items()}
    return {name: [_plain(row) for row in rows] for name, rows in found.items()}


def _profile(member_id: int) -> Iterable[Row]:
    member = Member.get_by_id(member_id)
    yield {
        "public_no": member.public_no, "nickname": member.nickname, "avatar": member.avatar,
        "created_at": member.created_at, "adult_confirmed_at": member.adult_confirmed_at,
        "push_agreed_at": member.push_agreed_at, "push_stopped_at": member.push_stopped_at,
    }  # fmt: skip


def _wechat(member_id: int) -> Iterable[Row]:
    for row in WechatIdentity.select().where(WechatIdentity.member == member_id):
        yield _of(row, "appid", "openid", "unionid", "is_following", "followed_at",
                  "unfollowed_at", "last_message_at", "last_tap_at")  # fmt: skip


def _sessions(member_id: int) -> Iterable[Row]:
    for row in WebSession.select().where(WebSession.member == member_id).order_by(WebSession.id):
        yield _of(row, "created_at", "seen_at", "expires_at", "is_care_mode")


def _addresses(member_id: int) -> Iterable[Row]:
    for each in members.list_addresses(member_id):
        yield {
            "name": each.form.name, "phone": each.form.phone, "address": each.one_line,
            "is_default": each.is_default,
        }  # fmt: skip


def _consents(member_id: int) -> Iterable[Row]:
    mine = Consent.select().where(Consent.member == member_id).order_by(Consent.id)
    for row in mine:
        purpose = "names" if row.purpose.startswith("names:") else row.purpose
        yield {"purpose": purpose} | _of(row, "version", "given_at", "withdrawn_at")


def _cart(member_id: int) -> Iterable[Row]:
    lines: Any = (
        CartLine.select(CartLine.quantity, CartLine.added_at, Sku.spec_text, Product.title)
        .join(Sku).join(Product).where(CartLine.owner == f"m:{member_id}")
    )  # fmt: skip
    for row in lines.dicts():
        yield {name: row[name] for name in ("title", "spec_text", "quantity", "added_at")}


def _orders(member_id: int) -> Iterable[Row]:
    for row in Order.select().where(Order.member == member_id).order_by(Order.id):
        lines = OrderLine.select().where(OrderLine.order == row.id).order_by(OrderLine.id)
        goods = "；".join(f"{each.title} {each.spec_text} ×{each.quantity}" for each in lines)
        yield {"goods": goods, "address": _address_of(row)} | _of(
            row, "order_no", "state", "payable_fen", "paid_fen", "refunded_fen", "note",
            "created_at", "paid_at", "shipped_at", "received_at", "completed_at", "cancelled_at",
        ) | {"parcels": "；".join(
            f"{each.company} {each.tracking_no}" for each in orders.parcels_of(row.id)
        )}  # fmt: skip


def _address_of(row: Any) -> str:
    return "" if row.recipient_id is not None else _opened_address(row)  # else a friend's


def _opened_address(row: Any) -> str:
    try:
        form = orders.decrypted_address(row)
    except NotFound:
        return ""
    names = ("name", "phone", "province", "city", "district", "detail")
    return " ".join(form[name] for name in names if form.get(name))


def _gifts(member_id: int) -> Iterable[Row]:
    """Gifts that the member took; what they cost is the payer's."""
    for row in Order.select().where(Order.recipient == member_id).order_by(Order.id):
        lines = OrderLine.select().where(OrderLine.order == row.id).order_by(OrderLine.id)
        goods = "；".join(f"{each.title} {each.spec_text} ×{each.quantity}" for each in lines)
        yield {"goods": goods, "address": _opened_address(row)} | _of(
            row, "order_no", "state", "shipped_at", "received_at"
        )


def _payments(member_id: int) -> Iterable[Row]:
    bought: Any = Order.select(Order.id).where(Order.member == member_id)
    mine = Payment.payable_kind.in_(orders.payable_kinds()) & Payment.payable_id.in_(bought)
    for row in Payment.select().where(mine).order_by(Payment.id):
        yield _of(row, "payable_no", "out_trade_no", "transaction_id", "channel", "amount_fen",
                  "received_fen", "state", "created_at", "paid_at")  # fmt: skip


def _cases(member_id: int) -> Iterable[Row]:
    for row in AfterSale.select().where(AfterSale.member == member_id).order_by(AfterSale.id):
        yield _of(row, "case_no", "kind", "state", "reason", "note", "goods_fen", "freight_fen",
                  "decision_note", "return_company", "return_tracking_no",
                  "created_at", "updated_at") | {"pictures": len(row.pictures or ())}  # fmt: skip


def _tickets(member_id: int) -> Iterable[Row]:
    mine = ServiceTicket.select().where(ServiceTicket.member == member_id)
    for row in mine.order_by(ServiceTicket.id):
        yield _of(row, "ticket_no", "kind", "text", "answer", "state", "created_at", "closed_at")


def _requests(member_id: int) -> Iterable[Row]:
    for each in rights.list_requests_of_member(member_id, limit=1000):
        yield {
            name: getattr(each, name)
            for name in (
                "request_no",
                "kind",
                "state",
                "text",
                "answer",
                "created_at",
                "closed_at",
            )
        }


def _messages(member_id: int) -> Iterable[Row]:
    sent: Any = Delivery.select(Delivery.state, Delivery.at, PushCampaign.title).join(PushCampaign)
    for row in sent.where(Delivery.member == member_id).order_by(Delivery.id).dicts():
        yield {name: row[name] for name in ("title", "state", "at")}


def _upline(member_id: int) -> Iterable[Row]:
    if not Binding.select().where(Binding.member == member_id).exists():
        return
    found = distribution.upline_with_history(member_id)
    yield {
        "upline": found.upline_name, "cause": found.cause, "bound_at": found.bound_at,
        "expires_at": found.expires_at, "is_valid": found.is_valid,
    }  # fmt: skip


def _distributor(member_id: int) -> Iterable[Row]:
    row = Distributor.get_or_none(Distributor.member == member_id)
    if row is not None:
        yield _of(row, "display_name", "state", "referral_code", "terms_version", "applied_at",
                  "decided_at", "reason")  # fmt: skip


def _identity(member_id: int) -> Iterable[Row]:
    payee = payouts.payee_view(member_id)
    if payee is None:
        return
    try:
        known = json.loads(payouts.decrypted_identity(member_id))
    except NotFound:
        known = {}
    yield {"payee_type": payee.type, "real_name": known.get("name"), "number": known.get("number")}


def _wallet(member_id: int) -> Iterable[Row]:
    for kind in WALLET:
        fen = ledger.balance(member_account(kind, member_id))
        if fen:
            yield {"account": kind, "balance_fen": fen}


def _customers(member_id: int) -> Iterable[Row]:
    """Only those who agreed to be seen, by the masked name that the distributor sees."""
    counts = distribution.customer_counts(member_id)
    if counts.seen:
        for each in distribution.list_customers(member_id, limit=CUSTOMERS_AT_ONCE):
            yield {"name": each.name, "bound_at": each.bound_at, "orders": each.orders}


def _commission(member_id: int) -> Iterable[Row]:
    mine: Any = (
        Commission.select(
            Order.order_no, Commission.level, Commission.base_fen, Commission.amount_fen,
            Commission.taken_fen, Commission.state, Commission.created_at,
            Commission.frozen_until, Commission.released_at,
        )
        .join(Order).where(Commission.member == member_id).order_by(Commission.id)
    )  # fmt: skip
    for row in mine.dicts():
        names = ("order_no", "level", "base_fen", "amount_fen", "taken_fen", "state", "created_at",
                 "frozen_until", "released_at")  # fmt: skip
        yield {name: row[name] for name in names}


def _withdrawals(member_id: int) -> Iterable[Row]:
    for row in Withdrawal.select().where(Withdrawal.member == member_id).order_by(Withdrawal.id):
        bill = PayoutBill.get_or_none(PayoutBill.out_bill_no == row.out_bill_no)
        paid = _of(bill, "tax_fen", "fee_fen", "net_fen", "paid_at") if bill is not None else {}
        yield _of(row, "out_bill_no", "channel", "state", "gross_fen", "hold_told",
                  "requested_at") | paid  # fmt: skip


SECTIONS: Mapping[str, Callable[[int], Iterable[Row]]] = {
    "profile": _profile,
    "wechat": _wechat,
    "sessions": _sessions,
    "addresses": _addresses,
    "consents": _consents,
    "cart": _cart,
    "orders": _orders,
    "gifts": _gifts,
    "payments": _payments,
    "cases": _cases,
    "tickets": _tickets,
    "requests": _requests,
    "messages": _messages,
    "upline": _upline,
    "distributor": _distributor,
    "identity": _identity,
    "wallet": _wallet,
    "customers": _customers,
    "commission": _commission,
    "withdrawals": _withdrawals,
}
"""In the order of the file."""


def as_json(member_id: int) -> tuple[dict[str, Any], bytes]:
    """The member's data with the instant at which it was read, and the bytes of the JSON file."""
    data = {"made_at": clock.now().isoformat(), "sections": portrait(member_id)}
    return data, json.dumps(data, ensure_ascii=False, indent=1).encode()


def _of(row: Any, *names: str) -> Row:
    return {name: getattr(row, name) for name in names}


def _plain(row: Row) -> Row:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
