"""Reads of requests, for their members and the merchant."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import audit, members
from domain.rights.rules import OPEN
from domain.rights.views import RequestView
from kernel import clock
from kernel.errors import NotFound
from kernel.personal import mask_numbers
from models import RightsRequest

VIEWS = {"open": OPEN, "done": ("done",), "refused": ("refused",), "withdrawn": ("withdrawn",)}


def list_requests(
    view: str = "", before: int | None = None, limit: int = 50, *, kind: str = "", number: str = ""
) -> list[RequestView]:
    """Requests for the merchant, newest first; ``number`` is searched in all views."""
    chosen: Any = RightsRequest.id > 0
    if number:
        chosen = RightsRequest.request_no == number
    elif view in VIEWS:
        chosen = RightsRequest.state.in_(VIEWS[view])
    elif view == "overdue":
        chosen = RightsRequest.state.in_(OPEN) & (RightsRequest.due_at < clock.now())
    if kind:
        chosen &= RightsRequest.kind == kind
    return _views(chosen, before, limit)


def list_requests_of_member(member_id: int, limit: int = 20) -> list[RequestView]:
    """A member's requests, newest first."""
    return _views(RightsRequest.member == member_id, None, limit, is_own=True)


def request_detail(request_no: str, member_id: int | None = None) -> RequestView:
    """One request, for its member or the merchant. Raises NotFound('request_missing')."""
    chosen = RightsRequest.request_no == request_no
    if member_id is not None:
        chosen &= RightsRequest.member == member_id
    found = _views(chosen, None, 1, is_own=member_id is not None)
    if not found:
        raise NotFound("request_missing")
    return found[0]


def reveal_request(request_no: str) -> str:
    """What a member wrote with the phones in it; each call is recorded (查看原文)."""
    found = request_detail(request_no)
    row = RightsRequest.get(RightsRequest.id == found.id)
    audit.record("request.text_seen", "request", request_no)
    return str(row.text)


def open_deletion(member_id: int) -> RequestView | None:
    """The member's deletion that waits, or None."""
    found = _views(RightsRequest.open_key == f"{member_id}:deletion", None, 1)
    return found[0] if found else None


def file_of(request_no: str, member_id: int) -> str:
    """The private name of a member's own file.

    Raises NotFound('file_gone') for another's, for one that is not made, and past its day.
    """
    row = RightsRequest.get_or_none(
        (RightsRequest.request_no == request_no) & (RightsRequest.member == member_id)
    )
    if row is None or not row.file or row.file_until_at <= clock.now():
        raise NotFound("file_gone")
    return str(row.file)


def request_counts() -> dict[str, int]:
    """How many requests are open, and how many of them are overdue."""
    return {view: int(_count(view)) for view in ("open", "overdue")}


def _count(view: str) -> Any:
    chosen = RightsRequest.state.in_(OPEN)
    if view == "overdue":
        chosen &= RightsRequest.due_at < clock.now()
    return RightsRequest.select(fn.COUNT(RightsRequest.id)).where(chosen).scalar()


def _views(
    chosen: Any, before: int | None, limit: int, *, is_own: bool = False
) -> list[RequestView]:
    """The chosen requests, newest first; only who wrote a text reads the phones in it."""
    query = RightsRequest.select().where(chosen)
    if before is not None:
        query = query.where(RightsRequest.id < before)
    rows = list(query.order_by(RightsRequest.id.desc()).limit(limit))
    people = members.member_views(row.member_id for row in rows)
    now = clock.now()
    return [
        RequestView(
            row.id, row.request_no, row.member_id, people[row.member_id].masked_name, row.kind,
            row.state, row.came_by, row.text if is_own else mask_numbers(row.text), row.gives_up,
            row.owner, row.answer, row.created_at, row.due_at,
            row.state in OPEN and row.due_at < now, row.ends_at, tuple(row.stopped_by or ()),
            row.closed_at, bool(row.file) and row.file_until_at > now, row.bytes,
            row.file_until_at, row.asked_channel, row.checked_how, row.checked_note, row.asked_at,
        )
        for row in rows
    ]  # fmt: skip
