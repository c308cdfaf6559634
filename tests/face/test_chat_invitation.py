"""推荐邀请 in the chat: why somebody is invited, the end of it, and the notice itself."""

from __future__ import annotations

import pytest

from bot.notices import ChatNotices
from bot.speech import Speech
from domain import distribution, invitations, members
from domain.distribution import wiring as distribution_wiring
from domain.invitations import wiring as invitations_wiring
from domain.invitations.notices import InvitedToRecommend
from domain.notices import resolve_notice
from kernel.web.templates import Renderer
from tests.face.chat import LOGIN, Chat
from tests.factories.distribution import pass_time
from tests.factories.orders import Bought, received_order


@pytest.fixture
def bought(me: int, wired: None) -> Bought:
    """The order for which the person who chats is invited."""
    distribution_wiring.subscribe_all()
    invitations_wiring.subscribe_all()
    members.confirm_adult(me)
    made = received_order(me)
    pass_time(days=7)
    assert invitations.invite_due() == (1, 1)
    return made


@pytest.mark.row("A1")
@pytest.mark.parametrize("asked", ["推荐邀请", "为什么邀请我"])
async def test_who_is_invited_learns_why_and_how_to_end_it(
    chat: Chat, bought: Bought, asked: str
) -> None:
    answer = await chat.say(asked)
    assert answer.text.startswith("您买过“")
    assert "转发商品页没有奖励" in answer.text
    assert answer.commands == ["推广怎么得佣金", "不再邀请"]
    assert answer.pages[0].startswith(f"{LOGIN}/m/d/")


async def test_a_refusal_is_kept_and_promotions_stay(chat: Chat, me: int, bought: Bought) -> None:
    members.agree_to_promotions(me)
    assert (await chat.say("不再邀请")).commands == ["退订", "商品", "订单"]
    assert invitations.has_refused(me)
    assert members.member_detail(me).wants_promotions
    assert (await chat.say("推荐邀请")).text.startswith("您说过不再邀请")


async def test_who_is_not_invited_may_refuse_beforehand(chat: Chat, me: int) -> None:
    assert (await chat.say("推荐邀请")).text.startswith("现在没有给您的邀请")
    await chat.say("不再邀请")
    assert invitations.has_refused(me)


async def test_a_distributor_has_none(chat: Chat, seller: int) -> None:
    assert distribution.is_active(seller)
    assert (await chat.say("推荐邀请")).text.startswith("您已经申请过分销")


def test_the_notice_has_its_order_and_the_way_to_end_it(chat: Chat, bought: Bought) -> None:
    config = chat.config
    words = ChatNotices(Speech(Renderer(config), config.public_url))
    said = resolve_notice(InvitedToRecommend(order_id=bought.order_id))
    assert bought.order_no in words.text(said)
    assert "不再邀请" in words.text(said)
    assert f"/m/orders/{bought.order_no}" in words.url(said)
