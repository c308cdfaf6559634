"""The change that a log entry records, as text: names of fields and states, money, rates.

A field without a name in ``texts/`` shows its identifier; typed text is shown unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from admin import fault_words, words
from admin.marketing.offer_forms import KIND_FORMS
from admin.shop.settings_fields import GROUPS
from kernel import clock
from kernel.faults import Fault
from kernel.money import yuan_grouped

SHORT = 60
_ACTOR = re.compile(r"(?:staff|member|operator):[\w.-]{1,64}")
_SWITCHES = {f.name: f.label for group in GROUPS for f in group.fields if f.name != "kind"}
FIELD = {**words.TEXT.names("field"), **_SWITCHES}
_OPTIONS = {f.name: dict(f.options) for group in GROUPS for f in group.fields if f.options}
# values by field, because the same value has different meanings in different fields
VALUE: Mapping[str, Mapping[str, str]] = {
    "roles": words.ROLE, "purpose": words.PURPOSE, "carrier": words.CARRIER,
    "scope": words.SCOPE, "mode": words.MODE, "payee_type": words.PAYEE,
    "cause": words.REFUND_CAUSE | words.PROPOSAL_CAUSE | words.STOP_CAUSE | words.LIFT_CAUSE,
    **{name: words.TEXT.names(f"value.{name}") for name in ("door", "from", "field")},
    "how": {end: name for end, (name, _) in words.BILL_END.items()},
    "ours": {state: name for state, (name, _) in words.WITHDRAWAL.items()},
} | _OPTIONS | {
    "kind": words.POLICY | words.TICKET_KIND | words.CASE_KIND | words.PROPOSAL_KIND
    | words.AUDIENCE | {name: form.title for name, form in KIND_FORMS.items()},
}  # fmt: skip
STATE: Mapping[str, words.Tones] = {
    "product": words.PRODUCT, "order": words.ORDER, "case": words.CASE, "refund": words.REFUND,
    "distributor": words.DISTRIBUTOR, "withdrawal": words.WITHDRAWAL, "campaign": words.CAMPAIGN,
    "ticket": words.TICKET, "proposal": words.PROPOSAL, "payout": words.TRANSFER,
    "offer": words.OFFER_STATE, "bill_line": words.BILL_DIFFERENCE,
    "missed": words.MISSED,
}  # fmt: skip
# values that are logged without a field name, by the kind of thing that was changed
ALONE: Mapping[str, Mapping[str, str]] = {"template": words.PURPOSE, "staff": words.ROLE}


GROUP = {group.switches.KEY: group.title for group in GROUPS} | words.TEXT.names("setting")


def diff(target_type: str, value: Any) -> str:
    """The values before or after a change as text: '名称：陈酿，售价：¥298.00'."""
    if isinstance(value, Mapping):
        said = {key: _said(target_type, key, each) for key, each in value.items()}
        return "，".join(f"{_label(target_type, key)}：{text}" for key, text in said.items())
    names = ALONE.get(target_type, {})
    if isinstance(value, list | tuple):
        return "、".join(names.get(str(each), _plain(each)) for each in value)
    return names.get(str(value), _plain(value))


def _label(target_type: str, key: str) -> str:
    """A field's name; a name specific to this kind of thing has precedence."""
    return FIELD.get(f"{target_type}.{key}") or FIELD.get(key, key)


def _said(target_type: str, key: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_said(target_type, key, each) for each in value) or "无"
    if value is None or isinstance(value, bool):
        return _plain(value)
    if isinstance(value, Mapping):
        return diff(target_type, value)
    if key == "state" and target_type in STATE:
        return words.tone(STATE[target_type], str(value))[0]
    if key == "error":
        return words.fault(Fault(str(value)))
    if f"{target_type}.{key}" in FIELD:
        return fault_words.call_code(str(value))
    for ending, shown in _UNITS:
        if key.endswith(ending):
            return shown(value)
    if _ACTOR.fullmatch(str(value)):
        return words.who(str(value))
    return VALUE.get(key, {}).get(str(value), words.why(_plain(value)))


def _money(value: Any) -> str:
    return f"¥{yuan_grouped(value)}" if isinstance(value, int) else str(value)


def _rate(value: Any) -> str:
    return words.rate(value) if isinstance(value, int) else str(value)


def _moment(value: Any) -> str:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


_UNITS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("_fen", _money), ("fen", _money), ("_bp", _rate), ("_at", _moment),
)  # fmt: skip


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"
