"""Parses WeChat Pay's JSON into typed results; shared by answers and notifications.

A missing required field or an unknown state raises ``BadFields``; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from domain.payments.ports import (
    GrantResult,
    GrantState,
    PaymentResult,
    RefundResult,
    RefundState,
    TradeState,
    TransferResult,
    TransferState,
)

_State = TypeVar("_State", TradeState, RefundState, TransferState, GrantState)


class BadFields(ValueError):
    """A validly signed answer or notification with missing or unexpected fields."""


NUMBER_MOST = 64
TEXT_MOST = 256
ADDRESS_MOST = 1024
FEN_MOST = 10**13


def text(raw: Mapping[str, Any], name: str, most: int = NUMBER_MOST) -> str:
    """A required text of at most ``most`` characters."""
    value = maybe(raw, name, most)
    if not value:
        raise BadFields(name)
    return value


def maybe(raw: Mapping[str, Any], name: str, most: int = NUMBER_MOST) -> str:
    """An optional text, '' if missing. Raises BadFields if it is too long or not storable."""
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise BadFields(name)
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise BadFields(name) from None
    return value


def fen(raw: Mapping[str, Any], name: str) -> int:
    """A required amount in fen: an integer, not a float or bool."""
    value = raw.get(name)
    if type(value) is not int or not 0 <= value <= FEN_MOST:
        raise BadFields(name)
    return value


def instant(value: object) -> datetime | None:
    """An RFC 3339 instant as aware UTC; None if missing. Raises BadFields."""
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(str(value))
        if parsed.tzinfo is None:
            raise BadFields("instant")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: the end of 9999 in UTC
        raise BadFields("instant") from None


def segment(value: str) -> str:
    """A number, quoted as one segment of a path."""
    return quote(value, safe="")


def payment(raw: Mapping[str, Any]) -> PaymentResult:
    """A payment, from a query's answer or a TRANSACTION notification."""
    amount = _object(raw, "amount")
    state = _state(TradeState, raw.get("trade_state"))
    has_amount = state.is_paid or bool(amount)
    return PaymentResult(
        state=state,
        out_trade_no=text(raw, "out_trade_no"),
        mchid=text(raw, "mchid"),
        appid=text(raw, "appid"),
        transaction_id=text(raw, "transaction_id") if state.is_paid else "",
        amount_fen=fen(amount, "total") if has_amount else 0,
        payer_fen=fen(amount, "payer_total") if "payer_total" in amount else 0,
        currency=maybe(amount, "currency"),
        payer_openid=maybe(_object(raw, "payer"), "openid"),
        trade_type=maybe(raw, "trade_type"),
        bank_type=maybe(raw, "bank_type"),
        attach=maybe(raw, "attach", TEXT_MOST),
        success_at=instant(raw.get("success_time")),
    )


def refund(raw: Mapping[str, Any]) -> RefundResult:
    """A refund; answers have ``status`` where notifications have ``refund_status``."""
    amount = _object(raw, "amount")
    return RefundResult(
        state=_state(RefundState, raw.get("refund_status") or raw.get("status")),
        out_refund_no=text(raw, "out_refund_no"),
        out_trade_no=text(raw, "out_trade_no"),
        mchid=maybe(raw, "mchid"),
        refund_id=maybe(raw, "refund_id"),
        transaction_id=maybe(raw, "transaction_id"),
        refund_fen=fen(amount, "refund"),
        total_fen=fen(amount, "total"),
        currency=maybe(amount, "currency"),
        channel=maybe(raw, "channel", TEXT_MOST),
        received_account=maybe(raw, "user_received_account", TEXT_MOST),
        success_at=instant(raw.get("success_time")),
    )


def transfer(raw: Mapping[str, Any]) -> TransferResult:
    """A merchant transfer, from any of its answers or its notification."""
    has_amount = raw.get("transfer_amount") is not None
    return TransferResult(
        state=_state(TransferState, raw.get("state")),
        out_bill_no=text(raw, "out_bill_no"),
        transfer_bill_no=maybe(raw, "transfer_bill_no"),
        package_info=maybe(raw, "package_info", ADDRESS_MOST),
        fail_reason=maybe(raw, "fail_reason", TEXT_MOST),
        amount_fen=fen(raw, "transfer_amount") if has_amount else None,
        openid=maybe(raw, "openid"),
        mchid=maybe(raw, "mch_id") or maybe(raw, "mchid"),
        appid=maybe(raw, "appid"),
        created_at=instant(raw.get("create_time")),
        updated_at=instant(raw.get("update_time")),
    )


def grant(raw: Mapping[str, Any]) -> GrantResult:
    """A standing authorisation, from any of its answers or its notification."""
    return GrantResult(
        state=_state(GrantState, raw.get("state")),
        out_authorization_no=text(raw, "out_authorization_no"),
        authorization_id=maybe(raw, "authorization_id"),
        package_info=maybe(raw, "package_info", ADDRESS_MOST),
        openid=maybe(raw, "openid"),
        mchid=maybe(raw, "mchid") or maybe(raw, "mch_id"),
        appid=maybe(raw, "appid"),
        scene_id=maybe(raw, "transfer_scene_id"),
        close_reason=maybe(_object(raw, "close_info"), "close_reason", TEXT_MOST),
        authorized_at=instant(raw.get("authorize_time")),
    )


def _object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadFields(name)
    return value


def _state(kind: type[_State], value: object) -> _State:
    """A state of WeChat's; ABSENT is our own and not accepted from outside."""
    if value == "ABSENT":
        raise BadFields("state")
    try:
        return kind(str(value))
    except ValueError:
        raise BadFields("state") from None
