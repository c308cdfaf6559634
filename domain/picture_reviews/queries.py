"""Pictures under review, for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.picture_reviews.service import Kind
from models import PictureReview


@dataclass(frozen=True)
class ReviewView:
    """A picture with what was decided about it."""

    id: int
    kind: str
    member_id: int
    picture: str
    state: str
    ground: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None


def list_reviews(state: str, before_id: int | None = None, limit: int = 60) -> list[ReviewView]:
    """Pictures in a state, the latest first."""
    query = PictureReview.select().where(PictureReview.state == state)
    if before_id is not None:
        query = query.where(PictureReview.id < before_id)
    return [_view(row) for row in query.order_by(PictureReview.id.desc()).limit(limit)]


def latest_review(kind: Kind, owner_id: int) -> ReviewView | None:
    """The latest picture of an owner that waits or was refused, or None."""
    mine = (PictureReview.kind == kind.name) & (PictureReview.owner_id == owner_id)
    known = mine & PictureReview.state.in_(("waiting", "shown", "refused"))
    row = PictureReview.select().where(known).order_by(PictureReview.asked_at.desc()).first()
    return None if row is None or row.state == "shown" else _view(row)


def count_waiting() -> int:
    """How many pictures wait for a review."""
    return int(PictureReview.select().where(PictureReview.state == "waiting").count())


def _view(row: Any) -> ReviewView:
    return ReviewView(
        row.id, row.kind, row.member_id, row.picture, row.state, row.ground or "", row.asked_at,
        row.decided_by or "", row.decided_at,
    )  # fmt: skip
