"""The environment to which the database belongs; the first process that serves it records it.

A demo must not run on a real shop's database, whatever its configuration says, nor a real shop on
a demo's, whose passwords are published.
"""

from __future__ import annotations

from typing import ClassVar

from domain import system_state
from kernel.errors import Forbidden

PRODUCTION = "production"


class Installation(system_state.State):
    """The environment of the process that first served this database; '' before that."""

    KEY: ClassVar[str] = "installation"
    environment: str = ""


def environment_of_book() -> str | None:
    """The environment of the process that first served this database; None before that."""
    return system_state.get(Installation).environment or None


def claim_book(environment: str) -> None:
    """Record the environment if none is recorded. Raises Forbidden('foreign_book')."""
    if not system_state.locked(Installation).environment:
        system_state.put(Installation(environment=environment))
    refuse_foreign_book(environment)


def refuse_foreign_book(environment: str) -> None:
    """Raises Forbidden('foreign_book') for a demo on a real database, or the reverse."""
    book = environment_of_book()
    if book is not None and (book == PRODUCTION) != (environment == PRODUCTION):
        raise Forbidden("foreign_book")
