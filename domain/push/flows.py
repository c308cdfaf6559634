"""What push sends: campaigns by the chunk, notices one by one, and templates taken over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from domain import settings
from domain.push import notices, sending, templates
from domain.push.notices import NoticePlan
from domain.push.ports import (
    MassContent,
    MassMessage,
    Messenger,
    NoticeWords,
    SubscriptionMessage,
    TemplateMessage,
)
from domain.push.sending import Chunk, Item, Outcome
from kernel.errors import Refused, Retryable, Unknown
from kernel.store import Store

log = logging.getLogger(__name__)

_WINDOW_SHUT = frozenset({"45015", "45047", "48002"})
AT_ONCE = 50
Finish = Callable[..., Awaitable[Any]]


async def send_chunk(
    store: Store,
    messenger: Messenger,
    campaign_id: int,
    finish: Finish,
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """Send the next chunk of a campaign and let the following one come; answers how many.

    ``finish(verb, …)`` runs the last verb together with the end of the job. At most the
    merchant's number of messages leaves per second.
    """
    chunk = await store.write(sending.claim, campaign_id)
    if not chunk.items:
        return 0
    if chunk.carrier == "mass":
        outcomes, msg_id = await _send_mass(messenger, chunk)
    else:
        outcomes, msg_id = await _send_each(messenger, chunk), None
    await store.write(sending.record, campaign_id, outcomes, msg_id)
    was_put_back = any(o.state == "queued" for o in outcomes)
    if chunk.carrier != "mass":
        await pause(1.0)
    await finish(sending.go_on, campaign_id, was_put_back=was_put_back)
    return len(chunk.items)


async def send_notice(
    store: Store,
    messenger: Messenger,
    words: NoticeWords,
    payload: dict[str, Any],
    client_id: str,
) -> str:
    """Tell a member: in the open window, else by template; answers how it ended.

    ``window``, ``template``, ``unknown`` (never repeated), ``unreachable``, ``no_way``,
    ``no_words``, or ``refused:code``.
    """
    purpose = str(payload["purpose"])
    plan = await store.read(
        notices.plan_notice, int(payload["member_id"]), purpose, payload["facts"]
    )
    if plan is None:
        return "unreachable"
    text = words.text(purpose, plan.facts)
    if text is None:
        return "no_words"
    if plan.has_window:
        outcome = await _in_window(messenger, plan.openid, text)
        if outcome is not None:
            return outcome
    if plan.template_id is None:
        return "no_way"
    return await _by_template(messenger, words, purpose, plan, client_id)


async def send_owner_notice(
    store: Store,
    messenger: Messenger,
    words: NoticeWords,
    payload: dict[str, Any],
    client_id: str,
) -> int:
    """Tell everybody whom the merchant named for alarms; answers how many were reached."""
    rules = await store.read(settings.get, settings.PushRules)
    reached = 0
    for member_id in rules.alert_member_ids:
        one = payload | {"member_id": member_id}
        outcome = await send_notice(store, messenger, words, one, f"{client_id}-{member_id}")
        reached += outcome in ("window", "template")
    return reached


async def sync_templates(store: Store, messenger: Messenger) -> int:
    """Take over the account's templates as its console shows them; answers how many."""
    found = await messenger.private_templates()
    return await store.write(templates.take_over, found)


async def _in_window(messenger: Messenger, openid: str, text: str) -> str | None:
    """Send in the chat window; None if it was shut after all."""
    try:
        await messenger.send_text(openid, text)
    except Unknown:
        return "unknown"
    except Refused as error:
        if error.code in _WINDOW_SHUT:
            return None
        return f"refused:{error.code}"
    return "window"


async def _by_template(
    messenger: Messenger, words: NoticeWords, purpose: str, plan: NoticePlan, client_id: str
) -> str:
    assert plan.template_id is not None
    message = TemplateMessage(
        openid=plan.openid,
        template_id=plan.template_id,
        values=words.values(purpose, plan.facts, plan.fields),
        url=words.url(purpose, plan.facts),
        client_id=client_id,
    )
    try:
        await messenger.send_template(message)
    except Unknown:
        return "unknown"
    except Refused as error:
        log.info("a notice was refused: %s", error)
        return f"refused:{error.code}"
    return "template"


async def _send_each(messenger: Messenger, chunk: Chunk) -> list[Outcome]:
    """Some at once, each followed by the next that is left: a task a message would cost more."""
    left, outcomes, send = iter(chunk.items), list[Outcome](), _sender(messenger, chunk)

    async def one_after_the_other() -> None:
        for item in left:
            outcomes.append(await _send_one(send, item))

    await asyncio.gather(*(one_after_the_other() for _ in chunk.items[:AT_ONCE]))
    return outcomes


async def _send_one(send: Callable[[Item], Awaitable[str]], item: Item) -> Outcome:
    try:
        msg_id = await send(item)
    except Retryable as error:
        return Outcome(item.delivery_id, "queued", error=error.code[:60])
    except Refused as error:
        return Outcome(item.delivery_id, "failed", error=error.code[:60])
    except Unknown as error:
        return Outcome(item.delivery_id, "unknown", error=error.code[:60])
    return Outcome(item.delivery_id, "sent", msg_id=msg_id or None)


def _sender(messenger: Messenger, chunk: Chunk) -> Callable[[Item], Awaitable[str]]:
    """What sends one message of this chunk and answers its number, where WeChat gives one."""
    content = chunk.content or {}
    url = str(content.get("url") or "")
    values = {str(k): str(v) for k, v in (content.get("values") or {}).items()}

    def by_template(item: Item) -> Awaitable[str]:
        return messenger.send_template(
            TemplateMessage(item.openid, content["template_id"], values, url, item.client_id)
        )

    def by_subscription(item: Item) -> Awaitable[str]:
        return messenger.send_subscription(
            SubscriptionMessage(item.openid, content["template_id"], values, url)
        )

    async def in_the_window(item: Item) -> str:
        await messenger.send_text(item.openid, str(content["text"]))
        return ""

    ways = {"template": by_template, "subscription": by_subscription}
    return ways.get(chunk.carrier, in_the_window)


async def _send_mass(messenger: Messenger, chunk: Chunk) -> tuple[list[Outcome], str | None]:
    """One call for all. Unknown goes up: the job runs again under the same client id."""
    content = chunk.content or {}
    message = MassMessage(
        content=MassContent(
            kind=content.get("kind", "text"),
            text=str(content.get("text") or ""),
            media_ids=tuple(content.get("media_ids") or ()),
        ),
        client_id=chunk.items[0].client_id,
        openids=tuple(item.openid for item in chunk.items),
    )
    try:
        sent = await messenger.send_mass(message)
    except Retryable as error:
        code = error.code[:60]
        return [Outcome(i.delivery_id, "queued", error=code) for i in chunk.items], None
    except Refused as error:
        code = error.code[:60]
        return [Outcome(i.delivery_id, "failed", error=code) for i in chunk.items], None
    return [Outcome(i.delivery_id, "sent", msg_id=sent.msg_id) for i in chunk.items], sent.msg_id
