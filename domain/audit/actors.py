"""Who is a person: staff, a member, or the operator at the command line."""

from __future__ import annotations

PEOPLE = ("staff", "member", "operator")
SYSTEM = "system"
MACHINES = ("system", "seed", "restore", "wechat", "wechatpay", "visitor")
PARTS = ("periodic", "outbox")
"""How releases before the system's events named who was no person; a part has a name after it."""


class NotAPerson(RuntimeError):
    """A machine's act was to go into the log of people's acts: its caller is wrong."""


def is_person(actor: str) -> bool:
    """Whether an actor is somebody: ``staff:lisa``, ``member:7``, ``operator:root``."""
    kind, _, name = actor.partition(":")
    return kind in PEOPLE and bool(name.strip())


def source_of(actor: str) -> str:
    """The machine's part that acts now; inside a person's request the shop acts by itself."""
    return SYSTEM if is_person(actor) else actor
