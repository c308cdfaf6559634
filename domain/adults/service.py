"""Doubts whether a member is of age, and how they end (年龄存疑与核验).

An open doubt holds the member's liquor orders: they are neither paid nor shipped.
``docs/algorithms/adults.md`` has the states.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain import audit, members, settings
from domain.adults import notices, statements
from domain.adults.rules import (
    CALLS_A_DAY,
    PROOFS,
    AdultChecks,
    Cause,
    EndedHow,
    Person,
    Result,
    Verdict,
    checked_person,
    is_minor,
    next_state,
)
from domain.notices import notify, notify_owner
from kernel import clock, context, typed
from kernel.crypto import vault
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.store import insert_once, lock_row
from models import AgeDoubt, AgeTry

_NUMBER, _PERSON = "age.number", "age.person"


@dataclass(frozen=True)
class Try:
    """A try that was recorded; with ``verdict`` None the provider is to be asked."""

    id: int
    person: Person
    verdict: Result | None = None


def is_held(member_id: int) -> bool:
    """Whether a doubt holds the member's liquor orders."""
    return statements.open_doubt.first(member_id) is not None


def refuse_if_held(member_id: int) -> None:
    """Refuse to sell or ship liquor to a member whose age is in doubt. Raises Conflict."""
    if is_held(member_id):
        raise Conflict("age_unproven")


def doubt_by_staff(member_id: int, reason: str, order_no: str = "") -> int:
    """Staff doubt that a member is of age; returns the doubt's id (标记年龄存疑).

    ``reason`` is read by staff only. Raises Invalid('reason_missing'), NotFound,
    Conflict('age_doubted').
    """
    why = typed.words(reason, 200, "reason")
    if not why:
        raise Invalid("reason_missing", "reason")
    members.member_detail(member_id)
    doubt_id = _open(member_id, "staff", None, why, order_no)
    if doubt_id is None:
        raise Conflict("age_doubted")
    after = {"reason": why, "member_id": member_id} | ({"order_no": order_no} if order_no else {})
    audit.record("age.doubt", "age_doubt", doubt_id, after=after)
    return doubt_id


def doubt_what_was_told(member_id: int, cause: Cause) -> bool:
    """A member said that they are a minor, or gave a minor's number; True if a doubt is open.

    Who has proven their age before is not doubted for words.
    """
    if is_held(member_id):
        return True
    if _is_proven(member_id):
        return False
    actor = f"member:{member_id}"
    doubt_id = _open(member_id, cause, actor, "", "")
    if doubt_id is not None:
        audit.record("age.doubt", "age_doubt", doubt_id, after={"cause": cause}, actor=actor)
    return True


def begin_try(member_id: int, name: str, number: str) -> Try:
    """Record that a member tries to prove their age, before the provider is asked.

    A number of a minor ends the doubt at once. The same name and number that were refused before
    are refused again without a call. Raises Invalid, Conflict('age_not_doubted', 'age_decided'),
    LimitReached('age_tries').
    """
    doubt = _lock_open(member_id)
    if doubt.state != "waiting":
        raise Conflict("age_decided")
    person = checked_person(name, number)
    now = clock.now()
    _check_calls(member_id)
    if doubt.tries >= settings.get(AdultChecks).tries:
        raise LimitReached("age_tries")
    verdict = _known_verdict(doubt, person)
    made = AgeTry.create(
        doubt=doubt.id, member=member_id, result=verdict or "asked", at=now,
        number_hash=vault().blind(_NUMBER, person.number), person_hash=_hash(person),
    )  # fmt: skip
    AgeDoubt.update(tries=AgeDoubt.tries + 1).where(AgeDoubt.id == doubt.id).execute()
    if verdict is not None:
        _after_refusal(doubt, verdict)
    return Try(int(made.id), person, verdict)


def end_try(try_id: int, verdict: Verdict) -> Result:
    """Record what the register said, and what follows from it."""
    row = AgeTry.get_by_id(try_id)
    doubt = lock_row(AgeDoubt, row.doubt_id)
    asked = (AgeTry.id == try_id) & (AgeTry.result == "asked")
    if AgeTry.update(result=verdict).where(asked).execute() != 1:
        return AgeTry.get_by_id(try_id).result  # type: ignore[no-any-return]
    assert doubt is not None  # doubts are never deleted
    if verdict == "match":
        if doubt.state == "waiting":
            _prove(doubt, "checked", f"member:{doubt.member_id}", "")
    else:
        _after_refusal(doubt, verdict)
    return verdict


def give_try_back(try_id: int, fault: str) -> None:
    """Record that the provider did not answer; the try does not count for the member."""
    asked = (AgeTry.id == try_id) & (AgeTry.result == "asked")
    values = {"result": "unanswered", "fault": fault[:40]}
    if AgeTry.update(**values).where(asked).execute() == 1:
        doubt_id = AgeTry.get_by_id(try_id).doubt_id
        counted = (AgeDoubt.id == doubt_id) & (AgeDoubt.tries > 0)
        AgeDoubt.update(tries=AgeDoubt.tries - 1).where(counted).execute()


def clear_by_hand(doubt_id: int, ground: str) -> None:
    """Staff saw a document: the member is of age (人工核验通过). Raises Invalid, Conflict."""
    doubt, why = _to_decide(doubt_id, ground)
    _prove(doubt, "shown", None, why)
    audit.record("age.clear", "age_doubt", doubt_id, after={"ground": why})


def refuse_by_hand(doubt_id: int, ground: str) -> None:
    """Staff refuse to sell liquor to the member (确认不卖). Raises Invalid, Conflict."""
    doubt, why = _to_decide(doubt_id, ground)
    _refuse(doubt, "staff", None, why)
    audit.record("age.refuse", "age_doubt", doubt_id, after={"ground": why})


def refuse_if_due(doubt_id: int) -> bool:
    """Refuse a doubt whose time is over; False if it is not due (逾期未核验)."""
    doubt = _locked(doubt_id)
    if doubt.state != "waiting" or doubt.due_at > clock.now():
        return False
    _refuse(doubt, "late", "system", "")
    return True


def _open(
    member_id: int, cause: Cause, actor: str | None, reason: str, order_no: str
) -> int | None:
    """Open a doubt unless one is open; returns its id."""
    now = clock.now()
    due_at = now + timedelta(days=settings.get(AdultChecks).days)
    values = {
        "member": member_id, "open_for": member_id, "cause": cause, "reason": reason,
        "order_no": order_no or None, "raised_by": actor or context.actor.get(), "raised_at": now,
        "due_at": due_at,
    }  # fmt: skip
    if not insert_once(AgeDoubt, **values):
        return None
    row = statements.open_doubt.first(member_id)
    notify(member_id, notices.AgeDoubted(order_no=order_no, until=due_at))
    return int(row.id)


def _known_verdict(doubt: Any, person: Person) -> Result | None:
    """The verdict that needs no call: a minor's number, or what was refused in this doubt."""
    if is_minor(person, clock.business_day(clock.now())):
        return "minor"
    same = (AgeTry.doubt == doubt.id) & (AgeTry.person_hash == _hash(person))
    refused = AgeTry.result.in_(("mismatch", "unknown", "unreadable"))
    row = AgeTry.select(AgeTry.result).where(same & refused).first()
    return None if row is None else row.result


def _after_refusal(doubt: Any, verdict: Result) -> None:
    """End the doubt after a minor's number, or after the last try."""
    now = AgeDoubt.get_by_id(doubt.id)
    if now.state != "waiting":
        return
    if verdict == "minor":
        _refuse(now, "minor", f"member:{doubt.member_id}", "")
    elif now.tries >= settings.get(AdultChecks).tries:
        _refuse(now, "tries", f"member:{doubt.member_id}", "")


def _prove(doubt: Any, how: EndedHow, actor: str | None, ground: str) -> None:
    _end(doubt, "prove", how, actor, ground)
    if how == "checked":
        audit.record_event("age.proven", "age_doubt", doubt.id, facts={"how": how})
    members.confirm_adult(doubt.member_id)
    notify(doubt.member_id, notices.AgeProven(order_no=doubt.order_no or ""))


def _refuse(doubt: Any, how: EndedHow, actor: str | None, ground: str) -> None:
    _end(doubt, "refuse", how, actor, ground)
    notify(doubt.member_id, notices.AgeRefused(order_no=doubt.order_no or ""))
    if how != "staff":
        audit.record_event("age.refused", "age_doubt", doubt.id, facts={"how": how})
        notify_owner(notices.AgeUnproven(doubt_id=doubt.id))


def _end(doubt: Any, event: str, how: EndedHow, actor: str | None, ground: str) -> None:
    """Change the state; a refused doubt goes on to hold the member's orders."""
    state = next_state(doubt.state, event)
    values = {
        "state": state, "ended_how": how, "ground": ground or None,
        "ended_by": actor or context.actor.get(), "ended_at": clock.now(),
        "open_for": None if state == "cleared" else doubt.open_for,
    }  # fmt: skip
    same = (AgeDoubt.id == doubt.id) & (AgeDoubt.state == doubt.state)
    if AgeDoubt.update(**values).where(same).execute() != 1:
        raise Conflict("age_decided")


def _to_decide(doubt_id: int, ground: str) -> tuple[Any, str]:
    why = typed.words(ground, 200, "reason")
    if not why:
        raise Invalid("reason_missing", "reason")
    return _locked(doubt_id), why


def _locked(doubt_id: int) -> Any:
    row = lock_row(AgeDoubt, doubt_id)
    if row is None:
        raise NotFound("age_doubt_missing")
    return row


def _lock_open(member_id: int) -> Any:
    """The member's open doubt, locked. Raises Conflict('age_not_doubted')."""
    row = statements.open_doubt.first(member_id)
    if row is None:
        raise Conflict("age_not_doubted")
    return _locked(int(row.id))


def _is_proven(member_id: int) -> bool:
    proven = (AgeDoubt.state == "cleared") & AgeDoubt.ended_how.in_(PROOFS)
    return AgeDoubt.select().where((AgeDoubt.member == member_id) & proven).exists()


def _check_calls(member_id: int) -> None:
    since = clock.now() - timedelta(days=1)
    mine = (AgeTry.member == member_id) & (AgeTry.at > since)
    if AgeTry.select().where(mine).count() >= CALLS_A_DAY:
        raise LimitReached("age_calls")


def _hash(person: Person) -> str:
    name = re.sub(r"[\s·•・.'’-]", "", person.name)
    return vault().blind(_PERSON, f"{name}\n{person.number}")
