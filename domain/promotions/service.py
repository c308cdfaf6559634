"""Changes to promotions: draft, edit, start, stop, begin and end by time (优惠活动)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain import audit, catalog
from domain.promotions import rules
from domain.promotions.events import OfferBegan, OfferStopped
from domain.promotions.kind import Kind
from domain.promotions.kinds import KINDS
from domain.promotions.live import clear_cache
from domain.promotions.rules import OfferForm
from kernel import clock, context, events, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import after_commit, lock_row
from kernel.text import clean_line
from models import OfferRow

AT_ONCE = 100


def draft_offer(form: OfferForm) -> int:
    """Save a promotion as a draft, which changes no price (新建活动); returns its id.

    Raises Invalid with the field.
    """
    now, who = clock.now(), context.actor.get()
    values = _checked(form, now)
    offer_id = int(
        OfferRow.insert(
            **values, created_at=now, created_by=who, updated_at=now, updated_by=who
        ).execute()
    )
    audit.record("offer.draft", "offer", offer_id, after=_form_for_audit(form))
    return offer_id


def edit_offer(offer_id: int, form: OfferForm, version: int) -> None:
    """Change a promotion that has not begun. ``version`` prevents a lost update.

    Raises Invalid, NotFound, Conflict('offer_moved') for an old page, Conflict('offer_begun').
    """
    row, now = offer_or_raise(offer_id), clock.now()
    _check_open(row, now)
    if form.kind != row.kind:
        raise Invalid("choice_unknown", "kind")
    before = _form_for_audit(form_of(row))
    _change(row, version, **_checked(form, now))
    after = _form_for_audit(form)
    changed = {name for name in after if after[name] != before[name]}
    audit.record("offer.edit", "offer", offer_id,
                 before={name: before[name] for name in sorted(changed)},
                 after={name: after[name] for name in sorted(changed)})  # fmt: skip


def start_offer(offer_id: int, version: int) -> None:
    """Start a draft; it begins at its time, or at once if that has passed (上线).

    An old page is refused, so that what is started is what was shown. Raises
    Conflict('offer_moved', 'offer_state'), Invalid('offer_over_already').
    """
    row, now = offer_or_raise(offer_id), clock.now()
    state = rules.next_state(row.state, "start")
    values: dict[str, Any] = {"state": state}
    if row.starts_at < now:  # a past start would claim that the price held before it was offered
        values["starts_at"] = now
    rules.check_times(values.get("starts_at", row.starts_at), row.ends_at, now)
    _change(row, version, **values)
    audit.record("offer.start", "offer", offer_id, before={"state": row.state},
                 after={"state": state, "starts_at": values.get("starts_at", row.starts_at)
                        .isoformat()})  # fmt: skip


def stop_offer(offer_id: int, reason: str) -> None:
    """Stop a promotion; orders already placed keep their price (停止).

    No version is compared, since stopping is meant for any version. Raises
    Invalid('reason_missing'), Conflict('offer_state').
    """
    why = typed.words(reason, 80, "reason")
    if not why:
        raise Invalid("reason_missing", "reason")
    row, now = lock_row(OfferRow, offer_id) or offer_or_raise(offer_id), clock.now()
    _check_not_over(row, now)
    state = rules.next_state(row.state, "stop")
    _change(row, row.version, state=state, stopped_at=now, stop_reason=why)
    audit.record("offer.stop", "offer", offer_id, before={"state": row.state},
                 after={"state": state, "reason": why})  # fmt: skip
    events.publish(OfferStopped(offer_id))


def drop_offer(offer_id: int, version: int) -> None:
    """Drop a draft; it leaves the list (作废). Raises Conflict('offer_moved', 'offer_state')."""
    row = offer_or_raise(offer_id)
    state = rules.next_state(row.state, "drop")
    _change(row, version, state=state)
    audit.record("offer.drop", "offer", offer_id, before={"state": row.state},
                 after={"state": state})  # fmt: skip


def begin_due(limit: int = AT_ONCE) -> int:
    """Publish ``OfferBegan`` once for each promotion whose time has come; returns how many."""
    now = clock.now()
    due = (OfferRow.state == "on") & OfferRow.begun_at.is_null() & (OfferRow.starts_at <= now)
    begun = 0
    for row in list(OfferRow.select().where(due & (OfferRow.ends_at > now)).limit(limit)):
        mine = (OfferRow.id == row.id) & due
        if OfferRow.update(begun_at=now).where(mine).execute() == 1:
            begun += 1
            events.publish(OfferBegan(row.id))
    return begun


def end_due(limit: int = AT_ONCE) -> int:
    """Mark promotions whose time is over as ended; prices depend on the instant, not on this."""
    now = clock.now()
    over = (OfferRow.state == "on") & (OfferRow.ends_at <= now)
    ended = 0
    for row in list(OfferRow.select().where(over).limit(limit)):
        values = {"state": rules.next_state("on", "end"), "version": OfferRow.version + 1}
        ended += OfferRow.update(**values).where((OfferRow.id == row.id) & over).execute()
    return ended


def offer_or_raise(offer_id: int) -> OfferRow:
    """A promotion's row. Raises NotFound('offer_missing')."""
    row = OfferRow.get_or_none(OfferRow.id == offer_id)
    if row is None:
        raise NotFound("offer_missing")
    return row


def kind_of(name: str) -> Kind:
    """A kind of promotion. Raises Invalid('offer_kind_unknown')."""
    if name not in KINDS:
        raise Invalid("offer_kind_unknown", "kind")
    return KINDS[name]


def form_of(row: OfferRow) -> OfferForm:
    """A promotion's row as a form."""
    return OfferForm(
        row.kind, row.title, row.label, row.starts_at, row.ends_at, row.scope,
        tuple(row.targets), row.rules, row.tells_carts,
    )  # fmt: skip


def _change(row: OfferRow, version: int, **values: Any) -> None:
    """Change a row if its version and state are unchanged. Raises Conflict('offer_moved')."""
    same = (OfferRow.id == row.id) & (OfferRow.version == version) & (OfferRow.state == row.state)
    values |= {"version": OfferRow.version + 1, "updated_at": clock.now(),
               "updated_by": context.actor.get()}  # fmt: skip
    if OfferRow.update(**values).where(same).execute() != 1:
        raise Conflict("offer_moved")
    after_commit(clear_cache)


def _check_open(row: OfferRow, now: datetime) -> None:
    """Refuse to change a promotion that has begun, since shoppers rely on its price and end."""
    found = rules.phase(row.state, row.starts_at, row.ends_at, now)
    if found not in ("draft", "planned"):
        raise Conflict("offer_begun")


def _check_not_over(row: OfferRow, now: datetime) -> None:
    if row.state == "on" and row.ends_at <= now:
        raise Conflict("offer_state", state="ended", event="stop")


def _checked(form: OfferForm, now: datetime) -> dict[str, Any]:
    """A form as values of the row. Raises Invalid with the field."""
    kind = kind_of(form.kind)
    rules.checked_form(form, kind.scopes, now)
    _check_targets(form)
    try:
        kept = kind.rules.model_validate(form.rules)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "rules"
        raise Invalid("offer_rules_bad", field, why=first["msg"]) from error
    return {
        "kind": kind.name, "title": clean_line(form.title), "label": clean_line(form.label),
        "starts_at": form.starts_at, "ends_at": form.ends_at, "scope": form.scope,
        "targets": sorted(set(form.targets)), "rules": kept.model_dump(mode="json"),
        "tells_carts": form.tells_carts,
    }  # fmt: skip


def _check_targets(form: OfferForm) -> None:
    """Check that the goods exist. Raises Invalid('offer_target_missing', target=…)."""
    known = catalog.known_ids(form.scope, form.targets)
    for target in form.targets:
        if target not in known:
            raise Invalid("offer_target_missing", "targets", target=target)


def _form_for_audit(form: OfferForm) -> dict[str, Any]:
    """A form for the audit log, instants as text."""
    values = asdict(form) | {"targets": list(form.targets), "rules": dict(form.rules)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }
