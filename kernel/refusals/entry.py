"""The entry of an error code in the table of explanations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["account", "pay"]
Urgency = Literal["now", "soon", "note", "none"]
Scope = Literal["account", "template", "person", "item"]


@dataclass(frozen=True)
class Said:
    """What an error code means for the merchant, and what to do.

    ``urgency``: ``now`` and ``soon`` are shown on 今日 and sent to the owner; ``note`` is only
    shown on 今日; ``none`` is part of normal operation and not kept. ``scope``: what is affected
    (the account, a template, a recipient, or one order or message). ``payee``: the payee's text.
    """

    sentence: str
    todo: tuple[str, ...] = ()
    urgency: Urgency = "soon"
    scope: Scope = "account"
    payee: str = ""
