"""One line of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["account", "pay"]
Urgency = Literal["now", "soon", "note", "none"]
Scope = Literal["account", "template", "person", "item"]


@dataclass(frozen=True)
class Said:
    """What a code means for the merchant, and what to do.

    ``urgency``: ``now`` and ``soon`` stand on 今日 and are told to the owner, ``note`` stands on
    今日 only, ``none`` is an answer of ordinary work and is not kept. ``scope`` says whose it is:
    the whole account's, one template's, one recipient's, or one order's.
    """

    sentence: str
    todo: tuple[str, ...] = ()
    urgency: Urgency = "soon"
    scope: Scope = "account"
    payee: str = ""
