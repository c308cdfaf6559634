"""The messages on a phone, and the windows in which the account may write to it."""

from __future__ import annotations

from typing import Any

from simulator.clock import iso
from simulator.errors import WxError
from simulator.sim import Sim
from simulator.world import Message, Phone, Window

HOUR_S = 3600
WINDOWS: dict[str, tuple[int, int | None]] = {
    "message": (48 * HOUR_S, 5),
    "menu": (60, 3),
    "subscribe": (60, 3),
    "scan": (60, 3),
    "payment": (48 * HOUR_S, None),
}
KEEP_MESSAGES = 500


def message_json(message: Message) -> dict[str, Any]:
    """A message in the form of `/_sim`."""
    return {
        "id": message.id,
        "at": iso(message.at),
        "sender": message.sender,
        "via": message.via,
        "kind": message.kind,
        "body": message.body,
    }


def deliver(
    sim: Sim,
    phone: Phone,
    via: str,
    kind: str,
    body: dict[str, Any],
    *,
    sender: str = "account",
    box: str = "chat",
) -> Message:
    """Add a message to one of the phone's boxes and notify its watchers."""
    message = Message(sim.world.next_id(), sim.clock.now(), sender, via, kind, body)
    messages: list[Message] = getattr(phone, box)
    messages.append(message)
    del messages[:-KEEP_MESSAGES]
    sim.hub.publish(phone.id, "message", box=box, message=message_json(message))
    return message


def open_window(sim: Sim, phone: Phone, kind: str) -> None:
    """Open or renew the customer-service window (客服窗口) of this kind, after a person's act."""
    lasts_s, quota = WINDOWS[kind]
    now = sim.clock.now()
    phone.interacted_at = now
    phone.windows = [w for w in phone.windows if w.kind != kind and w.closes_at > now]
    phone.windows.append(Window(kind, now + lasts_s, quota))


def spend_window(sim: Sim, phone: Phone) -> None:
    """Use one customer-service message: 45015 outside every window, 45047 if none is left."""
    now = sim.clock.now()
    is_open = [w for w in phone.windows if w.closes_at > now]
    if not phone.is_following or phone.is_blacklisted or not is_open:
        raise WxError(45015)
    usable = sorted(
        (w for w in is_open if w.left is None or w.left > 0), key=lambda w: w.closes_at
    )
    if not usable:
        raise WxError(45047)
    if any(w.left is None for w in usable):
        return
    window = usable[0]
    assert window.left is not None
    window.left -= 1
