"""The merchant's people and their sessions."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, ref, state, word


class Staff(Table):
    """A person who runs the shop (员工)."""

    login = word(40, unique=True)
    name = word(30)
    password_hash = word(200)
    sealed_totp = TextField(null=True)
    totp_last_step = IntegerField(default=0)  # a code works once
    roles = JsonField()  # owner, operator, finance, service
    state = state("active")  # active, disabled
    failures = IntegerField(default=0)
    locked_until = UtcField(null=True)
    created_at = UtcField()


class StaffSession(Table):
    """A staff member's browser (员工会话)."""

    token_hash = word(64, unique=True)
    staff = ref(Staff)
    ip = word(45)
    user_agent = word(200)
    confirmed_at = UtcField(null=True)  # when TOTP was last asked and right
    flash = JsonField(null=True)
    created_at = UtcField()
    seen_at = UtcField()
    expires_at = UtcField(index=True)
