"""The pay part of the go-live check: keys, permissions, and whether notifications reach us."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from domain.payments.ports import PrepayRequest, RefundRequest, TransferState
from gateways.checks import TEXT, Check, Probe, failed, item
from gateways.http import HttpCaller
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.port import WeChatPay
from kernel import clock, ids
from kernel.errors import GatewayError, Refused, Retryable
from kernel.transfer_scenes import SCENES

KEYS = TEXT.names("key")
SHOWN = TEXT.names("shown")
NOTIFY_PATHS = (
    "/pay/notify", "/pay/refund-notify", "/pay/transfer-notify", "/pay/grant-notify",
)  # fmt: skip
CERTIFICATE_WARN = timedelta(days=30)
PayProbe = Callable[[str, WeChatPay, HttpCaller], Awaitable[Check]]


def probes(public_url: str, pay: WeChatPay, site: HttpCaller) -> list[tuple[str, Probe]]:
    """The pay items, in the order in which they are run."""
    items: list[PayProbe] = [
        pay_keys,
        prepay,
        refund_right,
        transfer_right,
        bills,
        notify_urls,
    ]
    return [(item.__name__, partial(item, public_url, pay, site)) for item in items]


async def pay_keys(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Which of WeChat's keys are in force, which we can verify with, and when they expire.

    The switch from certificates to the public key takes a week, in which notifications are signed
    by either. Whether there are certificates shows how far the merchant's switch is.
    """
    config, signer = pay.client.config, pay.client.signer
    await pay.keeper.refresh()
    serials = signer.ring.current()
    names = [KEYS["public_key"]] if config.public_key_id else []
    keys = "、".join(names + [KEYS["certificate"].format(end=serial[-6:]) for serial in serials])
    if not config.public_key_id:
        return item("pay_keys", "warn", "no_public_key", keys=keys)
    if signer.is_answered_by_certificate:
        return item("pay_keys", "warn", "not_switched", keys=keys)
    newest = signer.ring.ends[serials[-1]] if serials else None
    if newest is not None and newest - clock.now() < CERTIFICATE_WARN:
        return item("pay_keys", "warn", "expiring", keys=keys)
    if serials:
        return item("pay_keys", "ok", "both", keys=keys)
    return item("pay_keys", "ok", keys=keys)


async def prepay(url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether an order of one fen can be placed, queried and closed (unpaid)."""
    order = PrepayRequest(
        out_trade_no=ids.out_number("DR"),
        amount_fen=1,
        description=SHOWN["trial_order"],
        notify_url=f"{url}{NOTIFY_PATHS[0]}",
        expires_at=clock.now() + timedelta(minutes=5),
    )
    await pay.prepay_native(order)
    state = (await pay.query_payment(order.out_trade_no)).state
    await pay.close_payment(order.out_trade_no)
    return item("prepay", "ok", reads=state)


async def refund_right(url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether refunds are permitted: for an unknown order the error must be that it is unknown."""
    request = RefundRequest(
        out_refund_no=ids.out_number("DR"),
        out_trade_no=ids.out_number("DR"),
        refund_fen=1,
        total_fen=1,
        notify_url=f"{url}{NOTIFY_PATHS[1]}",
        cause="late",
        payable_no="",
    )
    try:
        await pay.refund(request)
    except Refused as error:
        if error.code in ABSENT:
            return item("refund_right", "ok")
        return failed("refund_right", error)
    return item("refund_right", "fail", "lax")


async def transfer_right(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether the transfer product answers; its scenes are only visible in WeChat's console."""
    try:
        found = await pay.query_transfer(ids.out_number("DR"))
    except GatewayError as error:
        return item("transfer_right", "warn", "refused", answer=error)
    if found.state is not TransferState.ABSENT:
        return item("transfer_right", "warn", "odd", reads=found.state)
    config = pay.client.config
    number = config.transfer_scene_id
    scene = SCENES.get(number)
    if scene is None:
        return item("transfer_right", "warn", "unknown_scene", number=number)
    shown = config.transfer_perception or SHOWN["perception"].format(name=scene.perceptions[0])
    return item("transfer_right", "ok", number=number, scene=scene.name, shown=shown)


async def bills(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether bills can be downloaded, which reconciliation needs."""
    day = clock.business_day(clock.now()) - timedelta(days=1)
    try:
        bill = await pay.trade_bill(day)
    except Retryable as error:
        if error.code == "STATEMENT_CREATING":
            return item("bills", "ok", "being_made")
        return failed("bills", error)
    return item("bills", "ok", day=day, count=len(bill.lines))


async def notify_urls(url: str, _pay: WeChatPay, site: HttpCaller) -> Check:
    """Whether notifications reach us, and unsigned ones are refused."""
    for path in NOTIFY_PATHS:
        answer = await site.send(
            "POST",
            f"{url}{path}",
            body=json.dumps({"id": "doctor"}).encode(),
            headers={"Content-Type": "application/json"},
            is_repeatable=True,
        )
        if 200 <= answer.status < 300:
            return item("notify_urls", "fail", "open", path=path)
        if b'"FAIL"' not in answer.body:
            return item("notify_urls", "fail", "foreign", path=path, status=answer.status)
    return item("notify_urls", "ok")
