"""The explanations that ``texts/zh_CN/wechat`` has, by code: account API, Pay v3, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernel import catalogues
from kernel.refusals.entry import Said, Scope, Urgency

TEXT = catalogues.of("wechat")


@dataclass(frozen=True)
class Written:
    """An entry of the catalogue; ``same_as`` names another one of its table."""

    sentence: str = ""
    todo: list[str] | str = ""  # steps, or the name of steps that several share
    urgency: Urgency = "soon"
    scope: Scope = "account"
    payee: str = ""  # a text, or the name of one that several share
    same_as: str = ""


@dataclass(frozen=True)
class Steps:
    """Steps that several entries share."""

    steps: list[str]


_STEPS = TEXT.records("todo", Steps)
_PAYEE = TEXT.names("payee")


def _entries(key: str) -> Mapping[str, Said]:
    written = TEXT.records(key, Written)
    return {code: _said(written[entry.same_as or code]) for code, entry in written.items()}


def _said(entry: Written) -> Said:
    todo = entry.todo
    steps = todo if isinstance(todo, list) else _STEPS[todo].steps if todo else ()
    payee = _PAYEE.get(entry.payee, entry.payee)
    return Said(entry.sentence, tuple(steps), entry.urgency, entry.scope, payee)


ACCOUNT = _entries("account")
PAY = _entries("pay")
TRANSFERS = _entries("transfer")
CALLS = TEXT.names("call")
SIDES = TEXT.names("side")
UNKNOWN = TEXT.names("unknown")  # of codes that no table has
OF_THE_IDENTITY = frozenset({"NAME_NOT_CORRECT", "ID_CARD_NOT_CORRECT", "NAME_NEEDED"})
"""Mended by the payee in what they registered with the shop (实名信息)."""


def call_words(call: str) -> str:
    """The name of a call; the call itself if it has none."""
    return CALLS.get(call, call)
