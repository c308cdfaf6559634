"""The account's templates and what members accepted (模板与订阅)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from domain import audit
from domain.push.ports import Template
from domain.push.rules import lint
from domain.push.views import TemplateView, WordFinding
from kernel import clock
from kernel.errors import Invalid, NotFound
from kernel.store import insert_once
from models import PushTemplate, SubscriptionGrant

KINDS = ("template", "subscription")
# what a service notice may be about; the faces' words know the same list
PURPOSES = (
    "order_paid", "order_shipped", "commission", "withdrawal", "refund", "ticket", "promotion",
)  # fmt: skip
_FIELD = re.compile(r"([^\n{}]*?)[:：]?\s*\{\{\s*([A-Za-z0-9_]+)\.DATA\s*\}\}")


def save_template(
    template_id: str,
    kind: str,
    title: str,
    fields: Sequence[tuple[str, str]],
    actor: str,
    purpose: str | None = None,
    is_active: bool = True,
) -> tuple[WordFinding, ...]:
    """A template of the account and what it is for; answers marketing words to be warned of."""
    if kind not in KINDS:
        raise Invalid("template_kind_unknown", "kind")
    if purpose is not None and purpose not in PURPOSES:
        raise Invalid("template_purpose_unknown", "purpose")
    values = {
        "kind": kind, "title": title[:60], "fields": [list(pair) for pair in fields],
        "purpose": purpose, "is_active": is_active, "updated_at": clock.now(),
    }  # fmt: skip
    if not insert_once(PushTemplate, template_id=template_id, **values):
        PushTemplate.update(**values).where(PushTemplate.template_id == template_id).execute()
    audit.record("template.save", "template", template_id, after={"purpose": purpose},
                 actor=actor)  # fmt: skip
    text = title + "".join(label for _, label in fields)
    found = lint(text, "marketing") if kind == "template" and purpose != "promotion" else []
    return tuple(WordFinding(f.kind, f.word) for f in found)


def set_purpose(template_id: str, purpose: str | None, actor: str) -> None:
    """Which occasion a template serves; one per occasion, the latest wins."""
    if purpose is not None and purpose not in PURPOSES:
        raise Invalid("template_purpose_unknown", "purpose")
    changed = PushTemplate.update(purpose=purpose, updated_at=clock.now()).where(
        PushTemplate.template_id == template_id
    )
    if changed.execute() != 1:
        raise NotFound("template_missing")
    audit.record("template.purpose", "template", template_id, after=purpose, actor=actor)


def take_over(found: Iterable[Template]) -> int:
    """Templates as WeChat has them: new ones are added, vanished ones are switched off."""
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


def template_list(kind: str | None = None) -> list[TemplateView]:
    """The account's templates, those in use first."""
    query = PushTemplate.select()
    if kind is not None:
        query = query.where(PushTemplate.kind == kind)
    rows = query.order_by(PushTemplate.is_active.desc(), PushTemplate.id)
    return [_view(row) for row in rows]


def template_for(purpose: str) -> TemplateView | None:
    """The template message that serves an occasion, if the merchant chose one."""
    row = (
        PushTemplate.select()
        .where((PushTemplate.purpose == purpose) & (PushTemplate.kind == "template"))
        .where(PushTemplate.is_active == True)  # noqa: E712
        .order_by(PushTemplate.updated_at.desc(), PushTemplate.id.desc())
        .first()
    )
    return None if row is None else _view(row)


def accepted(member_id: int, template_id: str) -> None:
    """A member accepted one more notice of a template: one yes is one message (订阅)."""
    now = clock.now()
    same = (SubscriptionGrant.member == member_id) & (SubscriptionGrant.template_id == template_id)
    if not SubscriptionGrant.select().where(same).exists():
        insert_once(SubscriptionGrant, member=member_id, template_id=template_id, updated_at=now)
    SubscriptionGrant.update(remaining=SubscriptionGrant.remaining + 1, updated_at=now).where(
        same
    ).execute()


def rejected(member_id: int, template_id: str) -> None:
    """A member switched a notice off: nothing they accepted before counts any more."""
    SubscriptionGrant.update(remaining=0, updated_at=clock.now()).where(
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
