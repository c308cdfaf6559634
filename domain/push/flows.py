"""Flows that call WeChat: a campaign's chunks, single notices, and reading its templates."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from domain import settings
from domain.outbox import Postpone
from domain.push import planning, sending, templates
from domain.push.planning import NoticePlan
from domain.push.ports import (
    MassContent,
    MassMessage,
    Messenger,
    NoticeWords,
    SubscriptionMessage,
    TemplateMessage,
)
from domain.push.rules import DeliveryState
from domain.push.sending import Chunk, Item, Outcome
from domain.push.views import TemplateView
from kernel.errors import GatewayError, Refused, Retryable, Unknown
from kernel.faults import Fault, FaultKind
from kernel.refusals import find
from kernel.store import Store

log = logging.getLogger(__name__)

_WINDOW_CLOSED = frozenset({"45015", "45047", "48002"})
# Refusals of the account as a whole until the merchant has mended the cause: the message waits.
ACCOUNT_REFUSED = frozenset(
    {"40001", "40013", "40125", "40164", "45009", "50007", "89501", "89503", "89506", "89507"}
)
AT_ONCE = 50
REACHED = frozenset({"window", "template", "subscription", "unknown"})
"""Outcomes of a notice that was or may have been sent."""

QUIET = "quiet_hours"
"""Why a notice that need not arrive at once waits."""
Finish = Callable[..., Awaitable[Any]]


async def send_chunk(
    store: Store,
    messenger: Messenger,
    campaign_id: int,
    finish: Finish,
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """Send a campaign's next chunk and queue the following one; returns how many were sent.

    ``finish(verb, …)`` runs the last verb and ends the job in one transaction. The merchant's
    setting limits the messages per second.
    """
    chunk = await store.write(sending.claim_chunk, campaign_id)
    if not chunk.items:
        return 0
    if chunk.carrier == "mass":
        outcomes, msg_id = await _send_mass(messenger, chunk)
    else:
        outcomes, msg_id = await _send_each(messenger, chunk), None
    await store.write(sending.record_outcomes, campaign_id, outcomes, msg_id)
    was_put_back = any(o.state == "queued" for o in outcomes)
    if chunk.carrier != "mass":
        await pause(1.0)
    await finish(sending.queue_next_chunk, campaign_id, was_put_back=was_put_back)
    return len(chunk.items)


async def send_notice(
    store: Store,
    messenger: Messenger,
    words: NoticeWords,
    payload: dict[str, Any],
    client_id: str,
) -> str:
    """Send a notice to a member by the first way that is open.

    The ways are an open customer-service window, the template, a granted subscription notice.
    Returns ``window``, ``template``, ``subscription``, ``unknown`` (never repeated),
    ``unreachable``, ``no_way``, or ``refused:code`` if WeChat refuses this person only. Raises
    Postpone until the end of the quiet hours, Invalid for a row without a known notice. Raises
    Refused if the cause is not this person (a template, a right, an unlisted code); the notice
    becomes a dead letter, which can be sent once the cause is mended. Raises Refused with a code
    of ACCOUNT_SHUT if the whole account is refused; the caller lets it wait.
    """
    plan = await store.read(
        planning.plan_notice, int(payload["member_id"]), str(payload["purpose"]), payload["facts"]
    )
    if plan is None:
        return "unreachable"
    if plan.waits_until is not None:
        raise Postpone(plan.waits_until, Fault(QUIET, FaultKind.WAITS))
    ways = (
        lambda: _send_in_window(messenger, words, plan),
        lambda: _send_by_template(messenger, words, plan, client_id),
        lambda: _send_by_grant(store, messenger, words, plan),
    )
    if plan.is_promotion:
        return await _send_within_cap(store, plan, client_id, ways)
    return await _send_by_first_way(ways)


async def _send_within_cap(
    store: Store, plan: NoticePlan, key: str, ways: Sequence[Callable[[], Awaitable[str | None]]]
) -> str:
    """Send a promotion; if it may have left, it counts in the weekly cap."""
    purpose = plan.resolved.key
    if not await store.write(planning.count_promotion, plan.member_id, purpose, key):
        return "unreachable"
    try:
        outcome = await _send_by_first_way(ways)
    except GatewayError:
        await store.write(planning.uncount_promotion, key)
        raise
    if outcome not in REACHED:
        await store.write(planning.uncount_promotion, key)
    return outcome


async def _send_by_first_way(ways: Sequence[Callable[[], Awaitable[str | None]]]) -> str:
    """Try the ways in order and return the first result; a refused way leads to the next.

    If no way is left, the last refusal is raised. A refusal of the whole account is raised at
    once.
    """
    barred: Refused | None = None
    for way in ways:
        try:
            outcome = await way()
        except Refused as error:
            if error.code in ACCOUNT_REFUSED:
                raise
            barred = error
            continue
        if outcome is not None:
            return outcome
    if barred is not None:
        raise barred
    return "no_way"


def _outcome_for_person(error: Refused) -> str:
    """The outcome of a refusal that concerns this person only; any other refusal is raised."""
    if find("account", error.code).scope != "person":
        raise error
    return f"refused:{error.code}"


async def send_owner_notice(
    store: Store,
    messenger: Messenger,
    words: NoticeWords,
    payload: dict[str, Any],
    client_id: str,
) -> int:
    """Send a notice to all members set for alarms; returns how many were reached."""
    rules = await store.read(settings.get, settings.PushRules)
    reached = 0
    for member_id in rules.alert_member_ids:
        one = payload | {"member_id": member_id}
        try:
            outcome = await send_notice(store, messenger, words, one, f"{client_id}-{member_id}")
        except Refused as error:
            if error.code in ACCOUNT_REFUSED:
                raise
            log.warning("an owner's notice was refused: %s", error)
            continue
        reached += outcome in ("window", "template", "subscription")
    return reached


async def sync_templates(store: Store, messenger: Messenger) -> int:
    """Copy the account's templates from WeChat; returns how many there are."""
    found = await messenger.private_templates()
    return await store.write(templates.store_templates, found)


async def _send_in_window(
    messenger: Messenger, words: NoticeWords, plan: NoticePlan
) -> str | None:
    """Send in the customer-service window; None if it is closed."""
    if not plan.has_window:
        return None
    try:
        await messenger.send_text(plan.openid, words.text(plan.resolved))
    except Unknown:
        return "unknown"
    except Refused as error:
        return None if error.code in _WINDOW_CLOSED else _outcome_for_person(error)
    return "window"


async def _send_by_template(
    messenger: Messenger, words: NoticeWords, plan: NoticePlan, client_id: str
) -> str | None:
    """Send by the occasion's template; None if none was chosen.

    Raises Refused if other people would be refused, too; the code 'template_unfit' is our own.
    """
    if plan.template is None:
        return None
    message = TemplateMessage(
        openid=plan.openid,
        template_id=plan.template.template_id,
        values=_filled(words, plan, plan.template),
        url=words.url(plan.resolved),
        client_id=client_id,
    )
    try:
        await messenger.send_template(message)
    except Unknown:
        return "unknown"
    except Refused as error:
        return _outcome_for_person(error)
    return "template"


async def _send_by_grant(
    store: Store, messenger: Messenger, words: NoticeWords, plan: NoticePlan
) -> str | None:
    """Send a subscription notice if the member granted one; the grant is spent before the call."""
    if plan.granted is None:
        return None
    template_id = plan.granted.template_id
    values = _filled(words, plan, plan.granted)
    if not await store.write(templates.spend_grant, plan.member_id, template_id):
        return "no_way"
    url = words.url(plan.resolved)
    try:
        await messenger.send_subscription(
            SubscriptionMessage(plan.openid, template_id, values, url)
        )
    except Unknown:
        return "unknown"
    except (Refused, Retryable) as error:
        is_theirs = error.code == sending.NO_GRANT
        await store.write(templates.return_grant, plan.member_id, template_id, is_gone=is_theirs)
        if isinstance(error, Retryable):
            raise
        return _outcome_for_person(error)
    return "subscription"


def _filled(words: NoticeWords, plan: NoticePlan, by: TemplateView) -> Mapping[str, str]:
    values = words.values(plan.resolved, by.fields)
    lacking = [label for key, label in by.fields if key not in values]
    if lacking:
        raise Refused("template_unfit", "、".join(lacking))
    return values


async def _send_each(messenger: Messenger, chunk: Chunk) -> list[Outcome]:
    """Send the messages by a fixed number of tasks, since a task for each message costs more."""
    left, outcomes, send = iter(chunk.items), list[Outcome](), _sender(messenger, chunk)

    async def one_after_the_other() -> None:
        for item in left:
            outcomes.append(await _send_one(send, item))

    await asyncio.gather(*(one_after_the_other() for _ in chunk.items[:AT_ONCE]))
    return outcomes


async def _send_one(send: Callable[[Item], Awaitable[str]], item: Item) -> Outcome:
    try:
        msg_id = await send(item)
    except (Retryable, Refused) as error:
        return Outcome(item.delivery_id, _state_if_not_sent(error), error=error.code[:60])
    except Unknown as error:
        return Outcome(item.delivery_id, "unknown", error=error.code[:60])
    return Outcome(item.delivery_id, "sent", msg_id=msg_id or None)


def _state_if_not_sent(error: GatewayError) -> DeliveryState:
    """The state of a message that was not sent: it waits if only the account is refused."""
    return "queued" if waits(error) else "failed"


def _sender(messenger: Messenger, chunk: Chunk) -> Callable[[Item], Awaitable[str]]:
    """The function that sends one message of this chunk and returns WeChat's id of it, or ''."""
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
    """Send to all in one call. Unknown is raised: the job repeats the call with its client id."""
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
    except (Retryable, Refused) as error:
        code, state = error.code[:60], _state_if_not_sent(error)
        return [Outcome(i.delivery_id, state, error=code) for i in chunk.items], None
    return [Outcome(i.delivery_id, "sent", msg_id=sent.msg_id) for i in chunk.items], sent.msg_id


def waits(error: GatewayError) -> bool:
    """Whether nothing left and the cause is not this person, so that the same is sent later."""
    return isinstance(error, Retryable) or error.code in ACCOUNT_REFUSED
