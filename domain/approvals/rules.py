"""What a proposal is, which kinds there are, and who may decide them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Cause = Literal["no_right", "single", "person_day", "shop_day"]
STATES = ("open", "approved", "refused", "withdrawn", "expired", "failed")


@dataclass(frozen=True)
class Plan:
    """A step that somebody wants done (待审批的操作).

    ``payload`` says what is to be done and what was seen when it was asked for: whoever carries it
    out compares, so that nothing else is done than what was proposed. ``subject`` is what it is
    about, such as ``order:FM…``; of each kind one proposal about a subject is open at a time.
    """

    kind: str
    subject: str
    payload: dict[str, Any]
    reason: str


@dataclass(frozen=True)
class Approved:
    """A proposal that a second person said yes to, for whoever carries it out."""

    proposal_id: int
    payload: dict[str, Any]
    reason: str
    proposed_by: str
    decided_by: str


@dataclass(frozen=True)
class Kind:
    """A kind of proposal: the right that its decider needs, and the verb that carries it out.

    The verb runs in the decision's transaction, reads the state again, and raises a DomainError
    when it is no longer what the proposer saw. It answers JSON.
    """

    name: str
    right: str
    apply: Callable[[Approved], Any]


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; again changes nothing."""
    _KINDS[kind.name] = kind


def kind_of(name: str) -> Kind:
    """A registered kind. An unknown one is a mistake of the program."""
    return _KINDS[name]


def kinds_for(rights: frozenset[str]) -> list[str]:
    """The kinds that somebody with these rights may decide."""
    return sorted(kind.name for kind in _KINDS.values() if kind.right in rights)


def all_kinds() -> list[str]:
    """Every registered kind."""
    return sorted(_KINDS)
