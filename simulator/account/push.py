"""Pushes messages and events to the shop: three modes, three tries of 5 s, passive replies."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from simulator import chat, faults
from simulator.account import replies, xmlcodec
from simulator.clock import iso
from simulator.crypto import Envelope, sha1_of_sorted
from simulator.ids import digits, random_id
from simulator.sim import Sim
from simulator.world import Message, Phone, PushRecord

UNANSWERED = "该公众号暂时无法提供服务，请稍后再试"
MISTAKEN = "该公众号提供的服务出现故障，请稍后再试"
TRIES = 3
KEEP_RECORDS = 1000
WITHOUT_REPLY = {
    "unsubscribe",
    "view",
    "view_miniprogram",
    "scancode_push",
    "templatesendjobfinish",
    "masssendjobfinish",
    "publishjobfinish",
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
}


def frame(sim: Sim, phone: Phone, fields: dict[str, Any]) -> dict[str, Any]:
    """Add the common fields to a message's own; messages get a MsgId, events don't."""
    framed = {
        "ToUserName": sim.settings.original_id,
        "FromUserName": phone.openid,
        "CreateTime": int(sim.clock.now()),
        **fields,
    }
    if fields.get("MsgType") != "event":
        framed.setdefault("MsgId", int(digits(17)))
    return framed


async def push(
    sim: Sim, phone: Phone, fields: dict[str, Any], *, wait: bool = True
) -> tuple[PushRecord, Message | None]:
    """Push one message or event; returns when the reply, if any, is in the chat."""
    record = PushRecord(
        id=sim.world.next_id(),
        at=sim.clock.now(),
        phone=phone.id,
        fields=frame(sim, phone, fields),
    )
    sim.world.pushes.append(record)
    del sim.world.pushes[:-KEEP_RECORDS]
    task = sim.spawn(f"push {record.id}", _Push(sim, phone, record).run())
    if not wait:
        return record, None
    return record, await asyncio.shield(task)


def record_json(record: PushRecord) -> dict[str, Any]:
    """A push in the form of `/_sim`."""
    return {
        "id": record.id,
        "at": iso(record.at),
        "phone": record.phone,
        "fields": record.fields,
        "tries": record.tries,
        "outcome": record.outcome,
    }


def _text_of(raw: bytes, entry: dict[str, Any]) -> str:
    """The answer as text; a defect of it is noted in `entry`."""
    if entry["status"] != 200:
        entry["error"] = "not 200"
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        entry["error"] = "not UTF-8"
        return ""


class _NoAnswer(Exception):
    """There was no valid answer: WeChat tries again."""


class _Push:
    """One push with its fault, its tries and its reply."""

    def __init__(self, sim: Sim, phone: Phone, record: PushRecord) -> None:
        self.sim = sim
        self.phone = phone
        self.record = record
        event = str(record.fields.get("Event", "")).lower()
        self.incoming = event or record.fields["MsgType"]
        self.can_reply = self.incoming not in WITHOUT_REPLY
        self.action = faults.take(
            sim.world, "push", phone=phone.id, event=record.fields.get("Event", self.incoming)
        )
        self.mode = self.action.get("mode") or sim.world.mode or sim.settings.mode

    async def run(self) -> Message | None:
        if self.action.get("lose"):
            self.record.outcome = "lost"
            return None
        if self.action.get("reorder"):
            self.record.outcome = "held"
            self.sim.held.setdefault("push", []).append(self._tries())
            return None
        if delay_s := self.action.get("delay_s"):
            await asyncio.sleep(delay_s)
        copies = int(self.action.get("duplicate", 0))
        extra = [self.sim.spawn("push copy", self._copy()) for _ in range(copies)]
        reply = await self._tries()
        await asyncio.gather(*extra)
        for held in self.sim.held.pop("push", []):
            await held
        return reply

    async def _tries(self) -> Message | None:
        for number in range(TRIES):
            try:
                text = await self._send()
                if number == 0 and self.action.get("ignore_reply"):
                    continue
            except _NoAnswer:
                continue
            return self._take(text)
        self._unavailable(UNANSWERED)
        return None

    async def _copy(self) -> None:
        try:
            await self._send()
        except _NoAnswer:
            return

    async def _send(self) -> str:
        """One try. Raises _NoAnswer if the answer is missing, later than five seconds, or 5xx."""
        url, body = self._request()
        entry: dict[str, Any] = {"status": None, "ms": 0, "error": "", "mode": self.mode}
        self.record.tries.append(entry)
        started, limit_s = time.monotonic(), self.sim.settings.push_timeout_s
        assert self.sim.session is not None
        try:
            async with self.sim.session.post(
                url,
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=self.sim.exactly(limit_s),
                allow_redirects=False,
            ) as response:
                entry["status"] = response.status
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            entry["error"] = type(error).__name__
            raise _NoAnswer from error
        finally:
            took_s = time.monotonic() - started
            entry["ms"] = round(took_s * 1000)
        if took_s > limit_s:
            entry["error"] = "TimeoutError"
            raise _NoAnswer
        if entry["status"] >= 500:
            entry["error"] = "server error"
            raise _NoAnswer
        return _text_of(raw, entry)

    def _take(self, text: str) -> Message | None:
        entry = self.record.tries[-1]
        try:
            if entry["error"]:
                raise replies.BadReply(entry["error"])
            reply = replies.read(self.sim, self.phone, self.mode, text, self.incoming)
        except replies.BadReply as error:
            entry["error"] = str(error)
            self._unavailable(MISTAKEN)
            return None
        if reply is None or not self.can_reply:
            self.record.outcome = "empty"
            return None
        self.record.outcome = "reply"
        kind, body = reply
        return chat.deliver(self.sim, self.phone, "passive", kind, body)

    def _unavailable(self, notice: str) -> None:
        self.record.outcome = "unavailable"
        if self.can_reply:
            chat.deliver(
                self.sim, self.phone, "system", "system", {"content": notice}, sender="wechat"
            )

    def _request(self) -> tuple[Any, bytes]:
        settings = self.sim.settings
        stale_s = 600 if self.action.get("stale_timestamp") else 0
        timestamp, nonce = str(int(self.sim.clock.now()) - stale_s), digits(10)
        query = {
            "signature": sha1_of_sorted(settings.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.phone.openid,
        }
        fields = self.record.fields
        if self.mode != "plain":
            encrypted = self._envelope().encrypt(xmlcodec.render(fields))
            query["encrypt_type"] = "aes"
            query["msg_signature"] = sha1_of_sorted(settings.token, timestamp, nonce, encrypted)
            clear = {"ToUserName": fields["ToUserName"]} if self.mode == "safe" else fields
            fields = {**clear, "Encrypt": encrypted}
        if self.action.get("bad_signature"):
            for name in {"signature", "msg_signature"} & set(query):
                query[name] = random_id(40, "0123456789abcdef")
        base = settings.app_base_url.rstrip("/")
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{base}{settings.push_path}?{text}", xmlcodec.render(fields).encode()

    def _envelope(self) -> Envelope:
        settings = self.sim.settings
        key, appid = settings.encoding_aes_key, settings.appid
        if self.action.get("previous_key"):
            key = settings.previous_aes_key or key
        if self.action.get("wrong_appid"):
            appid = "wx0000000000000000"
        return Envelope(settings.token, key, appid)
