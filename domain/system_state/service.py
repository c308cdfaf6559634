"""Typed rows of system state, read and replaced as a whole, and named locks."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from domain.system_state import statements
from kernel import clock
from kernel.store import insert_once, lock_row
from models import SystemLock, SystemState


class State(BaseModel):
    """The base of a kind of state, one row under its ``KEY``; a missing row has the defaults.

    Fields that another release stored and this one does not know are ignored.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    KEY: ClassVar[str]


S = TypeVar("S", bound=State)


def get(kind: type[S]) -> S:
    """The state, always from the database: a stop must not wait for a cache."""
    row = statements.state.first(kind.KEY)
    return kind() if row is None else kind.model_validate(row.value)


def locked(kind: type[S]) -> S:
    """The state, locked for the rest of the transaction; to be used before ``put``."""
    lock(kind.KEY)
    return get(kind)


def put(value: State) -> None:
    """Replace a kind's state; to change a part of it, read it by ``locked`` first."""
    kept = {"value": value.model_dump(mode="json"), "updated_at": clock.now()}
    if not insert_once(SystemState, key=value.KEY, **kept):
        SystemState.update(**kept).where(SystemState.key == value.KEY).execute()


def lock(name: str) -> None:
    """Take a named lock until the end of the transaction."""
    row = statements.lock.first(name)
    if row is None:  # of two parallel inserts the second waits here and then finds the row
        insert_once(SystemLock, name=name)
        row = statements.lock.first(name)
    lock_row(SystemLock, row.id)
