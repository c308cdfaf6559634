"""WeChat Pay's notifications (支付、退款、转账回调): verify, apply in one transaction, answer 204.

The gateway checks signature, age and encryption first; an unverified notification has no effect. A
notification that can't be applied now is answered 5xx, so WeChat sends it again. The polling jobs
find the same result in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import Counter

from domain import payments, payouts
from domain.payments.ports import (
    GrantResult,
    Notification,
    PaymentResult,
    PayPort,
    RefundResult,
    TransferResult,
)
from kernel import context
from kernel.addresses import caller_key
from kernel.errors import LimitReached, Refused
from kernel.store import Store
from kernel.web.bodies import BadBody, read_body
from kernel.web.limits import Limiter

log = logging.getLogger("fenmall.pay")

BODY_MOST = 64 * 1024
BODY_SECONDS = 3.0
BAD_MOST, BAD_SECONDS = 30, 60
SIGNED = {"notify_shape", "notify_sealed"}
NOTICES = Counter("fenmall_pay_notices", "Pay notifications, by door and outcome.",
                  ("door", "outcome"))  # fmt: skip

Act = Callable[[Notification], Awaitable[str]]


def add_notify_routes(app: web.Application, store: Store, pay: PayPort, limiter: Limiter) -> None:
    """Serve the addresses that WeChat Pay posts to."""

    async def money(notice: Notification) -> str:
        return await payments.receive_notice(store, notice)

    async def transfer(notice: Notification) -> str:
        if notice.result is None:  # an unknown kind is stored and not acted on
            return await money(notice)
        return await store.write(payouts.receive_transfer_notice, notice)

    async def grant(notice: Notification) -> str:
        if notice.result is None:
            return await money(notice)
        return await store.write(payouts.receive_grant_notice, notice)

    doors: tuple[tuple[str, type, Act], ...] = (
        ("/pay/notify", PaymentResult, money),
        ("/pay/refund-notify", RefundResult, money),
        ("/pay/transfer-notify", TransferResult, transfer),
        ("/pay/grant-notify", GrantResult, grant),
    )
    for path, kind, act in doors:
        app.router.add_post(path, _notify_handler(path, kind, act, pay, limiter))


def _notify_handler(
    path: str, kind: type, act: Act, pay: PayPort, limiter: Limiter
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def door(request: web.Request) -> web.Response:
        try:
            body = await read_body(request, most=BODY_MOST, seconds=BODY_SECONDS)
        except BadBody as bad:
            return _fail(path, bad.reason, bad.status)
        try:
            notice = pay.parse_notification(request.headers, body)
        except Refused as error:
            return await _refuse(path, error, limiter)
        context.actor.set("wechatpay")
        if notice.result is not None and not isinstance(notice.result, kind):
            return _fail(path, "wrong_door", 400)
        outcome = await act(notice)
        NOTICES.labels(path, outcome).inc()
        return web.Response(status=204)

    async def guarded(request: web.Request) -> web.Response:
        try:
            return await door(request)
        except Exception:
            log.exception("a notification could not be taken; WeChat will send it again")
            return _fail(path, "failed", 500)

    return guarded


async def _refuse(path: str, error: Refused, limiter: Limiter) -> web.Response:
    """Refuse a notification that does not verify, and limit addresses that send many.

    A notification that WeChat signed but that can't be read is not counted: WeChat's address must
    not be locked out.
    """
    log.warning("a notification was refused: %s", error)
    if str(error.code) in SIGNED:
        return _fail(path, str(error.code), 401)
    try:
        address = caller_key()
        await limiter.hit("notify", address, most=BAD_MOST, seconds=BAD_SECONDS)
    except LimitReached:
        return _fail(path, "limited", 429)
    return _fail(path, str(error.code), 401)


def _fail(path: str, why: str, status: int) -> web.Response:
    NOTICES.labels(path, why).inc()
    return web.json_response({"code": "FAIL", "message": why}, status=status)
