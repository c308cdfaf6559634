"""Idempotent commands: the same key with the same body is executed once, with the same result.

The result of a success is written in the verb's own transaction and kept for seven days.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from peewee import CharField, IntegrityError

from kernel import clock
from kernel.errors import Conflict
from kernel.fields import JsonField, UtcField, encoded
from kernel.store.base import Table
from kernel.store.keys import CommandKey, CommandRaced
from kernel.store.prepared import insert_row, prepared

KEPT = timedelta(days=7)


class CommandResult(Table):
    """The result of a command (幂等结果)."""

    actor = CharField(max_length=64)
    verb = CharField(max_length=48)
    key = CharField(max_length=64)
    body_hash = CharField(max_length=64)
    result = JsonField(null=True)
    at = UtcField(index=True)

    class Meta:
        indexes = ((("actor", "verb", "key"), True),)


def command(key: CommandKey, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a verb once under its key. Its result must be JSON and is returned as parsed JSON.

    Raises Conflict('command_reused', first=…) when the key was used with another body.
    """
    found = stored_result(key)
    if found is not None:
        return found.result
    result = encoded(fn(*args, **kwargs))
    try:
        insert_row(
            CommandResult,
            actor=key.actor,
            verb=key.verb,
            key=key.key,
            body_hash=key.body_hash,
            result=result,
            at=clock.now(),
        )
    except IntegrityError as error:
        raise CommandRaced(*error.args) from error
    return json.loads(result)


@prepared
def _stored(actor: Any, verb: Any, key: Any) -> Any:
    return CommandResult.select(CommandResult.body_hash, CommandResult.result).where(
        (CommandResult.actor == actor) & (CommandResult.verb == verb) & (CommandResult.key == key)
    )


def stored_result(key: CommandKey) -> Any:
    """The stored row of a command (``result``), None if it was not executed.

    Raises Conflict('command_reused') when the key was used with another body.
    """
    row = _stored.first(key.actor, key.verb, key.key)
    if row is not None and row.body_hash != key.body_hash:
        raise Conflict("command_reused", first=row.result)
    return row


def was_done(key: CommandKey) -> bool:
    """Whether a command with this key was executed, whatever its body."""
    return _stored.first(key.actor, key.verb, key.key) is not None


def forget_old_commands() -> int:
    """Delete results older than seven days; returns how many."""
    return int(CommandResult.delete().where(CommandResult.at < clock.now() - KEPT).execute())
