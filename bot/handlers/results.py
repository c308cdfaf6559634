"""WeChat's reports on messages that we sent (回执), and accepted notices (订阅通知)."""

from __future__ import annotations

from bot.call import Call
from bot.router import Router, event
from domain import push
from kernel.chat import Event

router = Router("results")


@router.on(
    event(
        "templatesendjobfinish",
        "masssendjobfinish",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
    )
)
async def result(call: Call) -> None:
    """Record the report; WeChat expects no reply."""
    assert isinstance(call.message, Event)
    await call.write(push.receive_event, call.message, call.member_id)
