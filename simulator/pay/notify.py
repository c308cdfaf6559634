"""支付通知: notifications: encrypted, signed, and repeated on WeChat's schedule until accepted."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from typing import Any

import aiohttp

from simulator import faults
from simulator.clock import iso, rfc3339
from simulator.crypto import gcm_seal
from simulator.ids import random_id
from simulator.pay import keyring
from simulator.pay.gate import signature_headers
from simulator.sim import Sim
from simulator.world import Notification

RETRY_S = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
)  # fmt: skip
SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
    "MCHTRANSFER.BILL.FINISHED": "商家转账单据终态通知",
    "MCHTRANSFER.AUTHORIZATION.CONFIRMED": "用户确认免确认收款授权通知",
    "MCHTRANSFER.AUTHORIZATION.CLOSED": "用户关闭免确认收款授权通知",
}
KEEP = 2000


def setup(sim: Sim) -> None:
    """Register the sending of notifications that are due."""

    async def send(ref: str) -> None:
        if found := find(sim, ref):
            sim.spawn(f"notification {ref}", attempt(sim, found))

    sim.scheduler.on("notify", send)


def find(sim: Sim, key: str) -> Notification | None:
    """The notification with that id."""
    return next((n for n in sim.world.notifications if n.id == key), None)


def enqueue(
    sim: Sim, kind: str, event_type: str, url: str, original_type: str, resource: dict[str, Any]
) -> None:
    """Queue a notification of a final state; without a notify URL there is none."""
    if not url:
        return
    notification = Notification(
        id=str(uuid.uuid4()),
        kind=kind,
        event_type=event_type,
        url=url,
        original_type=original_type,
        summary=SUMMARIES[event_type],
        resource=resource,
        made_at=sim.clock.now(),
    )
    sim.world.notifications.append(notification)
    _forget_done(sim)
    sim.scheduler.at(sim.clock.now(), "notify", notification.id)


def _forget_done(sim: Sim) -> None:
    """Keep every notification that is still to be sent, and the latest of the others."""
    known = sim.world.notifications
    if len(known) > KEEP:
        old, recent = known[: -KEEP // 2], known[-KEEP // 2 :]
        known[:] = [n for n in old if not n.is_done and n.attempt <= len(RETRY_S)] + recent


def resume(sim: Sim) -> None:
    """After a restart, send again the notifications that a stop interrupted."""
    planned = {due.ref for due in sim.world.dues if due.kind == "notify"}
    for known in sim.world.notifications:
        is_open = not known.is_done and known.attempt <= len(RETRY_S)
        if is_open and known.id not in planned:
            sim.scheduler.at(sim.clock.now(), "notify", known.id)


def notification_json(notification: Notification) -> dict[str, Any]:
    """A notification as `/_sim` shows it."""
    return {
        "id": notification.id,
        "kind": notification.kind,
        "event_type": notification.event_type,
        "url": notification.url,
        "resource": notification.resource,
        "made_at": iso(notification.made_at),
        "tries": notification.tries,
        "done": notification.is_done,
    }


async def attempt(sim: Sim, notification: Notification) -> None:
    """Send once, with the fault armed for it; a failure schedules the next try."""
    action = faults.take(sim.world, f"notify.{notification.kind}")
    if action.get("lose_all"):
        notification.tries.append({"status": None, "error": "lost for good"})
        notification.attempt = len(RETRY_S) + 1
        return
    if action.get("reorder"):
        held = _finish(sim, notification, {})
        sim.held.setdefault("notify", []).append(held)
        return
    if delay_s := action.get("delay_s"):
        await asyncio.sleep(delay_s)
    await _finish(sim, notification, action)
    for later in sim.held.pop("notify", []):
        await later


async def _finish(sim: Sim, notification: Notification, action: dict[str, Any]) -> None:
    if action.get("lose"):
        notification.tries.append({"status": None, "error": "lost"})
        is_taken = False
    else:
        copies = 1 + int(action.get("duplicate", 0))
        results = await asyncio.gather(*(_send(sim, notification, action) for _ in range(copies)))
        is_taken = any(results)
    notification.is_done = notification.is_done or is_taken
    number = notification.attempt
    notification.attempt += 1
    if not notification.is_done and number < len(RETRY_S):
        due_at = sim.clock.now() + sim.scaled(RETRY_S[number])
        sim.scheduler.at(due_at, "notify", notification.id)


def body_of(sim: Sim, notification: Notification) -> bytes:
    """The encrypted body; each try has its own nonce."""
    nonce = random_id(12)
    plain = json.dumps(notification.resource, ensure_ascii=False).encode()
    aad = notification.original_type
    body = {
        "id": notification.id,
        "create_time": rfc3339(notification.made_at),
        "resource_type": "encrypt-resource",
        "event_type": notification.event_type,
        "summary": notification.summary,
        "resource": {
            "original_type": notification.original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": gcm_seal(sim.settings.apiv3_key, nonce, aad, plain),
            "associated_data": aad,
            "nonce": nonce,
        },
    }
    return json.dumps(body, ensure_ascii=False).encode()


async def _send(sim: Sim, notification: Notification, action: dict[str, Any]) -> bool:
    percent = sim.world.signtest_percent or sim.settings.signtest_percent
    if action.get("signtest") or random.random() * 100 < percent:
        await _post(sim, notification, action, probe=True)
    return await _post(sim, notification, action, probe=False)


def _headers(
    sim: Sim, body: bytes, action: dict[str, Any], *, probe: bool
) -> tuple[str, dict[str, str]]:
    chosen, key = keyring.for_notification(sim, action.get("by", ""))
    stale_s = 600 if action.get("stale_timestamp") else 0
    headers = signature_headers(sim, body, key, stale_s=stale_s)
    if probe:
        headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + random_id(320)
    if action.get("bad_signature"):
        headers["Wechatpay-Signature"] = headers["Wechatpay-Signature"][::-1]
    if action.get("no_signature_type"):
        del headers["Wechatpay-Signature-Type"]
    return chosen, headers


async def _post(
    sim: Sim, notification: Notification, action: dict[str, Any], *, probe: bool
) -> bool:
    body = body_of(sim, notification)
    chosen, headers = _headers(sim, body, action, probe=probe)
    headers |= {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
    entry: dict[str, Any] = {
        "at": iso(sim.clock.now()),
        "status": None,
        "error": "",
        "by": chosen,
        "probe": probe,
    }
    notification.tries.append(entry)
    started = time.monotonic()
    assert sim.session is not None
    timeout = sim.exactly(sim.settings.notify_timeout_s)
    try:
        async with sim.session.post(
            notification.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            entry["status"] = response.status
            await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        entry["error"] = type(error).__name__
    entry["ms"] = round((time.monotonic() - started) * 1000)
    return not probe and entry["status"] in (200, 204)
