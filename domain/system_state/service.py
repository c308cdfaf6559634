"""Typed rows of system state, read and replaced whole; and locks that many deciders share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from domain.system_state import statements
from kernel import clock
from kernel.store import insert_once, lock_row
from models import SystemLock, SystemState


class State(BaseModel):
    """The base of a kind of state: one row under its ``KEY``. A row never written has defaults.

    What another release kept and this one doesn't know is left out.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    KEY: ClassVar[str]


S = TypeVar("S", bound=State)


def get(kind: type[S]) -> S:
    """The state as the database has it: a stop must not wait for a cache."""
    row = statements.state.first(kind.KEY)
    return kind() if row is None else kind.model_validate(row.value)


def locked(kind: type[S]) -> S:
    """The state, held for the rest of the transaction by who is about to replace it."""
    lock(kind.KEY)
    return get(kind)


def put(value: State) -> None:
    """Replace a kind's state. Who changes a part of it takes it by ``locked`` first."""
    kept = {"value": value.model_dump(mode="json"), "updated_at": clock.now()}
    if not insert_once(SystemState, key=value.KEY, **kept):
        SystemState.update(**kept).where(SystemState.key == value.KEY).execute()


def lock(name: str) -> None:
    """Hold a named lock to the end of the transaction: those who decide under it take turns."""
    row = statements.lock.first(name)
    if row is None:  # the first of two waits for the other's here, and finds it
        insert_once(SystemLock, name=name)
        row = statements.lock.first(name)
    lock_row(SystemLock, row.id)
