"""Notifications of WeChat Pay (回调通知): verifies signature and age, decrypts, parses.

No call is made here. For an unknown serial ``on_unknown_serial`` requests a refresh of keys in the
background, for an old timestamp ``on_old`` a measurement of WeChat's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from domain.payments.ports import (
    GrantResult,
    Notification,
    PaymentResult,
    RefundResult,
    TransferResult,
)
from gateways import metrics
from gateways.wechatpay import fields
from gateways.wechatpay.signer import BadSignature, Signer
from kernel import clock
from kernel.errors import Refused

Result = PaymentResult | RefundResult | TransferResult | GrantResult

_KINDS: dict[str, Callable[[Mapping[str, Any]], Result]] = {
    "TRANSACTION.SUCCESS": fields.payment,
    "REFUND.SUCCESS": fields.refund,
    "REFUND.ABNORMAL": fields.refund,
    "REFUND.CLOSED": fields.refund,
    "MCHTRANSFER.BILL.FINISHED": fields.transfer,
    "MCHTRANSFER.AUTHORIZATION.CONFIRMED": fields.grant,
    "MCHTRANSFER.AUTHORIZATION.CLOSED": fields.grant,
}


def parse(
    signer: Signer,
    headers: Mapping[str, str],
    body: bytes,
    on_unknown_serial: Callable[[], None] = lambda: None,
    on_old: Callable[[], None] = lambda: None,
) -> Notification:
    """Verify, decrypt and parse a notification. Raises Refused('notify_…').

    One that is too old is always refused, even if it suggests that our clock is wrong.
    """
    try:
        signer.verify(headers, body)
    except BadSignature as error:
        if error.reason == "serial":
            on_unknown_serial()
        if error.reason == "time" and _is_signed(signer, headers, body):
            on_old()
        if error.reason != "probe":
            metrics.FORGED.labels("wechatpay", "notify").inc()
        raise Refused(f"notify_{error.reason}", error.serial[:64]) from error
    try:
        return _typed(signer, json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused("notify_shape", str(error)) from error


def _is_signed(signer: Signer, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether WeChat signed it at any time; it may be a replay."""
    try:
        signer.signed_at(headers, body)
    except BadSignature:
        return False
    return True


def _typed(signer: Signer, envelope: dict[str, Any]) -> Notification:
    plain = signer.decrypt(envelope["resource"])
    if plain is None:
        raise Refused("notify_sealed", "the resource can't be decrypted")
    raw = json.loads(plain)
    event_type = fields.text(envelope, "event_type")
    kind = _KINDS.get(event_type)
    return Notification(
        id=fields.text(envelope, "id"),
        event_type=event_type,
        created_at=fields.instant(envelope.get("create_time")) or clock.now(),
        plain=plain,
        result=kind(raw) if kind else None,
    )
