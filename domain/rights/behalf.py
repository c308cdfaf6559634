"""Requests that staff record for a person who phoned, wrote or came (客服代提).

The clock starts on the day when the person asked. How the identity was checked is kept. The member
is notified, so that a request in a stranger's name is noticed and taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from domain import audit, legal, members
from domain.notices import notify, notify_owner
from domain.outbox import enqueue
from domain.rights.notices import RequestCame, RequestMadeForYou
from domain.rights.obstacles import standing_against
from domain.rights.rules import MOST_TEXT, WRITTEN, RequestKind, checked_kind, due_after
from domain.rights.service import insert_request
from kernel import clock, typed
from kernel.errors import Conflict, Invalid
from kernel.text import clean_text
from models import Member

Channel = Literal["phone", "letter", "email", "counter"]
Check = Literal["code", "document", "facts", "signature"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
CHECKS: tuple[Check, ...] = get_args(Check)
"""A code that was read back, a document that was seen, facts that only the person knows, a
signature that was compared."""

FITTING: dict[str, tuple[Check, ...]] = {
    "phone": ("code", "facts"),
    "letter": ("signature", "code", "facts"),
    "email": ("code", "facts", "signature"),
    "counter": ("document", "code"),
}
"""How an identity can be checked on each way: nobody shows a document on the phone."""

NOTE_MOST = 200
OLDEST = timedelta(days=90)


@dataclass(frozen=True)
class Behalf:
    """What staff record: who asks for what, how it came, how the identity was checked."""

    kind: str
    text: str
    channel: str
    checked: str
    note: str
    asked_on: date | None = None
    gives_up: bool = False


def open_on_behalf(member_id: int, it: Behalf, actor: str) -> str:
    """Open a request for a person; returns its number.

    A deletion is also recorded if something stands against it: it then waits until that is done.
    Raises NotFound, Invalid('request_empty', 'text_too_long', 'identity_unchecked',
    'check_unfit', 'check_note_missing', 'asked_on_bad'), Conflict('request_open', 'member_gone').
    """
    kind, said = _checked(it)
    members.member_detail(member_id)
    if Member.get_by_id(member_id).state == "erased":
        raise Conflict("member_gone")
    note, asked_at = typed.words(it.note, NOTE_MOST, "note"), _asked_at(it.asked_on)
    values: dict[str, Any] = {
        "text": said, "asked_channel": it.channel, "checked_how": it.checked,
        "checked_note": note, "asked_at": asked_at, "owner": actor[:64],
        "due_at": due_after(asked_at, legal.times().request_days),
    }  # fmt: skip
    if kind == "deletion":
        standing = standing_against(member_id, gives_up=it.gives_up)
        days = timedelta(days=members.rights_times().cooling_days)
        values |= {
            "state": "cooling", "gives_up": it.gives_up, "ends_at": clock.now() + days,
            "stopped_by": [each.code for each in standing] or None,
        }  # fmt: skip
    number = insert_request(member_id, kind, "staff", **values)
    audit.record(
        "request.behalf", "request", number, actor=actor,
        after={"kind": kind, "channel": it.channel, "checked": it.checked},
    )  # fmt: skip
    if kind == "access":
        enqueue("rights.file", {"request_no": number}, order_key=f"rights:{member_id}")
    if kind in WRITTEN:
        notify_owner(RequestCame(request_no=number, kind=kind))
    notify(member_id, RequestMadeForYou(request_no=number, kind=kind))
    return number


def _checked(it: Behalf) -> tuple[RequestKind, str]:
    kind, said = checked_kind(it.kind), clean_text(it.text)
    if it.channel not in CHANNELS:
        raise Invalid("request_kind_unknown", "channel")
    if it.checked not in CHECKS:
        raise Invalid("identity_unchecked", "checked")
    if it.checked not in FITTING[it.channel]:
        raise Invalid("check_unfit", "checked")
    if not it.note.strip():
        raise Invalid("check_note_missing", "note")
    if not said:
        raise Invalid("behalf_empty", "text")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "text", limit=MOST_TEXT)
    return kind, said


def _asked_at(day: date | None) -> datetime:
    """The instant from which the clock runs: the day when the person asked, today by default."""
    now = clock.now()
    today = clock.business_day(now)
    if day is None or day == today:
        return now
    if day > today or day < today - OLDEST:
        raise Invalid("asked_on_bad", "asked_on", days=OLDEST.days)
    return clock.day_start(day)
