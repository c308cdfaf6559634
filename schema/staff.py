"""Staff members, their devices and sessions."""

from __future__ import annotations

from peewee import BooleanField, IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, ref, state, word


class Staff(Table):
    """A staff member (员工)."""

    login = word(40, unique=True)
    name = word(30)
    password_hash = word(200)
    sealed_totp = TextField(null=True)
    totp_last_step = IntegerField(default=0)  # so that a code works only once
    roles = JsonField()  # owner, operator, finance, service, clerk
    state = state("active")  # active, disabled
    failures = IntegerField(default=0)  # no longer used: see SecretTry
    locked_until = UtcField(null=True)  # no longer used
    created_at = UtcField()


class StaffDevice(Table):
    """A browser in which a staff member has completed a sign-in (登录过的设备).

    It grants no access. Its sign-in tries are counted apart from those of unknown browsers
    (docs/adr/0043-tries-by-place.md).
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
    """How often a secret was tried (试错计数) at one form, for one login, from one place.

    Tries are counted only here, and before the secret is checked.
    """

    key = word(64, unique=True)  # digest of form, login and place
    login_hash = word(64)  # also of logins that do not exist
    staff = ref(Staff, null=True)
    is_wide = BooleanField(default=False)  # counts all places together
    # the order matters: MySQL assigns columns one by one, and each sees the new values before it
    tries = IntegerField(default=0)
    since_at = UtcField()
    last_at = UtcField()
    checking_until = UtcField(null=True)  # system time; until then a try is being checked

    class Meta:
        indexes = ((("login_hash",), False), (("last_at",), False))


class StaffSession(Table):
    """A staff member's session in a browser (员工会话)."""

    token_hash = word(64, unique=True)
    staff = ref(Staff)
    device = ref(StaffDevice, null=True)
    ip = word(45)
    user_agent = word(200)
    confirmed_at = UtcField(null=True)  # when a one-time code was last confirmed
    flash = JsonField(null=True)
    created_at = UtcField()
    seen_at = UtcField()
    expires_at = UtcField(index=True)
