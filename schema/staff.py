"""The merchant's people and their sessions."""

from __future__ import annotations

from peewee import BooleanField, IntegerField, TextField

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
    failures = IntegerField(default=0)  # no longer used: see SecretTry
    locked_until = UtcField(null=True)  # no longer used
    created_at = UtcField()


class StaffDevice(Table):
    """A browser in which somebody once signed in completely (登录过的设备).

    It lets nobody in; it only keeps the tries of strangers apart from its own.
    """

    token_hash = word(64)
    staff = ref(Staff)
    ip = word(45)
    user_agent = word(200)
    created_at = UtcField()
    seen_at = UtcField()

    class Meta:
        indexes = ((("token_hash", "staff"), True),)


class SecretTry(Table):
    """How often a secret was tried (试错计数), at one door, for one login, from one place.

    A row is the only place where a try is counted; it is counted before it is checked.
    """

    key = word(64, unique=True)  # digest of door, login and place
    login_hash = word(64)  # also of logins that do not exist
    staff = ref(Staff, null=True)
    is_wide = BooleanField(default=False)  # counts all places together
    # in this order: MySQL sets columns one after the other, and each sees those before it
    tries = IntegerField(default=0)
    since_at = UtcField()
    last_at = UtcField()
    checking_until = UtcField(null=True)  # by the system's clock: one is being checked

    class Meta:
        indexes = ((("login_hash",), False), (("last_at",), False))


class StaffSession(Table):
    """A staff member's browser (员工会话)."""

    token_hash = word(64, unique=True)
    staff = ref(Staff)
    device = ref(StaffDevice, null=True)
    ip = word(45)
    user_agent = word(200)
    confirmed_at = UtcField(null=True)  # when TOTP was last asked and right
    flash = JsonField(null=True)
    created_at = UtcField()
    seen_at = UtcField()
    expires_at = UtcField(index=True)
