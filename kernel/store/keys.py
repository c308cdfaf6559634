"""The idempotency key of a command."""

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
    """Actor, verb and key of a command. ``body`` is everything that determines the result."""

    actor: str
    verb: str
    key: str
    body: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Check the key, which comes from a form. Raises Invalid('command_key_bad')."""
        if not 1 <= len(self.key) <= 64 or not self.key.isprintable():
            raise Invalid("command_key_bad")

    @property
    def body_hash(self) -> str:
        """SHA-256 of the body's canonical JSON."""
        return hashlib.sha256(_canonical(self.body).encode()).hexdigest()


class CommandRaced(IntegrityError):
    """Another transaction stored the same command first; a retry finds its result."""
