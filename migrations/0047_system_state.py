"""What machines remember leaves the merchant's settings, values and all (系统状态)."""

from __future__ import annotations

import json
from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Model, TextField

from kernel.migrate import create_tables

MOVED = ("hold", "book_check", "clocks_apart", "installation")
STOPS = {"brakes": "payouts_stop", "refund_brakes": "refunds_stop"}


class SystemState(Model):
    id = BigAutoField()
    key = CharField(max_length=48, unique=True)
    value = TextField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "system_state"


class SystemLock(Model):
    id = BigAutoField()
    name = CharField(max_length=48, unique=True)

    class Meta:
        table_name = "system_lock"


class Setting(Model):
    id = BigAutoField()
    key = CharField(max_length=48)
    value = TextField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "setting"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it carries over what is still there."""
    create_tables(db, [SystemState, SystemLock])
    with db.bind_ctx([SystemState, Setting], bind_refs=False, bind_backrefs=False):
        for row in Setting.select().where(Setting.key.in_(MOVED)):
            _keep(row.key, row.value, row.updated_at)
            Setting.delete().where(Setting.id == row.id).execute()
        for row in Setting.select().where(Setting.key.in_(list(STOPS))):
            chosen = json.loads(row.value)
            is_stopped, why = chosen.pop("is_stopped", False), chosen.pop("stopped_why", "")
            stop = {"is_stopped": is_stopped, "why": why}
            _keep(STOPS[row.key], _text(stop), row.updated_at)
            Setting.update(value=_text(chosen)).where(Setting.id == row.id).execute()


def _keep(key: str, value: str, updated_at: int) -> None:
    if not SystemState.select().where(SystemState.key == key).exists():
        SystemState.insert(key=key, value=value, updated_at=updated_at).execute()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
