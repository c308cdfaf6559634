"""图片审核 on the merchant's pages: a grid, decided in bulk by who may."""

from __future__ import annotations

import pytest

from domain import members, picture_reviews
from models import PictureReview
from tests.face.desk import Desk, hire, who_did
from tests.factories.catalog import make_picture
from tests.factories.members import make_member
from tests.harness.markup import count_of, texts_of, values_of

URL = "/admin/pictures"


@pytest.fixture
def people(db: object) -> list[int]:
    """Three members whose pictures wait."""
    found = [make_member(name) for name in ("小林", "小王", "小李")]
    for member, name in zip(found, "abc", strict=True):
        make_picture(name)
        members.submit_avatar(member, name * 64)
    return found


@pytest.mark.row("L3")
async def test_pictures_are_shown_or_refused_in_bulk(desk: Desk, people: list[int]) -> None:
    shown = (await desk.get(URL))[1]
    ids = values_of(shown, "[data-review] input[name=id]", "value")
    assert (len(ids), count_of(shown, ".shots img")) == (3, 3)
    await desk.post(f"{URL}/decide", id=ids[:2], decision="shown")
    assert await desk.said() == "已通过 2 张"
    await desk.post(f"{URL}/decide", id=ids[2:], decision="refused")
    assert PictureReview.get_by_id(int(ids[2])).state == "waiting"  # a ground is needed
    await desk.post(f"{URL}/decide", id=ids[2:], decision="refused", reason="画面里在喝酒")
    assert texts_of((await desk.get(f"{URL}?view=refused"))[1], ".shots .note") == ["画面里在喝酒"]
    assert sum(members.member_detail(each).avatar is not None for each in people) == 2
    assert who_did("picture.decide") == "staff:boss"
    assert "没有待审核的图片" in texts_of((await desk.get(URL))[1], ".empty h2")


@pytest.mark.row("L3")
async def test_who_may_not_decide_changes_nothing(desk: Desk, people: list[int]) -> None:
    (first, *_) = picture_reviews.list_reviews("waiting")
    hire("zhang", "service")
    desk.sign_in("zhang")
    status, _ = await desk.post(f"{URL}/decide", id=str(first.id), decision="shown")
    assert (status, (await desk.get(URL))[0]) == (403, 403)
    assert picture_reviews.count_waiting() == 3
