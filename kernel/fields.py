"""Column types that read back the same on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import BigIntegerField, IntegerField, TextField

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def to_micros(instant: datetime) -> int:
    """An aware instant as microseconds since 1970 UTC. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return (instant - _EPOCH) // _MICRO


def from_micros(value: int) -> datetime:
    """The aware UTC instant of microseconds since 1970."""
    return _EPOCH + value * _MICRO


class UtcField(BigIntegerField):
    """An instant: BIGINT microseconds since 1970 UTC, an aware datetime in Python."""

    def db_value(self, value: Any) -> int | None:
        return to_micros(value) if isinstance(value, datetime) else value

    def python_value(self, value: Any) -> datetime | None:
        return None if value is None else from_micros(int(value))


class FenField(BigIntegerField):
    """An amount in fen. The column's name ends in ``_fen``."""


class BpField(IntegerField):
    """A rate in basis points. The column's name ends in ``_bp``."""


class Encoded(str):
    """A JSON document as ``JsonField`` stores it, encoded already."""

    __slots__ = ()


def encoded(value: Any) -> Encoded:
    """A value as ``JsonField`` stores it."""
    return Encoded(_encode(value))


class JsonField(TextField):
    """A JSON document stored as text: keys sorted, non-ASCII unescaped, no engine's JSON type."""

    def db_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return str(value) if type(value) is Encoded else _encode(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)
