"""Pictures that people add: nobody else sees one before somebody approved it."""

from __future__ import annotations

from typing import Any

import pytest

from domain import audit, members, picture_reviews
from domain.picture_reviews import Kind
from kernel import context
from kernel.errors import Conflict, Invalid, NotFound
from models import OutboxRow, PictureReview
from tests.factories.members import make_member

A, B = "a" * 64, "b" * 64


@pytest.fixture(autouse=True)
def _staff() -> Any:
    with context.acting("staff:lisa"):
        yield


def _avatar(member: int) -> str | None:
    return members.member_detail(member).avatar


def _waiting() -> list[int]:
    return [each.id for each in picture_reviews.list_reviews("waiting")]


def _told() -> list[str]:
    rows = OutboxRow.select().where(OutboxRow.kind == "notify.member").order_by(OutboxRow.id)
    return [row.payload["purpose"] for row in rows]


def test_a_picture_is_shown_after_it_was_approved(db: Any) -> None:
    member = make_member()
    assert members.submit_avatar(member, A) == "waiting"
    assert _avatar(member) is None
    review = members.avatar_review(member)
    assert review is not None
    assert (review.picture, review.state) == (A, "waiting")
    assert picture_reviews.decide(_waiting(), "shown") == 1
    assert _avatar(member) == A
    assert members.avatar_review(member) is None
    assert _told() == ["picture_shown"]
    assert [line.action for line in audit.timeline("picture", review.id)] == ["picture.decide"]


def test_a_refused_picture_is_told_with_its_ground_and_stays_refused(db: Any) -> None:
    member = make_member()
    members.submit_avatar(member, A)
    (review,) = _waiting()
    with pytest.raises(Invalid):
        picture_reviews.decide([review], "refused")
    picture_reviews.decide([review], "refused", "画面里在喝酒")
    assert _avatar(member) is None
    with pytest.raises(Conflict) as again:
        members.submit_avatar(member, A)
    assert again.value.facts["reason"] == "画面里在喝酒"
    assert _told() == ["picture_refused"]


def test_the_old_picture_stays_until_the_new_one_is_approved(db: Any) -> None:
    member = make_member()
    members.submit_avatar(member, A)
    picture_reviews.decide(_waiting(), "shown")
    members.submit_avatar(member, B)
    assert _avatar(member) == A
    members.submit_avatar(member, "c" * 64)  # replaces the one that waits
    (last,) = _waiting()
    picture_reviews.decide([last], "shown")
    assert _avatar(member) == "c" * 64
    assert members.submit_avatar(member, A) == "shown"  # approved before
    assert _avatar(member) == A


def test_a_shown_picture_can_be_taken_down(db: Any) -> None:
    member, other = make_member(), make_member()
    members.submit_avatar(member, A)
    members.submit_avatar(other, A)
    ids = _waiting()
    assert picture_reviews.decide(ids, "shown") == 2
    mine = next(x.id for x in picture_reviews.list_reviews("shown") if x.member_id == member)
    assert picture_reviews.decide([mine], "refused", "别人的照片") == 1
    assert (_avatar(member), _avatar(other)) == (None, A)


def test_two_people_decide_once(db: Any) -> None:
    members.submit_avatar(make_member(), A)
    ids = _waiting()
    assert picture_reviews.decide(ids, "shown") == 1
    assert picture_reviews.decide(ids, "shown") == 0
    assert _told() == ["picture_shown"]
    with pytest.raises(NotFound):
        picture_reviews.decide([10**9], "shown")
    with pytest.raises(Invalid):
        picture_reviews.decide([], "shown")


def test_a_withdrawn_consent_ends_the_review(db: Any) -> None:
    member = make_member()
    members.submit_avatar(member, A)
    (review,) = _waiting()
    members.forget_profile(member)
    assert _waiting() == []
    assert picture_reviews.decide([review], "shown") == 0
    assert _avatar(member) is None
    assert members.submit_avatar(member, A) == "waiting"  # by a new consent


def test_a_later_door_gets_the_review_by_its_kind(db: Any) -> None:
    """A kind with many pictures an owner: none replaces another."""
    shown: list[tuple[int, str]] = []
    hidden: list[tuple[int, str]] = []
    kind = Kind(
        "test_kind", lambda owner, pic: shown.append((owner, pic)),
        lambda owner, pic: hidden.append((owner, pic)), is_one=False,
    )  # fmt: skip
    picture_reviews.register_kind(kind)
    for picture in (A, B):
        assert picture_reviews.submit(kind, 5, 1, picture) == "waiting"
    assert shown == []
    picture_reviews.decide(_waiting(), "shown")
    assert sorted(shown) == [(5, A), (5, B)]
    picture_reviews.decide([PictureReview.get().id], "refused", "二维码")
    assert len(hidden) == 1
