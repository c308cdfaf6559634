"""A campaign's messages while it runs: who is next, and the results (发送与回执).

A message with an unknown result stays ``unknown`` and is never sent again. A mass send is repeated
with its client id, which WeChat sends only once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from domain import outbox, settings
from domain.notices import notify_owner
from domain.push import offering, templates
from domain.push.audience import people_after, people_of
from domain.push.campaigns import campaign_or_raise, limits_now, order_key_of_campaign, quiet_now
from domain.push.counting import count_row, counts_of, insert_counts, record_move
from domain.push.notices import CampaignStopped
from domain.push.rules import (
    MASS_LEAST,
    MASS_MOST,
    CampaignState,
    DeliveryState,
    Limits,
    NotSent,
    Person,
    is_blocked_too_often,
    why_person_excluded,
)
from domain.push.statements import keep_results, mark_sending, queued
from kernel import clock
from kernel.store import insert_rows, lock_rows
from models import Delivery, PushCampaign

T = TypeVar("T")

EXPAND = 500
ROWS_AT_ONCE = 64
RETRY_AFTER = timedelta(minutes=1)
SETTLED = ("delivered", "blocked", "failed")
# Codes by which WeChat refuses the account, so that sending to others would fail, too.
FATAL = frozenset({"40037", "45028", "48001", "50002", "50007"})
NO_GRANT = "43101"


@dataclass(frozen=True)
class Item:
    """One message to one person."""

    delivery_id: int
    member_id: int
    openid: str
    client_id: str


@dataclass(frozen=True)
class Chunk:
    """The messages to send now; empty if there is nothing to do, or not yet."""

    carrier: str = ""
    content: dict[str, Any] | None = None
    items: tuple[Item, ...] = ()


_TEMPLATE_RESULTS: dict[str, tuple[DeliveryState, NotSent | Literal[""]]] = {
    "success": ("delivered", ""), "failed:user block": ("blocked", "user_block"),
    "failed: system failed": ("failed", "system_failed"),
}  # fmt: skip
"""WeChat's words about a template message, with the state and the code that they mean."""


@dataclass(frozen=True)
class Outcome:
    """The result of one message: sent, failed, unknown, or queued again."""

    delivery_id: int
    state: DeliveryState
    msg_id: str | None = None
    error: str | None = None


def insert_next_deliveries(campaign_id: int, after: int) -> None:
    """Insert the rows of the audience's next people; excluded people get the reason."""
    row = campaign_or_raise(campaign_id)
    if row.state not in ("sending", "paused"):
        return
    template_id = str(row.content.get("template_id") or "")
    is_promotion = bool(row.is_promotion)
    people = people_after(
        row.audience, after, EXPAND, template_id=template_id, is_promotion=is_promotion
    )
    if not people:
        outbox.enqueue(
            "push.send", {"campaign_id": campaign_id}, order_key=order_key_of_campaign(campaign_id)
        )
        return
    limits, now = limits_now(), clock.now()
    rows = [_delivery(row, person, limits, now) for person in people]
    insert_rows(Delivery, rows)
    new = sum(r["state"] == "queued" for r in rows)
    insert_counts(
        (count_row(campaign_id, "queued", new), count_row(campaign_id, "skipped", len(rows) - new))
    )
    PushCampaign.update(
        audience_size=PushCampaign.audience_size + len(rows),
        queued=PushCampaign.queued + new,
    ).where(PushCampaign.id == campaign_id).execute()
    outbox.enqueue(
        "push.expand", {"campaign_id": campaign_id, "after": people[-1].member_id},
        order_key=order_key_of_campaign(campaign_id),
    )  # fmt: skip


def claim_chunk(campaign_id: int) -> Chunk:
    """Claim a campaign's next people; whether they may be written to is checked again.

    Promotions wait for the end of the quiet hours. Without people left the campaign is done.
    """
    row = _locked(campaign_id)
    if row is None or row.state != "sending":
        return Chunk()
    if offering.is_over(row.source):
        _finish(campaign_id, "stopped", offering.OVER)
        return Chunk()
    until = quiet_now() if row.is_promotion else None
    if until is not None:
        _queue_chunk(campaign_id, until - clock.now())
        return Chunk()
    again = _items_of_broken_run(row)
    if again:
        return Chunk(row.carrier, row.content, again)
    while True:
        size = MASS_MOST if row.carrier == "mass" else settings.get(settings.PushRules).per_second
        found = queued.all(campaign_id, size)
        if not found:
            _finish(campaign_id, "done", None)
            return Chunk()
        items = _claim_deliveries(row, found)
        if items:
            return Chunk(row.carrier, row.content, items)


def _locked(campaign_id: int) -> PushCampaign | None:
    """The campaign's row; a promotion locks all running promotions, which share the weekly cap.

    A promotion that starts meanwhile is not locked, but will lock this one.
    """
    others = PushCampaign.select(PushCampaign.id).where(
        (PushCampaign.state == "sending") & (PushCampaign.is_promotion == True)  # noqa: E712
    )
    ids = {int(each.id) for each in others}
    held = lock_rows(PushCampaign, ids if campaign_id in ids else {campaign_id})
    return next((row for row in held if row.id == campaign_id), None)


def record_outcomes(
    campaign_id: int, outcomes: Sequence[Outcome], mass_msg_id: str | None = None
) -> None:
    """Record the results; a refusal of the account itself stops the campaign."""
    _store_outcomes(campaign_id, outcomes)
    row = campaign_or_raise(campaign_id)
    if mass_msg_id is not None:
        PushCampaign.update(mass_msg_id=mass_msg_id).where(
            PushCampaign.id == campaign_id
        ).execute()
    if row.carrier == "subscription":
        _settle_grants(row, outcomes)
    fatal = next((o.error for o in outcomes if o.error in FATAL), None)
    if fatal is not None:
        _finish(campaign_id, "stopped", fatal)
        notify_owner(CampaignStopped(campaign_id=campaign_id, why=fatal))


def _store_outcomes(campaign_id: int, outcomes: Sequence[Outcome]) -> None:
    """Store equal results by one statement, since one for each message costs more than sending.

    Messages that another run marked as unknown meanwhile are looked for in that state, too.
    """
    alike: dict[tuple[str, str | None], list[Outcome]] = {}
    for one in outcomes:
        alike.setdefault((one.state, one.error), []).append(one)
    changes: dict[str, int] = defaultdict(int)
    for (state, error), ended in alike.items():
        for some in _in_parts(ended):
            ids, msg_ids = [one.delivery_id for one in some], [one.msg_id for one in some]
            left = len(ids)
            for before in ("sending", "unknown"):
                if left:
                    count = keep_results.run(ids, msg_ids, state, error, before)
                    changes[before] -= count
                    changes[state] += count
                    left -= count
    insert_counts(count_row(campaign_id, state, count) for state, count in sorted(changes.items()))


def queue_next_chunk(campaign_id: int, *, was_put_back: bool) -> None:
    """Queue the next chunk, after a minute if messages were put back."""
    if campaign_or_raise(campaign_id).state == "sending":
        _queue_chunk(campaign_id, RETRY_AFTER if was_put_back else None)


def receive_template_result(msg_id: str, status: str) -> bool:
    """Book WeChat's result of a template message; too many blocks stop the campaign (自动停止)."""
    state, code = _TEMPLATE_RESULTS.get(status.strip(), ("failed", "refused"))
    return _receive(msg_id, state, code, status)


def receive_subscription_sent(msg_id: str, error_code: str, error: str) -> bool:
    """Book WeChat's result of a subscription notice."""
    state: DeliveryState = "delivered" if error_code in ("0", "") else "failed"
    return _receive(msg_id, state, error_code, error)


def receive_mass_result(msg_id: str, status: str) -> bool:
    """Book WeChat's result of a mass send; it counts for all people, since it names none."""
    is_good = status.strip().lower() == "send success"
    values = (
        {"state": "delivered"}
        if is_good
        else {"state": "failed", "error": "refused", "said": status[:60]}
    )
    sent = (Delivery.msg_id == msg_id) & (Delivery.state == "sent")
    found = 0
    for row in Delivery.select(Delivery.campaign).where(sent).distinct():
        mine = sent & (Delivery.campaign == row.campaign_id)
        count = Delivery.update(**values).where(mine).execute()
        record_move(row.campaign_id, "sent", str(values["state"]), count)
        found += count
    return found > 0


def _receive(msg_id: str, state: DeliveryState, code: str, said: str) -> bool:
    row = Delivery.get_or_none(Delivery.msg_id == msg_id) if msg_id else None
    if row is None:
        return False
    is_good = state == "delivered"
    _record_result(row, state, *((None, None) if is_good else (code[:60], said[:60] or None)))
    if state == "blocked":
        _stop_if_blocked(row.campaign_id)
    return True


def _record_result(
    row: Delivery, state: DeliveryState, error: str | None, said: str | None
) -> None:
    """Record the result of a message that was sent or may have been sent; others stay.

    The state is read before and may have become ``sent`` meanwhile; sent never becomes unknown.
    """
    for before in ("unknown", "sent") if row.state == "unknown" else ("sent",):
        this = (Delivery.id == row.id) & (Delivery.state == before)
        if Delivery.update(state=state, error=error, said=said).where(this).execute():
            record_move(row.campaign_id, before, state, 1)
            return


def _stop_if_blocked(campaign_id: int) -> None:
    counts = counts_of([campaign_id]).get(campaign_id, {})
    blocked, settled = counts.get("blocked", 0), sum(counts.get(s, 0) for s in SETTLED)
    limit = settings.get(settings.PushRules).block_stop_bp
    if not is_blocked_too_often(settled, blocked, limit):
        return
    if _finish(campaign_id, "stopped", "block_share"):
        notify_owner(
            CampaignStopped(
                campaign_id=campaign_id, why="block_share", blocked=blocked, settled=settled
            )
        )


def _finish(campaign_id: int, state: CampaignState, cause: str | None) -> bool:
    going = (PushCampaign.id == campaign_id) & PushCampaign.state.in_(("sending", "paused"))
    return bool(
        PushCampaign.update(state=state, stop_cause=cause, finished_at=clock.now())
        .where(going).execute()
    )  # fmt: skip


def _queue_chunk(campaign_id: int, delay: timedelta | None) -> None:
    outbox.enqueue(
        "push.send",
        {"campaign_id": campaign_id},
        order_key=order_key_of_campaign(campaign_id),
        delay=delay,
    )


def _delivery(row: PushCampaign, person: Person, limits: Limits, now: datetime) -> dict[str, Any]:
    reason = why_person_excluded(
        row.carrier, person, limits, is_promotion=row.is_promotion, now=now
    )
    return {
        "campaign": row.id, "member": person.member_id, "openid": person.openid,
        "state": "queued" if reason is None else "skipped", "error": reason, "at": now,
    }  # fmt: skip


def _items_of_broken_run(row: PushCampaign) -> tuple[Item, ...]:
    """Messages left in ``sending`` by a run that broke off; chunks of a campaign never overlap.

    Their result is unknown. Only a mass send is repeated, with the same client id.
    """
    same = (Delivery.campaign == row.id) & (Delivery.state == "sending")
    if row.carrier == "mass":
        left = list(Delivery.select().where(same).order_by(Delivery.id))
        first = left[0].client_msg_id if left else None
        return tuple(_item(d, str(first)) for d in left if d.client_msg_id == first)
    count = Delivery.update(state="unknown", error="interrupted").where(same).execute()
    record_move(row.id, "sending", "unknown", count)
    return ()


def _claim_deliveries(row: PushCampaign, found: list[Any]) -> tuple[Item, ...]:
    """Claim queued messages; people who may not be written to now are skipped with the reason."""
    now, limits = clock.now(), limits_now()
    template_id = str(row.content.get("template_id") or "")
    people = people_of(
        [d.member_id for d in found], template_id, is_promotion=bool(row.is_promotion)
    )
    skipped: dict[int, NotSent] = {}
    for one in found:
        person = people.get(one.member_id)
        reason: NotSent | None = "closed"
        if person is not None:
            reason = why_person_excluded(
                row.carrier, person, limits, is_promotion=row.is_promotion, now=now
            )
        is_subscription = reason is None and row.carrier == "subscription"
        if is_subscription and not templates.spend_grant(one.member_id, template_id):
            reason = "no_grant"
        if reason is not None:
            skipped[one.id] = reason
    taken = [d for d in found if d.id not in skipped]
    if row.carrier == "mass" and len(taken) < MASS_LEAST:
        skipped |= {d.id: "mass_needs_two" for d in taken}
        taken = []
    for delivery_id, reason in skipped.items():
        Delivery.update(state="skipped", error=reason, at=now).where(
            Delivery.id == delivery_id
        ).execute()
    changes = {"queued": -len(found), "skipped": len(skipped), "sending": len(taken)}
    insert_counts(count_row(row.id, state, count) for state, count in changes.items())
    return _mark_sending(row, taken, now)


def _mark_sending(row: PushCampaign, taken: list[Any], now: datetime) -> tuple[Item, ...]:
    """Mark messages as sending; a mass send shares one client id, so that it can be repeated."""
    together = f"m{taken[0].id}" if taken and row.carrier == "mass" else None
    for some in _in_parts(taken):
        mark_sending.run([one.id for one in some], together, now)
    return tuple(_item(one, together or f"d{one.id}") for one in taken)


def _in_parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of as many rows as one statement should change."""
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _item(one: Any, client_id: str) -> Item:
    return Item(int(one.id), int(one.member_id), str(one.openid), client_id)


def _settle_grants(row: PushCampaign, outcomes: Sequence[Outcome]) -> None:
    """Return a subscription grant only for a message that was certainly not sent."""
    template_id = str(row.content["template_id"])
    for one in outcomes:
        if one.state in ("failed", "queued"):
            member_id = int(Delivery.get_by_id(one.delivery_id).member_id)
            templates.return_grant(member_id, template_id, is_gone=one.error == NO_GRANT)
