"""Proposals and their kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Cause = Literal["no_right", "single", "person_day", "shop_day"]
STATES = ("open", "approved", "refused", "withdrawn", "expired", "failed")


@dataclass(frozen=True)
class Plan:
    """A step to be proposed (待审批的操作).

    ``payload`` holds what is to be done, and what was seen when it was proposed. The step's verb
    compares it, so that nothing but the proposed step is done. ``subject`` is what it is about,
    such as ``order:FM…``; one proposal of a kind about a subject can be open at a time.
    """

    kind: str
    subject: str
    payload: dict[str, Any]
    reason: str


@dataclass(frozen=True)
class Approved:
    """An approved proposal, passed to the verb that carries it out."""

    proposal_id: int
    payload: dict[str, Any]
    reason: str
    proposed_by: str
    decided_by: str


@dataclass(frozen=True)
class Kind:
    """A kind of proposal: the right needed to decide it, and the verb that carries it out.

    The verb runs in the decision's transaction, reads the state again and raises a DomainError if
    it is not what the proposer saw. It returns JSON.
    """

    name: str
    right: str
    apply: Callable[[Approved], Any]


_KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Register a kind; a second call replaces it."""
    _KINDS[kind.name] = kind


def kind_of(name: str) -> Kind:
    """A registered kind; an unknown name is a programming error."""
    return _KINDS[name]


def kinds_for(rights: frozenset[str]) -> list[str]:
    """Names of the kinds that a person with these rights may decide."""
    return sorted(kind.name for kind in _KINDS.values() if kind.right in rights)


def all_kinds() -> list[str]:
    """Names of all registered kinds."""
    return sorted(_KINDS)
