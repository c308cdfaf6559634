"""Finds the member who sent a message, and records follows, unfollows and the 48 h window.

Messages are frequent, so two writes and reads are saved. The start of the 48 h window is renewed
at most every ten minutes; the window may therefore seem to end ten minutes early. A member who was
looked up within the last minute is remembered in this process.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.deps import BotDeps
from domain import members
from kernel import clock
from kernel.chat import Event, Message

HEARD_AGAIN = timedelta(minutes=10)
KNOWN_FOR = timedelta(seconds=60)
MOST_KNOWN = 20_000

# Taps on the menu: they don't open the 48 h window, but they prove that the person follows.
TAPS = frozenset({
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album",
    "pic_weixin", "location_select",
})  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """The member whom a push is about; 0 if the person unfollowed and was never recorded."""

    member_id: int
    is_new: bool = False


class Arrivals:
    """Finds the member of each push, and creates one at the first contact."""

    def __init__(self, deps: BotDeps) -> None:
        self._deps = deps
        self._appid = deps.config.wechat.appid
        self._known: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    async def of(self, message: Message) -> Arrival:
        """The member who wrote, and whether this is the first meeting."""
        if not isinstance(message, Event):
            return await self._heard(message.openid)
        if message.kind in {"subscribe", "scan"}:
            return await self._follow(message.openid, message.scene)
        if message.kind == "unsubscribe":
            return await self._left(message.openid)
        return await self._met(message.openid, message.kind in TAPS)

    async def _heard(self, openid: str) -> Arrival:
        now = clock.now()
        known = self._known.get(openid)
        if known is not None and timedelta(0) <= now - known[1] < KNOWN_FOR:
            return Arrival(known[0])
        store = self._deps.store
        found = await store.peek(members.identity_by_openid, self._appid, openid)
        if found is not None and found.is_following:
            heard_at = found.last_message_at
            if heard_at is not None and timedelta(0) <= now - heard_at < HEARD_AGAIN:
                self._remember(openid, found.member_id, now)
                return Arrival(found.member_id)
        member_id, is_new = await store.write(members.record_message, self._appid, openid)
        self._remember(openid, member_id, now)
        return Arrival(member_id, is_new)

    async def _follow(self, openid: str, scene: str | None) -> Arrival:
        self._known.pop(openid, None)
        made = await self._deps.store.write(members.follow, self._appid, openid, scene)
        return Arrival(*made)

    async def _left(self, openid: str) -> Arrival:
        self._known.pop(openid, None)
        member_id = await self._deps.store.write(members.unfollow, self._appid, openid)
        return Arrival(member_id or 0)

    async def _met(self, openid: str, is_tap: bool) -> Arrival:
        """Record a follow if a tap shows one that was missed; other events change nothing."""
        store = self._deps.store
        found = await store.read(members.identity_by_openid, self._appid, openid)
        if is_tap and (found is None or not found.is_following):
            return await self._follow(openid, None)
        if found is not None:
            return Arrival(found.member_id)
        return Arrival(*await store.write(members.ensure_member, self._appid, openid))

    def _remember(self, openid: str, member_id: int, looked_up_at: datetime) -> None:
        self._known[openid] = (member_id, looked_up_at)
        self._known.move_to_end(openid)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
