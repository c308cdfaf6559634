"""The account behind an actor of the log, and its present rights."""

from __future__ import annotations

from domain.staff.rules import rights_of
from models import Staff

_PREFIX = "staff:"


def rights_held(actor: str) -> frozenset[str]:
    """The present rights of ``staff:login``; none for any other actor."""
    row = _row(actor)
    return frozenset() if row is None or row.state != "active" else rights_of(row.roles)


def name_of(actor: str) -> str:
    """The name of ``staff:login``, for notices; the actor itself if there is no account."""
    row = _row(actor)
    return actor if row is None else str(row.name)


def holders_of(right: str, *, except_actor: str = "") -> list[str]:
    """Names of the staff who hold a right now, except the actor ``except_actor``."""
    rows = Staff.select().where(Staff.state == "active").order_by(Staff.id)
    return [
        str(row.name) for row in rows
        if right in rights_of(row.roles) and f"{_PREFIX}{row.login}" != except_actor
    ]  # fmt: skip


def _row(actor: str) -> Staff | None:
    if not actor.startswith(_PREFIX):
        return None
    found: Staff | None = Staff.get_or_none(Staff.login == actor.removeprefix(_PREFIX))
    return found
