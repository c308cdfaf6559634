"""Texts for failed calls to WeChat and for troubles of the shop.

Each text tells the merchant three things: what happened, what is being done about it, and whether
money can be paid twice. Codes are WeChat's or ours; a code without a text is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.overview import Trouble
from domain.payments import MISMATCH
from domain.refusals import OpenRefusal
from kernel import catalogues
from kernel.faults import SAID_BEFORE, Fault
from kernel.refusals import TRANSFERS, explain, is_listed, said_of_transfer

TEXT = catalogues.of("admin")
SAID = TEXT.names("answer")
ANSWER_UNKNOWN = TEXT.text("answer_unknown")
FIELDS = TEXT.names("answer_field")
CHECKUP = TEXT.names("checkup")  # by the codes of the check of orders and stock
TONES = ("bad", "warn", "")
URGENCY = {"now": "bad", "soon": "warn", "note": "", "none": ""}


@dataclass(frozen=True)
class Place:
    """A trouble's severity, the page where it is handled, and the right needed to see it."""

    tone: str
    href: str
    right: str


_PLACES = {
    "payouts_uncertain": Place("bad", "/admin/withdrawals?view=uncertain", "payouts.see"),
    "disk": Place("bad", "", "today.see"),
    "redis": Place("warn", "", "today.see"),
    "jobs_stalled": Place("bad", "/admin/outbox", "outbox.replay"),
    "clock_slow": Place("bad", "", "today.see"),
    "clock_fast": Place("bad", "", "today.see"),
    "staff_guessed": Place("bad", "/admin/staff", "staff.manage"),
    "licence_ended": Place("bad", "/admin/legal/business", "settings.see"),
    "licence_ends": Place("warn", "/admin/legal/business", "settings.see"),
    "food_permit_ended": Place("bad", "/admin/legal/business", "settings.see"),
    "liquor_permit_ended": Place("bad", "/admin/legal/business", "settings.see"),
    "claims_ended": Place("bad", "/admin/evidence", "texts.see"),
    "claims_end": Place("warn", "/admin/evidence", "texts.see"),
    "identity_unanswered": Place("warn", "/admin/ages", "members.see"),
    "food_permit_ends": Place("warn", "/admin/legal/business", "settings.see"),
    "liquor_permit_ends": Place("warn", "/admin/legal/business", "settings.see"),
    "payments_unanswered": Place("warn", "/admin/orders?view=to_pay", "orders.see"),
    "refunds_unanswered": Place("warn", "/admin/refunds", "orders.see"),
    "payouts_unanswered": Place("warn", "/admin/withdrawals?view=paying", "payouts.see"),
    "notices_missing": Place("warn", "", "orders.see"),
    "gifts_overdue": Place("warn", "/admin/orders?view=gifts", "orders.see"),
    "tasks_retried": Place("warn", "/admin/outbox", "outbox.replay"),
    "order": Place("bad", "/admin/orders", "orders.see"),
    "stock": Place("bad", "/admin/stock", "products.see"),
    "kept_day": Place("warn", "", "orders.see"),
    "kept_push": Place("warn", "/admin/push", "push.see"),
}
_TEXTS = TEXT.names("trouble")
_SHARED = ("order", "stock")  # kinds of trouble that the check of orders and stock finds


def _troubles() -> Iterator[tuple[str, str]]:
    yield from ((code, code) for code in _PLACES if code not in _SHARED)
    for code in CHECKUP:
        kind = code.partition("_")[0]
        if kind in _SHARED:
            yield code, kind


TROUBLES: Mapping[str, tuple[Place, str]] = {
    code: (_PLACES[kind], _TEXTS[kind]) for code, kind in _troubles()
}


@dataclass(frozen=True)
class Line:
    """A notice on the first page: what is wrong, the steps to take, and since when."""

    tone: str
    text: str
    href: str
    todo: tuple[str, ...] = ()
    since: datetime | None = None
    count: int = 0
    code: str = ""
    until: str = ""


def trouble_lines(found: Iterable[Trouble], ailing: Mapping[str, Any], may: Any) -> list[Line]:
    """Troubles of this process and the shop that these rights may see; the most severe first."""
    parts = [Trouble(name, 1) for name, what in ailing.items() if what and name in TROUBLES]
    lines = []
    for each in sorted((*parts, *found), key=lambda t: TROUBLES[t.code][0].tone != "bad"):
        place, text = TROUBLES[each.code]
        if may(place.right):
            facts = {n: "、".join(v) if isinstance(v, tuple) else v for n, v in each.facts.items()}
            facts |= {"count": each.count, "what": CHECKUP.get(each.code, "")}
            lines.append(Line(place.tone, text.format(**facts), place.href))
    return lines


def refusal_lines(
    found: Iterable[OpenRefusal], templates: Mapping[str, str], may: Any
) -> list[Line]:
    """Open refusals of WeChat, the oldest first; ``templates`` are titles by id.

    Refusals with the same text are one line, with the earliest time and the sum of counts.
    """
    lines: dict[str, Line] = {}
    for one in found:
        title = templates.get(one.subject, one.subject)
        explained = explain(one.side, one.code, call=one.call, detail=one.detail, template=title)
        is_template = explained.scope == "template"
        if not may("push.see" if is_template else "today.see"):
            continue
        earlier = lines.get(explained.sentence)
        lines[explained.sentence] = Line(
            URGENCY[explained.urgency],
            explained.sentence,
            "/admin/templates" if is_template else "",
            explained.todo,
            min(one.first_at, earlier.since or one.first_at) if earlier else one.first_at,
            one.count + (earlier.count if earlier else 0),
            one.code,
            "一天后自动消失" if explained.scope in ("person", "item") else "恢复后自动消失",
        )
    return list(lines.values())


def by_urgency(lines: Iterable[Line]) -> list[Line]:
    """Sort by severity, the most severe first; equal ones keep their order."""
    return sorted(lines, key=lambda line: TONES.index(line.tone))


def call_fault(fault: Fault | None) -> str:
    """The result of the last call about a payment or refund: no_answer → 微信没有回答."""
    if fault is None:
        return ""
    if fault.code == MISMATCH:
        field = str(fault.facts.get("field", ""))
        return SAID[MISMATCH].format(field=FIELDS.get(field, field))
    return fault.said if fault.code == SAID_BEFORE else call_code(fault.code, fault.said)


def call_code(code: str | None, said: str = "") -> str:
    """The meaning of a code of WeChat's or ours; ``said`` is WeChat's message for it."""
    if not code:
        return ""
    if code in SAID:
        return SAID[code]
    if code in TRANSFERS or is_listed("pay", code):
        return said_of_transfer(code).sentence.rstrip("。")
    if code.startswith("http_5"):
        return SAID["SYSTEM_ERROR"]
    return ANSWER_UNKNOWN.format(answer=f"{code} {said}".strip())
