"""A leak from its discovery to its end: texts, people concerned, authority, notices, closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import audit, segments
from domain.leaks.rules import (
    AUTHORITY_WITHIN,
    CONTACT_MOST,
    LISTED_MOST,
    NOTE_MOST,
    OLDEST,
    PAGE,
    PEOPLE_WITHIN,
    PROOF_MOST,
    TEXT_LEAST,
    TEXT_MOST,
    WHO,
    Who,
    check_open,
)
from domain.outbox import enqueue
from kernel import clock, ids, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once, lock_row
from kernel.text import clean_text, number_of
from models import Leak, LeakPerson, Member

TEXTS = ("what", "cause", "harm", "measures", "advice")


@dataclass(frozen=True)
class LeakForm:
    """What leaked, why, the harm, what was done, what people can do, whom to ask, and since when.

    These are the contents that article 57 asks a notice to have.
    """

    what: str
    cause: str
    harm: str
    measures: str
    advice: str
    contact: str
    found_at: datetime | None = None


def open_leak(it: LeakForm, actor: str) -> int:
    """Record a leak; its clocks run from the discovery. Returns its id (登记泄露).

    Raises Invalid('leak_text_short', 'text_too_long', 'found_at_bad').
    """
    now = clock.now()
    found_at = it.found_at or now
    if not now - OLDEST <= found_at <= now:
        raise Invalid("found_at_bad", "found_at")
    number = ids.out_number("LK")
    row = Leak.create(
        leak_no=number, found_at=found_at, authority_due_at=found_at + AUTHORITY_WITHIN,
        people_due_at=found_at + PEOPLE_WITHIN, opened_by=actor[:64], opened_at=now, **_texts(it),
    )  # fmt: skip
    audit.record("leak.open", "leak", row.id, after={"leak_no": number}, actor=actor)
    return int(row.id)


def amend_leak(leak_id: int, it: LeakForm, edition: int, actor: str) -> None:
    """Change the texts while nobody was told of them.

    Raises Invalid, Conflict('leak_moved', 'leak_announced', 'leak_closed').
    """
    row = locked_leak(leak_id)
    if row.announced_at is not None:
        raise Conflict("leak_announced")
    if row.edition != edition:
        raise Conflict("leak_moved")
    Leak.update(edition=edition + 1, **_texts(it)).where(Leak.id == leak_id).execute()
    audit.record("leak.amend", "leak", leak_id, actor=actor)


def choose_people(leak_id: int, who: Who, numbers: str, days: int | None, actor: str) -> int:
    """Add the people concerned: a segment, or members by their numbers; nobody is added twice.

    Returns how many of a list were added; a segment is added page by page by the worker. Raises
    Invalid('leak_who_unknown', 'numbers_missing', 'too_many_rows', 'member_unknown').
    """
    row = locked_leak(leak_id)
    if who not in WHO:
        raise Invalid("leak_who_unknown", "who")
    added = 0
    if who == "listed":
        for member_id in _listed(numbers):
            added += insert_once(LeakPerson, leak=leak_id, member=member_id)
        _tell_more(row)
    else:
        enqueue(
            "leaks.expand", {"leak_id": leak_id, "who": who, "days": days, "after": 0},
            order_key=f"leak:{leak_id}",
        )  # fmt: skip
    audit.record("leak.people", "leak", leak_id, after={"who": who, "added": added}, actor=actor)
    return added


def add_page(leak_id: int, who: Who, days: int | None, after: int) -> int:
    """Add the next page of a segment and queue the one after it; returns how many were read."""
    row = locked_leak(leak_id)
    found = _page(who, days, after)
    for member_id in found:
        insert_once(LeakPerson, leak=leak_id, member=member_id)
    if found:
        enqueue(
            "leaks.expand", {"leak_id": leak_id, "who": who, "days": days, "after": found[-1]},
            order_key=f"leak:{leak_id}",
        )  # fmt: skip
    _tell_more(row)
    return len(found)


def announce(leak_id: int, edition: int, actor: str) -> None:
    """Begin to tell the people concerned (开始告知); their notices leave one by one.

    Raises Conflict('leak_moved', 'leak_announced', 'leak_nobody', 'leak_closed').
    """
    row = locked_leak(leak_id)
    if row.announced_at is not None:
        raise Conflict("leak_announced")
    if row.edition != edition:
        raise Conflict("leak_moved")
    if not LeakPerson.select().where(LeakPerson.leak == leak_id).exists():
        raise Conflict("leak_nobody")
    Leak.update(announced_at=clock.now(), untold_reason=None).where(Leak.id == leak_id).execute()
    enqueue("leaks.tell", {"leak_id": leak_id}, order_key=f"leak:{leak_id}")
    audit.record("leak.announce", "leak", leak_id, actor=actor)


def need_not_tell(leak_id: int, why: str, actor: str) -> None:
    """Record why the people need not be told: the measures leave no harm (不必告知个人).

    The authority may still ask for it. Raises Invalid('reason_missing'), Conflict.
    """
    row = locked_leak(leak_id)
    if row.announced_at is not None:
        raise Conflict("leak_announced")
    said = _words(why, "reason")
    Leak.update(untold_reason=said).where(Leak.id == leak_id).execute()
    audit.record("leak.untold", "leak", leak_id, after={"why": said}, actor=actor)


def tell_authority(leak_id: int, proof: str, actor: str) -> None:
    """Record that the authority was told, with the proof: number, office, person (已报告主管部门).

    Raises Invalid('reason_missing'), Conflict('authority_told', 'leak_closed').
    """
    row = locked_leak(leak_id)
    if row.authority_told_at is not None:
        raise Conflict("authority_told")
    said = _words(proof, "proof")
    Leak.update(authority_told_at=clock.now(), authority_proof=said).where(
        Leak.id == leak_id
    ).execute()
    audit.record("leak.authority", "leak", leak_id, after={"proof": said}, actor=actor)


def tell_again(leak_id: int, actor: str) -> int:
    """Try once more for those whom no message reached; returns how many. Raises Conflict."""
    row = locked_leak(leak_id)
    if row.announced_at is None:
        raise Conflict("people_untold")
    failed = (LeakPerson.leak == leak_id) & (LeakPerson.state == "not_reached")
    count = int(LeakPerson.update(state="waiting", fault=None).where(failed).execute())
    _tell_more(row)
    audit.record("leak.again", "leak", leak_id, after={"people": count}, actor=actor)
    return count


def told_by_hand(leak_id: int, person_id: int, note: str, actor: str) -> None:
    """Record how somebody whom no message reached was told: call, letter (另行告知).

    Raises NotFound('leak_missing'), Invalid('reason_missing'), Conflict('leak_person_told').
    """
    locked_leak(leak_id)
    said = typed.words(clean_text(note), NOTE_MOST, "note")
    if not said:
        raise Invalid("reason_missing", "note")
    here = (LeakPerson.id == person_id) & (LeakPerson.leak == leak_id)
    if LeakPerson.get_or_none(here) is None:
        raise NotFound("leak_missing")
    open_ = LeakPerson.state.in_(("not_reached", "unknown"))
    values: dict[str, Any] = {"state": "by_hand", "note": said, "told_at": clock.now()}
    if LeakPerson.update(**values).where(here & open_).execute() != 1:
        raise Conflict("leak_person_told")
    audit.record("leak.by_hand", "leak", leak_id, after={"person": person_id}, actor=actor)


def close_leak(leak_id: int, proof: str, actor: str) -> None:
    """Close a leak with evidence of what was done (结案).

    Raises Invalid('reason_missing'), Conflict('authority_untold', 'people_untold',
    'leak_sending', 'leak_closed').
    """
    row = locked_leak(leak_id)
    if row.authority_told_at is None:
        raise Conflict("authority_untold")
    if row.announced_at is None and not row.untold_reason:
        raise Conflict("people_untold")
    mine = LeakPerson.leak == leak_id
    under_way = LeakPerson.state.in_(("waiting", "sending"))
    if row.announced_at is not None and LeakPerson.select().where(mine & under_way).exists():
        raise Conflict("leak_sending")
    said = _words(proof, "proof")
    Leak.update(state="closed", proof=said, closed_by=actor[:64], closed_at=clock.now()).where(
        (Leak.id == leak_id) & (Leak.state == "open")
    ).execute()
    audit.record("leak.close", "leak", leak_id, after={"proof": said}, actor=actor)


def locked_leak(leak_id: int) -> Any:
    """An open leak's row, locked. Raises NotFound('leak_missing'), Conflict('leak_closed')."""
    row = lock_row(Leak, leak_id)
    if row is None:
        raise NotFound("leak_missing")
    check_open(row.state)
    return row


def read_by(leak_no: str, member_id: int) -> None:
    """The member opened the notice's page; the first time is kept."""
    row = Leak.get_or_none(Leak.leak_no == leak_no)
    if row is not None:
        LeakPerson.update(read_at=clock.now()).where(
            (LeakPerson.leak == row.id) & (LeakPerson.member == member_id)
            & LeakPerson.read_at.is_null()
        ).execute()  # fmt: skip


def _tell_more(row: Any) -> None:
    """People who are added after the announcement are told, too."""
    if row.announced_at is not None:
        enqueue("leaks.tell", {"leak_id": row.id}, order_key=f"leak:{row.id}")


def _page(who: Who, days: int | None, after: int) -> list[int]:
    """The next members of a segment by id; ``all`` has those without WeChat, too."""
    if who == "all":
        rows = Member.select(Member.id).where((Member.id > after) & (Member.state == "active"))
        return [row.id for row in rows.order_by(Member.id).limit(PAGE)]
    audience = {"kind": who} | ({"days": days} if days and who == "buyers" else {})
    return [each.member_id for each in segments.members_after(audience, after, PAGE)]


def _listed(numbers: str) -> list[int]:
    """Members by the numbers that were typed, in any order and separated by anything."""
    wanted = list(dict.fromkeys(number_of(word) for word in clean_text(numbers).split()))
    if not wanted:
        raise Invalid("numbers_missing", "numbers")
    if len(wanted) > LISTED_MOST:
        raise Invalid("too_many_rows", "numbers", limit=LISTED_MOST)
    known = {row.public_no: row.id for row in Member.select(Member.id, Member.public_no).where(
        Member.public_no.in_(wanted))}  # fmt: skip
    for number in wanted:
        if number not in known:
            raise Invalid("member_unknown", "numbers", number=number)
    return [known[number] for number in wanted]


def _texts(it: LeakForm) -> dict[str, str]:
    found = {}
    for name in TEXTS:
        said = clean_text(getattr(it, name))
        if len(said) < TEXT_LEAST:
            raise Invalid("leak_text_short", name)
        if len(said) > TEXT_MOST:
            raise Invalid("text_too_long", name, limit=TEXT_MOST)
        found[name] = said
    contact = typed.words(clean_text(it.contact), CONTACT_MOST, "contact")
    if not contact:
        raise Invalid("leak_text_short", "contact")
    return found | {"contact": contact}


def _words(text: str, name: str) -> str:
    said = typed.words(clean_text(text), PROOF_MOST, name)
    if not said:
        raise Invalid("reason_missing", name)
    return said
