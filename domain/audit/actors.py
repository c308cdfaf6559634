"""Which actors are persons: staff, members, and the operator at the command line."""

from __future__ import annotations

PEOPLE = ("staff", "member", "operator")
SYSTEM = "system"
MACHINES = ("system", "seed", "restore", "wechat", "wechatpay", "visitor")
PARTS = ("periodic", "outbox")
"""Actors that are no persons, in rows of releases before system events; parts have a suffix."""


class NotAPerson(RuntimeError):
    """The system's act was to be recorded as a person's: a programming error of the caller."""


def is_person(actor: str) -> bool:
    """True for an actor who is a person: ``staff:lisa``, ``member:7``, ``operator:root``."""
    kind, _, name = actor.partition(":")
    return kind in PEOPLE and bool(name.strip())


def source_of(actor: str) -> str:
    """The source of a system event; within a person's request it is ``system``."""
    return SYSTEM if is_person(actor) else actor
