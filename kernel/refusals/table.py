"""Finds a code's explanation, fills in its facts, and gives the payee's text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kernel.refusals.entries import (
    ACCOUNT,
    OF_THE_IDENTITY,
    PAY,
    SIDES,
    TRANSFERS,
    UNKNOWN,
    call_words,
)
from kernel.refusals.entry import Said, Side

_SIDES: Mapping[Side, Mapping[str, Said]] = {"account": ACCOUNT, "pay": PAY}
FACTS = ("side", "address", "call", "code", "detail", "template", "minutes")
FAMILY_DIGITS = 2
WHOLE = frozenset(
    {"SIGN_ERROR", "MCH_NOT_EXISTS", "answer_serial", "answer_signature", "answer_headers",
     "answer_time"}
)  # fmt: skip
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]+")


def find(side: Side, code: str, **facts: Any) -> Said:
    """The explanation of a code with its facts filled in; a general sentence if it is unknown.

    ``facts``: ``address``, ``call`` (name or path), ``detail``, ``template``, ``minutes``.
    """
    found = _listed(side, code)
    if found is None:
        found = Said(UNKNOWN["sentence"], (UNKNOWN["todo"],))
    return _filled(found, facts | {"code": code, "side": SIDES[side]})


def explain(
    side: Side, code: str, *, call: str = "", detail: str = "", template: str = ""
) -> Said:
    """The explanation of a stored refusal; ``address`` is taken from WeChat's message."""
    found = _ADDRESS.search(detail)
    address = found[0] if found else UNKNOWN["address"]
    said = call_words(call)
    return find(side, code, call=said, detail=detail, template=template, address=address)


def is_listed(side: Side, code: str) -> bool:
    """Whether the table explains a code."""
    return _listed(side, code) is not None


def is_shown(side: Side, code: str) -> bool:
    """Whether a refusal is kept and shown; codes of normal operation are not."""
    found = _listed(side, code)
    return found is None or found.urgency != "none"


def is_of_all_calls(side: Side, code: str) -> bool:
    """Whether a refusal concerns keys or clock, so that any successful call ends it."""
    return side == "pay" and code in WHOLE


def said_of_transfer(code: str) -> Said:
    """The explanation of a transfer's ``fail_reason``, or of the error code of its call."""
    return TRANSFERS.get(code) or find("pay", code, call="付款", detail="", template="")


def payee_words(code: str, *, is_open: bool) -> str:
    """The payee's text: what happened and what comes next, without codes.

    ``is_open``: the outcome is not known yet; the text then says that nothing has to be done.
    """
    said = TRANSFERS.get(code) if not is_open else None
    said = said or PAY.get(code)
    if said is not None and said.payee:
        return said.payee
    return UNKNOWN["asking"] if is_open else UNKNOWN["failed"]


def is_of_the_identity(code: str) -> bool:
    """Whether the payee mends it in what they registered with the shop (实名信息)."""
    return code in OF_THE_IDENTITY


def _listed(side: Side, code: str) -> Said | None:
    table = _SIDES[side]
    found = table.get(code)
    if found is None and side == "account" and len(code) == 5:
        found = table.get(code[:FAMILY_DIGITS])
    return found


def _filled(said: Said, facts: Mapping[str, Any]) -> Said:
    known = {name: str(facts.get(name) or "—") for name in FACTS}
    return replace(
        said,
        sentence=said.sentence.format(**known),
        todo=tuple(step.format(**known) for step in said.todo),
    )
