"""What distributors see of their customers: only of those who agreed, and what they noted (称呼).

A consent is given to one distributor; a new upline has to be agreed to anew. Without it a customer
is counted and not shown. See ADR 83.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import members
from domain.distribution import statements
from domain.distribution.rules.binding import BindingFacts
from domain.distribution.service.naming import public_names
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once
from kernel.text import clean_line, fits, too_long
from models import Binding, CustomerNote, Distributor

NOTE_LENGTH = 20
NOTE_ROOM = 64
SEALED_AS = "customer_note.sealed"


@dataclass(frozen=True)
class ShownTo:
    """A member's upline, and whether it may see the member; ``version`` is the binding's."""

    version: int
    name: str
    is_asked: bool
    agreed_at: datetime | None


def purpose_of(distributor_id: int) -> str:
    """The purpose of the consent to be shown to one distributor."""
    return f"names:{distributor_id}"


def shown_to(member_id: int) -> ShownTo | None:
    """Who may see the member; None without an upline."""
    row = statements.binding.first(member_id)
    if row is None or not BindingFacts(row.p1_id, row.expires_at).is_valid(clock.now()):
        return None
    upline = Distributor.get_or_none(Distributor.member == row.p1_id)
    if upline is None:
        return None
    agreed_at = members.consent_given_at(member_id, purpose_of(row.p1_id))
    name = public_names({row.p1_id: upline})[row.p1_id]
    return ShownTo(row.version, name, row.asked_at is not None, agreed_at)


def sees_names(distributor_id: int) -> bool:
    """Whether this person may see any customer: only while active as a distributor."""
    row = statements.distributor_state.first(distributor_id)
    return row is not None and row.state == "active"


def has_open_names_question(member_id: int) -> bool:
    """Whether the member has an upline and has not yet said what it may see."""
    return statements.open_question.first(member_id, clock.now()) is not None


def decide_names(member_id: int, version: int, is_agreed: bool, text_version: str) -> None:
    """Keep the member's answer: agree that the upline sees them, decline, or withdraw.

    ``version`` is that of the binding that was shown. Raises Conflict('binding_moved') if the
    upline is another one since, NotFound('no_upline').
    """
    row = statements.binding.first(member_id)
    if row is None or row.p1_id is None:
        raise NotFound("no_upline")
    if not statements.answer_names.run(row.id, version, clock.now()):
        raise Conflict("binding_moved")
    purpose = purpose_of(row.p1_id)
    if is_agreed:
        members.give_consent(member_id, purpose, text_version)
    else:
        members.withdraw_consent(member_id, purpose)
        _forget(CustomerNote.distributor == row.p1_id, CustomerNote.customer == member_id)


def note_customer(distributor_id: int, binding_id: int, text: str) -> None:
    """Note what a distributor calls a customer who agreed to be seen; '' removes it (备注名).

    Nobody else reads it. Raises Invalid('text_too_long'), NotFound('customer_missing').
    """
    name = clean_line(text)
    if not fits(name, NOTE_LENGTH, NOTE_ROOM):
        raise Invalid(too_long(name, NOTE_LENGTH), "note", limit=NOTE_LENGTH)
    row = Binding.get_or_none((Binding.id == binding_id) & (Binding.p1 == distributor_id))
    if row is None or not BindingFacts(row.p1_id, row.expires_at).is_valid(clock.now()):
        raise NotFound("customer_missing")
    customer_id, purpose = int(row.member_id), purpose_of(distributor_id)
    is_seen = members.consent_given_at(customer_id, purpose) is not None
    if not is_seen or not sees_names(distributor_id):
        raise NotFound("customer_missing")
    mine = (CustomerNote.distributor == distributor_id) & (CustomerNote.customer == customer_id)
    if not name:
        _forget(mine)
        return
    sealed, now = members.seal_for(customer_id, name, SEALED_AS), clock.now()
    same = {"distributor": distributor_id, "customer": customer_id}
    if not insert_once(CustomerNote, **same, sealed=sealed, at=now):
        CustomerNote.update(sealed=sealed, at=now).where(mine).execute()


def notes_of(distributor_id: int, customer_ids: list[int]) -> dict[int, str]:
    """What a distributor noted of these customers."""
    if not customer_ids:
        return {}
    rows = CustomerNote.select().where(
        (CustomerNote.distributor == distributor_id) & CustomerNote.customer.in_(customer_ids)
    )
    return {row.customer_id: note for row in rows if (note := _opened(row)) is not None}


def _opened(row: Any) -> str | None:
    """A noted name; None once the customer's data was erased."""
    try:
        return members.open_for(row.customer_id, row.sealed, SEALED_AS)
    except NotFound:
        return None


def forget_customer(customer_id: int, former_id: int | None) -> None:
    """End the consent to a former upline, and remove what was noted of the customer."""
    if former_id is not None:
        members.withdraw_consent(customer_id, purpose_of(former_id))
    _forget(CustomerNote.customer == customer_id)


def forget_notes_of(distributor_id: int) -> None:
    """Remove all that a distributor noted, who leaves."""
    _forget(CustomerNote.distributor == distributor_id)


def _forget(*conditions: Any) -> None:
    CustomerNote.delete().where(*conditions).execute()
