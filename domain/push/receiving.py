"""WeChat's events about messages, passed on by the chat face (回执事件)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import outbox
from domain.push import sending, templates
from kernel.chat import Event

# A receipt may arrive before the sender has stored its message's number.
LOOKED_FOR_AGAIN_AFTER = timedelta(seconds=30)
KINDS = frozenset(
    {"templatesendjobfinish", "masssendjobfinish", "subscribe_msg_popup_event",
     "subscribe_msg_change_event", "subscribe_msg_sent_event"}
)  # fmt: skip


def receive_event(event: Event, member_id: int) -> bool:
    """Book a receipt or a subscription choice; False for another kind of event."""
    if event.kind not in KINDS:
        return False
    if event.kind.startswith("subscribe_msg"):
        for entry in event.subscriptions:
            _subscription(event.kind, dict(entry), member_id)
        return True
    receive_receipt(event.kind, event.message_id, event.status, is_retry=False)
    return True


def receive_receipt(kind: str, msg_id: str, status: str, *, is_retry: bool) -> None:
    """Book a message's result; an unknown message is looked for once more after 30 seconds."""
    if kind == "masssendjobfinish":
        is_found = sending.receive_mass_result(msg_id, status)
    else:
        is_found = sending.receive_template_result(msg_id, status)
    if not is_found and not is_retry and msg_id:
        outbox.enqueue(
            "push.receipt",
            {"kind": kind, "msg_id": msg_id, "status": status},
            delay=LOOKED_FOR_AGAIN_AFTER,
        )


def _subscription(kind: str, entry: dict[str, Any], member_id: int) -> None:
    template_id = str(entry.get("TemplateId") or "")
    if kind == "subscribe_msg_sent_event":
        sending.receive_subscription_sent(
            str(entry.get("MsgID") or ""), str(entry.get("ErrorCode") or "0"),
            str(entry.get("ErrorStatus") or ""),
        )  # fmt: skip
    elif str(entry.get("SubscribeStatusString")) == "accept":
        templates.add_grant(member_id, template_id)
    elif kind == "subscribe_msg_change_event":
        templates.delete_grants(member_id, template_id)
