"""免确认收款 in the chat: its state, its meaning, and the page to change it."""

from __future__ import annotations

from domain import payouts, settings
from domain.payments.ports import GrantResult, GrantState
from domain.payouts import grants
from tests.face.chat import Chat
from tests.factories.distribution import ID_NUMBER, ready_for_payouts
from tests.factories.transfers import TERMS

LOGIN_PAGE = "/m/d/withdraw"


async def test_the_answer_has_the_state_and_the_page_to_change_it(chat: Chat, seller: int) -> None:
    off = await chat.say("免确认")
    assert "未开启" in off.text
    assert [page.endswith(LOGIN_PAGE) for page in off.pages] == [True]
    payouts.save_identity(seller, "林小山", ID_NUMBER)
    ready_for_payouts()
    grants.make_grant(seller, TERMS)
    made = payouts.grant_of(seller)
    assert made is not None
    number = made.out_authorization_no
    payouts.receive_grant(GrantResult(GrantState.TAKING_EFFECT, number, authorization_id="A1"))
    shown = await chat.say("免确认收款")
    assert "已开启：单笔 ¥200.00 以内" in shown.text
    assert "付出后不能撤回" in shown.text


async def test_a_shop_that_does_not_offer_it_says_so(chat: Chat, seller: int) -> None:
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    assert "目前不支持免确认收款" in (await chat.say("免确认")).text


async def test_a_member_who_is_no_distributor_is_told_how_to_become_one(
    chat: Chat, me: int
) -> None:
    assert "免确认收款" not in (await chat.say("免确认")).text
