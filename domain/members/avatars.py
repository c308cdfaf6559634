"""The picture of a member (头像): reviewed before anybody else sees it."""

from __future__ import annotations

from domain import picture_reviews
from domain.picture_reviews import Kind, ReviewView
from models import Member


def _show(member_id: int, picture: str) -> None:
    Member.update(avatar=picture).where(Member.id == member_id).execute()


def _hide(member_id: int, picture: str) -> None:
    same = (Member.id == member_id) & (Member.avatar == picture)
    Member.update(avatar=None).where(same).execute()


AVATAR = picture_reviews.register_kind(Kind("avatar", _show, _hide))


def submit_avatar(member_id: int, picture: str) -> str:
    """Take the picture of a member; returns its state. Raises Conflict('picture_refused')."""
    return picture_reviews.submit(AVATAR, member_id, member_id, picture)


def avatar_review(member_id: int) -> ReviewView | None:
    """The member's latest picture if it waits or was refused, for their own pages."""
    return picture_reviews.latest_review(AVATAR, member_id)
