"""Requests of people about their own data: opened, taken back, claimed, answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import audit, legal, members
from domain.notices import notify, notify_owner
from domain.outbox import enqueue
from domain.rights.notices import DeletionBegins, DeletionStopped, RequestAnswered, RequestCame
from domain.rights.obstacles import standing_against
from domain.rights.rules import (
    MOST_TEXT,
    OPEN,
    WRITTEN,
    CameBy,
    Outcome,
    RequestKind,
    Stop,
    checked_kind,
    due_after,
    next_state,
)
from kernel import clock, ids
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once, lock_row
from kernel.text import clean_text
from models import RightsRequest

LAST_NOTICE = timedelta(minutes=10)
"""Between the last notice and the deletion: the notice is sent while there is a way."""


def open_request(member_id: int, kind: str, text: str, came_by: CameBy = "mall") -> str:
    """Open a request that staff answer: correction or objection; returns its number.

    Raises Invalid('request_empty', 'text_too_long'), Conflict('request_open').
    """
    known, said = checked_kind(kind), clean_text(text)
    if known not in WRITTEN:
        raise Invalid("request_kind_unknown", "kind")
    if not said:
        raise Invalid("request_empty", "text")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "text", limit=MOST_TEXT)
    number = _insert(member_id, known, came_by, text=said)
    notify_owner(RequestCame(request_no=number, kind=known))
    return number


def request_file(member_id: int, came_by: CameBy = "mall") -> str:
    """Ask for a file of one's own data; the worker makes it. Returns the request's number.

    While one is being made the same request stands.
    """
    made = RightsRequest.get_or_none(RightsRequest.open_key == _open_key(member_id, "access"))
    if made is not None:
        return str(made.request_no)
    number = _insert(member_id, "access", came_by)
    enqueue("rights.file", {"request_no": number}, order_key=f"rights:{member_id}")
    return number


def request_deletion(member_id: int, *, gives_up: bool, came_by: CameBy = "mall") -> str:
    """Ask to be deleted; returns the request's number. It waits for the cooling-off period.

    ``gives_up`` is the person's explicit choice to give up commission that is not paid out.
    Raises Conflict('deletion_stopped', stop=…), Conflict('request_open').
    """
    standing = standing_against(member_id, gives_up=gives_up)
    if standing:
        raise Conflict("deletion_stopped", stop=standing[0].code)
    ends_at = clock.now() + timedelta(days=members.rights_times().cooling_days)
    return _insert(
        member_id, "deletion", came_by, state="cooling", gives_up=gives_up, ends_at=ends_at
    )


def take_back(request_no: str, member_id: int) -> None:
    """The member takes an open request back (撤回). Raises NotFound, Conflict('state_moved')."""
    row = request_of_member(request_no, member_id)
    _close(row, "take_back")
    audit.record("request.take_back", "request", request_no, actor=f"member:{member_id}")


def claim_request(request_no: str, actor: str) -> None:
    """Make a staff member the request's owner (认领)."""
    row = locked_request(request_no)
    if row.state not in OPEN:
        raise Conflict("state_moved", state=row.state)
    RightsRequest.update(owner=actor[:64]).where(RightsRequest.id == row.id).execute()
    audit.record("request.claim", "request", request_no, before=row.owner, after=actor,
                 actor=actor)  # fmt: skip


def answer_request(request_no: str, outcome: Outcome, answer: str, actor: str) -> None:
    """Answer a correction or objection; the member is notified (答复).

    Raises Invalid('request_empty', 'text_too_long'), Conflict('request_not_written').
    """
    row, said = locked_request(request_no), clean_text(answer)
    if row.kind not in WRITTEN:
        raise Conflict("request_not_written")
    if not said:
        raise Invalid("request_empty", "answer")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "answer", limit=MOST_TEXT)
    _close(row, f"answer_{outcome}", answer=said, answered_by=actor[:64],
           owner=row.owner or actor[:64])  # fmt: skip
    audit.record("request.answer", "request", request_no, actor=actor,
                 after={"outcome": outcome, "length": len(said)})  # fmt: skip
    notify(row.member_id, RequestAnswered(request_no=request_no, kind=row.kind, outcome=outcome))


def record_file(request_no: str, file: str, size: int) -> bool:
    """A member's file is whole; the member is notified. False if nobody waits for it."""
    row = locked_request(request_no)
    if row.state != "open":
        return False
    until = clock.now() + timedelta(days=members.rights_times().file_days)
    _close(row, "carry_out", file=file, bytes=size, file_until_at=until)
    told = RequestAnswered(request_no=request_no, kind="access", outcome="done")
    notify(row.member_id, told)
    return True


def forget_files(limit: int = 200) -> list[str]:
    """Files past their day; answers their names, and the requests forget them."""
    past = RightsRequest.file.is_null(False) & (RightsRequest.file_until_at <= clock.now())
    rows = list(RightsRequest.select().where(past).limit(limit))
    for row in rows:
        RightsRequest.update(file=None).where(RightsRequest.id == row.id).execute()
    return [str(row.file) for row in rows]


def announce_deletions(limit: int = 50) -> int:
    """Send the last notice of deletions whose cooling-off period is over; returns how many.

    Those against which something stands wait, and their members are told once per obstacle.
    """
    now, told = clock.now(), 0
    over = (RightsRequest.state == "cooling") & (RightsRequest.ends_at <= now)
    for row in RightsRequest.select().where(over & RightsRequest.told_at.is_null()).limit(limit):
        standing = standing_against(row.member_id, gives_up=row.gives_up)
        if standing:
            stop_deletion(row.request_no, standing[0].code)
            continue
        RightsRequest.update(told_at=now, stopped_by=None).where(
            (RightsRequest.id == row.id) & (RightsRequest.state == "cooling")
        ).execute()
        notify(row.member_id, DeletionBegins(request_no=row.request_no))
        told += 1
    return told


def stop_deletion(request_no: str, stop: Stop) -> None:
    """Something stands against a deletion that is due: it is tried again in a day."""
    row = locked_request(request_no)
    again = clock.now() + timedelta(days=1)
    RightsRequest.update(ends_at=again, told_at=None, stopped_by=[stop]).where(
        RightsRequest.id == row.id
    ).execute()
    if row.stopped_by != [stop]:
        notify(row.member_id, DeletionStopped(request_no=request_no, stop=stop))


def due_deletions(limit: int = 20) -> list[tuple[str, int]]:
    """Announced deletions that may be carried out now: the request's number and the member."""
    told = RightsRequest.told_at <= clock.now() - LAST_NOTICE
    ready = RightsRequest.select().where((RightsRequest.state == "cooling") & told)
    rows = ready.order_by(RightsRequest.id).limit(limit)
    return [(str(row.request_no), int(row.member_id)) for row in rows]


def close_deletion(request_no: str) -> None:
    """A deletion was carried out."""
    _close(locked_request(request_no), "carry_out")


def locked_request(request_no: str) -> Any:
    """A request's row, locked. Raises NotFound('request_missing')."""
    row = RightsRequest.get_or_none(RightsRequest.request_no == request_no)
    found = None if row is None else lock_row(RightsRequest, row.id)
    if found is None:
        raise NotFound("request_missing")
    return found


def request_of_member(request_no: str, member_id: int) -> Any:
    """A member's own request, locked. Raises NotFound('request_missing')."""
    row = locked_request(request_no)
    if row.member_id != member_id:
        raise NotFound("request_missing")
    return row


def insert_request(member_id: int, kind: RequestKind, came_by: CameBy, **values: Any) -> str:
    """Write a new request; returns its number. Raises Conflict('request_open')."""
    now, number = clock.now(), ids.out_number("RQ")
    defaults = {"text": "", "due_at": due_after(now, legal.times().request_days)}
    is_new = insert_once(
        RightsRequest, request_no=number, member=member_id, kind=kind, came_by=came_by,
        open_key=_open_key(member_id, kind), created_at=now, **(defaults | values),
    )  # fmt: skip
    if not is_new:
        raise Conflict("request_open")
    return number


def _insert(member_id: int, kind: RequestKind, came_by: CameBy, **values: Any) -> str:
    number = insert_request(member_id, kind, came_by, **values)
    audit.record("request.open", "request", number, after={"kind": kind},
                 actor=f"member:{member_id}")  # fmt: skip
    return number


def _close(row: Any, event: str, **values: Any) -> None:
    state = next_state(row.state, event)
    RightsRequest.update(
        state=state, open_key=None, closed_at=clock.now(), **values
    ).where(RightsRequest.id == row.id).execute()  # fmt: skip


def _open_key(member_id: int, kind: RequestKind) -> str:
    return f"{member_id}:{kind}"
