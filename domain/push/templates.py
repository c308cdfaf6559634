"""The account's templates, and members' subscription grants (模板与订阅)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import get_args

from domain import audit, notices
from domain.lint import Finding, marketing_words
from domain.notices import Kind, Notice, Occasion
from domain.push.keywords import unfillable
from domain.push.ports import Template
from domain.push.views import TemplateView
from kernel import clock, typed
from kernel.errors import Invalid, NotFound
from kernel.store import insert_once
from models import PushTemplate, SubscriptionGrant

KINDS = ("template", "subscription")
PURPOSES = (*get_args(Occasion), "promotion")
"""The purposes of a template: an occasion of notices, or promotion."""

_FIELD = re.compile(r"([^\n{}]*?)[:：]?\s*\{\{\s*([A-Za-z0-9_]+)\.DATA\s*\}\}")


def save_template(
    template_id: str,
    kind: str,
    title: str,
    fields: Sequence[tuple[str, str]],
    actor: str,
    purpose: str | None = None,
    is_active: bool = True,
) -> tuple[Finding, ...]:
    """Save a template of the account and its purpose; returns marketing words to be warned of.

    Raises Invalid, among them ('template_unfit').
    """
    if kind not in KINDS:
        raise Invalid("template_kind_unknown", "kind")
    if purpose is not None and purpose not in PURPOSES:
        raise Invalid("template_purpose_unknown", "purpose")
    _check_fields(title, fields, purpose)
    values = {
        "kind": kind, "title": typed.words(title, 60, "title"),
        "fields": [list(pair) for pair in fields],
        "purpose": purpose, "is_active": is_active, "updated_at": clock.now(),
    }  # fmt: skip
    if not insert_once(PushTemplate, template_id=template_id, **values):
        PushTemplate.update(**values).where(PushTemplate.template_id == template_id).execute()
    audit.record("template.save", "template", template_id, after={"purpose": purpose},
                 actor=actor)  # fmt: skip
    text = title + "".join(label for _, label in fields)
    found = marketing_words(text) if kind == "template" and purpose != "promotion" else []
    return tuple(found)


def set_purpose(template_id: str, purpose: str | None, actor: str) -> None:
    """Set the occasion that a template serves; for each occasion the latest one is used.

    Raises NotFound, and Invalid('template_unfit') with the fields for which the occasion's notices
    have no value, since WeChat would refuse each of them.
    """
    if purpose is not None and purpose not in PURPOSES:
        raise Invalid("template_purpose_unknown", "purpose")
    row = PushTemplate.get_or_none(PushTemplate.template_id == template_id)
    if row is not None:
        _check_fields(row.title, row.fields, purpose)
    changed = PushTemplate.update(purpose=purpose, updated_at=clock.now()).where(
        PushTemplate.template_id == template_id
    )
    if changed.execute() != 1:
        raise NotFound("template_missing")
    audit.record("template.purpose", "template", template_id, after=purpose, actor=actor)


def _check_fields(title: str, fields: Iterable[Sequence[str]], purpose: str | None) -> None:
    """Check that an occasion's notices have a value for each field. Raises Invalid."""
    if purpose not in get_args(Occasion):
        return  # promotions are filled in by a person
    pairs = [(str(key), str(label)) for key, label in fields]
    lacking = unfillable(pairs, has_amount=has_amount(str(purpose)))
    if lacking:
        raise Invalid("template_unfit", "purpose", title=title, fields="、".join(lacking))


def has_amount(occasion: str) -> bool:
    """True if every notice of an occasion has a sum in fen."""
    carried = [n for n in notices.declared_notices().values() if occasion == n.OCCASION]
    return bool(carried) and all(_has_sum(notice) for notice in carried)


def title_of(template_id: str) -> str:
    """A template's title, or its id if the account has no such template."""
    row = PushTemplate.get_or_none(PushTemplate.template_id == template_id)
    return str(row.title) if row is not None else template_id


def _has_sum(notice: type[Notice]) -> bool:
    facts = notices.facts_of(notice)
    return any(fact.kind is Kind.SUM and not fact.is_optional for fact in facts)


def store_templates(found: Iterable[Template]) -> int:
    """Store WeChat's templates: add new ones, switch off missing ones; returns how many."""
    seen, now = [], clock.now()
    for one in found:
        seen.append(one.template_id)
        values = {"title": one.title[:60], "fields": fields_of(one.content), "updated_at": now,
                  "is_active": True}  # fmt: skip
        if not insert_once(PushTemplate, template_id=one.template_id, kind="template", **values):
            PushTemplate.update(**values).where(
                PushTemplate.template_id == one.template_id
            ).execute()
    PushTemplate.update(is_active=False).where(
        (PushTemplate.kind == "template") & PushTemplate.template_id.not_in([*seen, ""])
    ).execute()
    return len(seen)


def fields_of(content: str) -> list[list[str]]:
    """Keys and labels of a template's text: ``商品：{{thing1.DATA}}`` → [thing1, 商品]."""
    return [[key, label.strip() or key] for label, key in _FIELD.findall(content)]


def list_templates(kind: str | None = None) -> list[TemplateView]:
    """The account's templates, active ones first."""
    query = PushTemplate.select()
    if kind is not None:
        query = query.where(PushTemplate.kind == kind)
    rows = query.order_by(PushTemplate.is_active.desc(), PushTemplate.id)
    return [_view(row) for row in rows]


def template_for(purpose: str, kind: str = "template") -> TemplateView | None:
    """The template chosen for an occasion, or None."""
    row = (
        PushTemplate.select()
        .where((PushTemplate.purpose == purpose) & (PushTemplate.kind == kind))
        .where(PushTemplate.is_active == True)  # noqa: E712
        .order_by(PushTemplate.updated_at.desc(), PushTemplate.id.desc())
        .first()
    )
    return None if row is None else _view(row)


def add_grant(member_id: int, template_id: str) -> None:
    """Add one grant: the member accepted one more notice of a template (订阅)."""
    now = clock.now()
    same = (SubscriptionGrant.member == member_id) & (SubscriptionGrant.template_id == template_id)
    if not SubscriptionGrant.select().where(same).exists():
        insert_once(SubscriptionGrant, member=member_id, template_id=template_id, updated_at=now)
    SubscriptionGrant.update(remaining=SubscriptionGrant.remaining + 1, updated_at=now).where(
        same
    ).execute()


def delete_grants(member_id: int, template_id: str) -> None:
    """Delete all grants of a template: the member switched its notices off."""
    SubscriptionGrant.update(remaining=0, updated_at=clock.now()).where(
        (SubscriptionGrant.member == member_id) & (SubscriptionGrant.template_id == template_id)
    ).execute()


def spend_grant(member_id: int, template_id: str) -> bool:
    """Spend one grant for a message that is about to be sent; False if none is left."""
    left = (
        (SubscriptionGrant.member == member_id) & (SubscriptionGrant.template_id == template_id)
        & (SubscriptionGrant.remaining > 0)
    )  # fmt: skip
    spent = SubscriptionGrant.update(remaining=SubscriptionGrant.remaining - 1).where(left)
    return bool(spent.execute() == 1)


def return_grant(member_id: int, template_id: str, *, is_gone: bool) -> None:
    """Return the grant of a message that was certainly not sent.

    ``is_gone``: WeChat said that the member has no grant; none is left then.
    """
    left = 0 if is_gone else SubscriptionGrant.remaining + 1
    SubscriptionGrant.update(remaining=left, updated_at=clock.now()).where(
        (SubscriptionGrant.member == member_id) & (SubscriptionGrant.template_id == template_id)
    ).execute()


def grants_of(member_id: int) -> dict[str, int]:
    """How many notices of each template a member still accepts."""
    rows = SubscriptionGrant.select().where(
        (SubscriptionGrant.member == member_id) & (SubscriptionGrant.remaining > 0)
    )
    return {row.template_id: int(row.remaining) for row in rows}


def _view(row: PushTemplate) -> TemplateView:
    fields = tuple((str(key), str(label)) for key, label in row.fields)
    return TemplateView(row.template_id, row.kind, row.title, row.purpose, fields, row.is_active)
