"""Pictures that people add, reviewed before others see them (图片审核)."""

from domain.picture_reviews.erasing import PERSONAL
from domain.picture_reviews.queries import ReviewView, count_waiting, latest_review, list_reviews
from domain.picture_reviews.service import (
    AT_ONCE,
    Decision,
    Kind,
    decide,
    register_kind,
    submit,
    withdraw,
)

__all__ = [
    "AT_ONCE", "PERSONAL", "Decision", "Kind", "ReviewView", "count_waiting", "decide",
    "latest_review", "list_reviews", "register_kind", "submit", "withdraw",
]  # fmt: skip
