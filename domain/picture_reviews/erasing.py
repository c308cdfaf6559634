"""What becomes of the pictures that a deleted member added."""

from __future__ import annotations

from kernel.erasure import Drop, Personal, Traces
from models import PictureReview


def traces_of(member_id: int) -> Traces:
    """Every picture that the member ever submitted, refused ones too."""
    rows = PictureReview.select(PictureReview.picture).where(PictureReview.member_id == member_id)
    pictures = tuple(row.picture for row in rows)
    return Traces(marks=pictures, pictures=pictures)


PERSONAL = Personal(
    "picture_reviews",
    rows=(Drop(PictureReview, lambda who: PictureReview.member_id == who.member_id),),
    traces=traces_of,
)
