"""The key of a command: the same key with the same body is done once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from peewee import IntegrityError

from kernel.errors import Invalid

_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str).encode


@dataclass(frozen=True)
class CommandKey:
    """Who commands what under which key. ``body`` is everything that decides the result."""

    actor: str
    verb: str
    key: str
    body: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """A key comes from a form, so that it may be anything. Raises Invalid."""
        if not 1 <= len(self.key) <= 64 or not self.key.isprintable():
            raise Invalid("command_key_bad")

    @property
    def body_hash(self) -> str:
        """SHA-256 of the body's canonical JSON."""
        return hashlib.sha256(_canonical(self.body).encode()).hexdigest()


class CommandRaced(IntegrityError):
    """Another transaction stored the same command first; run again to find its answer."""
