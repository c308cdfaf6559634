"""Reads and changes of settings. Reads are cached for a second; then a change is in force."""

from __future__ import annotations

import time
from typing import Any, TypeVar

from pydantic import ValidationError

from domain import audit
from domain.settings.rules import Switches
from kernel import clock, context
from kernel.errors import Conflict, Invalid
from kernel.store import insert_once
from models import Setting

S = TypeVar("S", bound=Switches)

_FRESH_SECONDS = 1.0
_cache: dict[str, tuple[float, Switches]] = {}


def get(group: type[S]) -> S:
    """The settings of a group, with defaults for what the merchant has not set."""
    return cached(group) or fresh(group)


def cached(group: type[S]) -> S | None:
    """The settings of a group if they were read within the last second, without a query."""
    known = _cache.get(group.KEY)
    if known is None or time.monotonic() - known[0] >= _FRESH_SECONDS:
        return None
    return known[1]  # type: ignore[return-value]


def fresh(group: type[S]) -> S:
    """The settings of a group as the database has them, past the cache."""
    row = Setting.get_or_none(Setting.key == group.KEY)
    value = group() if row is None else group.model_validate(_known(group, row.value))
    _cache[group.KEY] = (time.monotonic(), value)
    return value


def change(group: type[S], values: dict[str, Any], *, version: int | None = None) -> S:
    """Change some settings of a group; the change is audited. ``version`` prevents a lost update.

    Raises Invalid('setting_bad', field) for a value out of bounds, Conflict('setting_moved').
    """
    row = Setting.get_or_none(Setting.key == group.KEY)
    before = {} if row is None else _known(group, row.value)
    if version is not None and version != (row.version if row else 0):
        raise Conflict("setting_moved")
    try:
        after = group.model_validate(group.model_validate(before).model_dump() | values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise Invalid("setting_bad", field, why=first["msg"], **_bounds(group, field)) from error
    _store(group.KEY, row, after.model_dump(mode="json"))
    audit.record("setting.change", "setting", group.KEY, before=before, after=values)
    _cache.pop(group.KEY, None)
    return after


def _bounds(group: type[Switches], field: str | None) -> dict[str, int]:
    """The bounds ``least`` and ``most`` of a setting, as far as it has them."""
    known = group.model_fields[field].metadata if field in group.model_fields else []
    pairs = (("least", "ge"), ("most", "le"))
    return {
        name: int(getattr(rule, sign))
        for rule in known
        for name, sign in pairs
        if isinstance(getattr(rule, sign, None), int)
    }


def all_versions() -> dict[str, int]:
    """The version of each stored group, for ``change``."""
    return {row.key: row.version for row in Setting.select()}


def forget_cache() -> None:
    """Drop cached settings; for tests and after a restore."""
    _cache.clear()


def _known(group: type[Switches], kept: dict[str, Any]) -> dict[str, Any]:
    """The stored values without settings that no longer exist."""
    return {name: value for name, value in kept.items() if name in group.model_fields}


def _store(key: str, row: Setting | None, value: dict[str, Any]) -> None:
    who, now = context.actor.get(), clock.now()
    if row is None:
        if insert_once(Setting, key=key, value=value, updated_at=now, updated_by=who):
            return
        raise Conflict("setting_moved")
    changed = (
        Setting.update(value=value, version=Setting.version + 1, updated_at=now, updated_by=who)
        .where((Setting.id == row.id) & (Setting.version == row.version))
        .execute()
    )
    if changed != 1:
        raise Conflict("setting_moved")
