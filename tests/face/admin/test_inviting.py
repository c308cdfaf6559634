"""推荐邀请 at the desk: the merchant's switches, and what came of the invitations."""

from __future__ import annotations

import pytest

from domain import invitations, settings
from domain.invitations import Invitations
from domain.invitations import wiring as invitations_wiring
from tests.face.desk import Desk, hire
from tests.factories.distribution import pass_time
from tests.factories.orders import received_order
from tests.harness.markup import count_of, values_of, words_of

FORM = "/admin/settings/invitations"
CARD = "#g-invitations"


@pytest.mark.row("A1", "A8")
async def test_the_figures_stand_on_the_list_of_distributors(desk: Desk) -> None:
    invitations_wiring.subscribe_all()
    people = [received_order().member_id for _ in range(3)]
    pass_time(days=7)
    assert invitations.invite_due() == (3, 3)
    invitations.refuse(people[0])
    invitations.pass_on(people[1])
    desk.sign_in("boss")
    _, page = await desk.get("/admin/distributors")
    assert "近 30 日邀请顾客 3 加入 0 · 转给朋友 1 · 拒绝 1" in words_of(page)


async def test_the_merchant_switches_it_off_and_chooses_the_days(desk: Desk) -> None:
    _, page = await desk.get("/admin/settings/distribution")
    assert values_of(page, f"{CARD} input[name=after_days]", "value") == ["7"]
    assert count_of(page, f"{CARD} input[name=is_on][checked]") == 1
    (version,) = values_of(page, f"{CARD} input[name=version]", "value")
    status, place = await desk.post(FORM, version=version, after_days="14")
    assert (status, place) == (303, f"/admin/settings/distribution{CARD}")
    settings.forget_cache()
    assert settings.get(Invitations) == Invitations(is_on=False, after_days=14)
    status, page = await desk.post(FORM, version="1", is_on="1", after_days="91")
    assert status == 422
    assert "应在 0天 到 90天 之间" in words_of(page, CARD)


async def test_service_may_not(desk: Desk) -> None:
    hire("service", "service")
    desk.sign_in("service")
    assert (await desk.post(FORM, version="0", is_on="1", after_days="1"))[0] == 403
