"""What becomes of a deleted member's requests: number, kind and instants stay as proof."""

from __future__ import annotations

from kernel.erasure import Blank, Kept, Personal, Traces
from models import RightsRequest


def traces_of(member_id: int) -> Traces:
    """The numbers of the member's requests, and the files that were made."""
    rows = list(RightsRequest.select().where(RightsRequest.member == member_id))
    return Traces(
        subjects=tuple(("request", row.request_no) for row in rows),
        exports=tuple(row.file for row in rows if row.file),
    )


PERSONAL = Personal(
    "rights",
    rows=(
        Blank(RightsRequest, lambda who: RightsRequest.member == who.member_id,
              {"text": "", "answer": None, "file": None, "checked_note": None}),
    ),
    kept=(
        Kept(RightsRequest, (
            "request_no", "kind", "state", "open_key", "came_by", "owner", "answered_by",
            "stopped_by", "asked_channel", "checked_how", "asked_at",
        ), "proof"),
    ),
    traces=traces_of,
)  # fmt: skip
