"""Setting up a one-time code during sign-in, by those who need one and have none (绑定动态码).

The secret is in a signed ticket, and is stored only after a code of it was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from domain import audit
from domain.notices import notify_owner
from domain.staff.notices import StaffEnrolled
from domain.staff.service import TOTP_STEP, _seal_totp, _uri
from kernel import clock
from kernel.crypto import vault
from kernel.errors import Invalid
from models import Staff

WITHIN = timedelta(minutes=10)
_PURPOSE = "totp-enrolment"


@dataclass(frozen=True)
class Enrolment:
    """What the set-up page shows: the login, and the address for the authenticator app."""

    login: str
    uri: str


def begin_enrolment(row: Staff) -> str:
    """A signed ticket with a new secret, after the right password; valid for ten minutes."""
    until = int((clock.now() + WITHIN).timestamp())
    return vault().sign(_PURPOSE, f"{row.id}:{until}:{pyotp.random_base32()}")


def enrolment_of(ticket: str) -> Enrolment:
    """What a ticket's page shows. Raises Invalid('sign_in_late')."""
    row, secret = _opened(ticket)
    return Enrolment(row.login, _uri(row.login, secret))


def keep_enrolment(ticket: str, code: str) -> int:
    """Store a ticket's secret after a code of it was given; returns the account's id.

    Raises Invalid('totp_bad'), Invalid('sign_in_late') also for an account that has a secret by
    now.
    """
    row, secret = _opened(ticket)
    step = clock.timestamp() // TOTP_STEP
    digits, totp = code.strip().replace(" ", ""), pyotp.TOTP(secret)
    near = (step, step - 1, step + 1)
    used = [s for s in near if pyotp.utils.strings_equal(digits, totp.at(s * TOTP_STEP))]
    if not used:
        raise Invalid("totp_bad", "code")
    changed = Staff.update(
        sealed_totp=_seal_totp(row.login, secret), totp_last_step=max(used)
    ).where((Staff.id == row.id) & Staff.sealed_totp.is_null())
    if changed.execute() != 1:
        raise Invalid("sign_in_late")
    audit.record("staff.enrol", "staff", row.id, actor=f"staff:{row.login}")
    notify_owner(StaffEnrolled(who=row.name))
    return int(row.id)


def _opened(ticket: str) -> tuple[Staff, str]:
    staff_id, until, secret = vault().verify(_PURPOSE, ticket).split(":")
    row = Staff.get_or_none(Staff.id == int(staff_id))
    is_open = row is not None and row.state == "active" and row.sealed_totp is None
    if row is None or not is_open or clock.timestamp() > int(until):
        raise Invalid("sign_in_late")
    return row, secret
