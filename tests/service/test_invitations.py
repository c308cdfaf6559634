"""A happy buyer is invited once, and an answer is final (ADR 92)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import aftersales, distribution, invitations, legal, members, push, settings
from domain.aftersales import CaseForm
from domain.invitations import InvitationFigures, Invitations
from domain.invitations.wiring import invite_all
from domain.notices import MEMBER
from domain.orders.service import receive_if_due
from domain.outbox import Postpone
from domain.push.audience import people_of
from kernel import clock
from kernel.errors import Conflict, Refused, Retryable, Unknown
from models import Distributor, Invitation, Member, OutboxRow, WechatIdentity
from tests.factories.distribution import make_distributor, pass_time
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger, Words
from tests.factories.orders import Bought, received_order, shipped_order
from tests.soak import examples

KEY = "invited_to_recommend"


@pytest.fixture(autouse=True)
def _wired(db: Any) -> None:
    settings.forget_cache()
    subscribe_all()
    legal.keep_first_versions()


def invite_after(days: float = 7) -> int:
    """Let days pass, and the daily job run; how many it invited."""
    pass_time(days=days)
    return invitations.invite_due()[1]


def sent_to(member_id: int) -> list[dict[str, Any]]:
    """The notices that invited a member."""
    rows = [row.payload for row in OutboxRow.select().where(OutboxRow.kind == MEMBER)]
    return [row for row in rows if row["purpose"] == KEY and row["member_id"] == member_id]


def claim(bought: Bought) -> None:
    """The buyer opens a case about the whole first line."""
    (line_id, *_) = bought.line_ids
    form = CaseForm(bought.member_id, bought.order_no, "refund_only", ((line_id, 1),), "quality")
    aftersales.request_case(form)


def invited_member() -> int:
    """A buyer with an open invitation."""
    member_id = received_order().member_id
    assert invite_after() == 1
    return member_id


def test_who_kept_what_they_confirmed_to_have_is_invited_once() -> None:
    bought = received_order()
    assert invite_after(6) == 0
    assert invitations.open_invitation(bought.member_id) is None
    assert invite_after(1) == 1
    found = invitations.open_invitation(bought.member_id)
    assert found is not None
    assert (found.order_no, found.product_id) == (bought.order_no, bought.product.product_id)
    assert sent_to(bought.member_id)[0]["facts"] == {"order_id": bought.order_id}
    received_order(bought.member_id)
    assert invite_after(8) == 0
    assert len(sent_to(bought.member_id)) == 1


def test_a_receipt_that_nobody_confirmed_invites_nobody() -> None:
    bought = shipped_order()
    pass_time(days=settings.get(settings.Trade).receive_within_days + 1)
    assert receive_if_due(bought.order_id)
    assert Invitation.select().count() == 0


def test_after_a_case_a_later_receipt_may_invite() -> None:
    bought = received_order()
    claim(bought)
    assert invite_after() == 0
    assert Invitation.select().count() == 0
    received_order(bought.member_id)
    assert invite_after() == 1


def test_days_and_switch_are_the_merchants() -> None:
    settings.change(Invitations, {"after_days": 2})
    received_order()
    assert invite_after(2) == 1
    received_order()
    settings.change(Invitations, {"is_on": False})
    assert invite_after() == 0
    received_order()
    assert Invitation.select().count() == 2
    settings.change(Invitations, {"is_on": True})
    assert invite_after(20) == 1
    settings.change(Invitations, {"is_on": False})
    invited = [row.member_id for row in Invitation.select()]
    assert [invitations.open_invitation(each) for each in invited] == [None, None]


def test_who_is_due_for_too_long_is_not_invited_any_more() -> None:
    received_order()
    assert invite_after(38) == 0
    assert Invitation.select().count() == 0


@pytest.mark.parametrize("levels", [0, 2, 3])
def test_with_another_number_of_paid_levels_nobody_is_recruited(levels: int) -> None:
    member_id = invited_member()
    distribution.sign_levels(levels, "林小山", "已阅读法律意见，愿意承担相应责任。" * 2, "staff:1")
    assert invitations.open_invitation(member_id) is None
    received_order()
    assert invite_after() == 0


def test_where_distributors_are_appointed_nobody_is_invited() -> None:
    settings.change(settings.Distribution, {"admission": "appointed"})
    received_order()
    assert (invite_after(), Invitation.select().count()) == (0, 0)


@pytest.mark.parametrize("state", ["applied", "active", "left", "suspended", "rejected"])
def test_who_ever_applied_is_not_invited(state: str) -> None:
    seller = make_distributor()
    Distributor.update(state=state).execute()
    received_order(seller)
    assert invite_after() == 0


def test_who_objected_to_being_chosen_or_is_not_of_age_is_not_invited() -> None:
    one, two, young = make_member(), make_member(), make_member()
    for each in (one, two, young):
        received_order(each)
    legal.decide_purpose(one, members.NO_PROFILING, is_on=False)
    Member.update(adult_confirmed_at=None).where(Member.id == young).execute()
    assert invite_after() == 1
    assert invitations.open_invitation(two) is not None
    legal.decide_purpose(two, members.NO_PROFILING, is_on=False)
    assert invitations.open_invitation(two) is None


def test_a_refusal_is_kept_also_before_the_invitation() -> None:
    before, after = make_member(), invited_member()
    invitations.refuse(before)
    invitations.refuse(after)
    received_order(before)
    received_order(after)
    assert invite_after() == 0
    assert [invitations.open_invitation(each) for each in (before, after)] == [None, None]
    assert invitations.has_refused(before)
    assert invitations.invitation_figures(30) == InvitationFigures(1, 0, 0, 1)


def test_who_joins_has_accepted_and_cannot_refuse_any_more() -> None:
    member_id = invited_member()
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    invitations.refuse(member_id)
    assert invitations.open_invitation(member_id) is None
    assert not invitations.has_refused(member_id)
    assert invitations.invitation_figures(30) == InvitationFigures(1, 1, 0, 0)


def test_who_joins_after_a_refusal_has_not_accepted() -> None:
    member_id = invited_member()
    invitations.refuse(member_id)
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    assert invitations.invitation_figures(30) == InvitationFigures(1, 0, 0, 1)


def test_who_passes_the_goods_on_may_still_join_and_gets_nothing_for_it() -> None:
    member_id = invited_member()
    invitations.pass_on(member_id)
    assert invitations.open_invitation(member_id) is not None
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    assert invitations.invitation_figures(30) == InvitationFigures(1, 1, 1, 0)
    for stranger in (member_id, make_member()):
        with pytest.raises(Conflict, match="invitation_over"):
            invitations.pass_on(stranger)


def test_an_invitation_is_shown_for_thirty_days() -> None:
    member_id = invited_member()
    pass_time(days=29)
    assert invitations.open_invitation(member_id) is not None
    pass_time(days=1)
    assert invitations.open_invitation(member_id) is None
    assert invitations.invitation_figures(365).invited == 1


async def test_the_job_takes_all_that_is_due(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.invitations.wiring.BATCH", 2)
    for _ in range(5):
        received_order()
    pass_time(days=7)
    assert await invite_all(store) == {"invited": 5}
    assert await invite_all(store) == {"invited": 0}


# --- the notice


async def tell(
    store: Any, member_id: int, fault: Exception | None = None
) -> tuple[str, FakeMessenger]:
    """Send the member's invitation as the worker does."""
    (payload,) = sent_to(member_id)
    messenger = FakeMessenger()
    messenger.faults["*"] = [fault] if fault is not None else []
    words: Any = Words()
    return await push.send_notice(store, messenger, words, payload, "n1"), messenger  # type: ignore[arg-type]


def write_now(member_id: int) -> None:
    """The member writes to the account by day, which opens the window."""
    hours = (34 - clock.now().astimezone(clock.SHANGHAI).hour) % 24
    pass_time(hours=hours)
    openid = WechatIdentity.get(WechatIdentity.member == member_id).openid
    members.follow(APPID, openid)
    members.record_message(APPID, openid)


async def test_the_notice_needs_agreement_window_and_room_of_the_week(store: Any) -> None:
    member_id = invited_member()
    write_now(member_id)
    assert (await tell(store, member_id))[0] == "unreachable"
    members.agree_to_promotions(member_id)
    outcome, messenger = await tell(store, member_id)
    assert (outcome, len(messenger.texts), messenger.templates) == ("window", 1, [])
    settings.change(settings.PushRules, {"weekly_cap": 0})
    assert (await tell(store, member_id))[0] == "unreachable"
    settings.change(settings.PushRules, {"weekly_cap": 2})
    pass_time(days=2)
    assert (await tell(store, member_id))[0] == "no_way"
    members.stop_promotions(member_id)
    assert (await tell(store, member_id))[0] == "unreachable"


async def test_a_sent_invitation_counts_in_the_weekly_cap(store: Any) -> None:
    """It needed room in the week but took none: a campaign made one message more than the cap."""
    member_id = invited_member()
    write_now(member_id)
    members.agree_to_promotions(member_id)
    settings.change(settings.PushRules, {"weekly_cap": 1})
    assert (await tell(store, member_id))[0] == "window"
    assert sent_this_week(member_id) == 1
    assert (await tell(store, member_id))[0] == "unreachable"
    pass_time(days=7, minutes=1)
    assert sent_this_week(member_id) == 0


async def test_an_invitation_that_did_not_leave_takes_no_room(store: Any) -> None:
    member_id = invited_member()
    write_now(member_id)
    members.agree_to_promotions(member_id)
    pass_time(days=2)
    assert (await tell(store, member_id))[0] == "no_way"
    write_now(member_id)
    assert (await tell(store, member_id, Refused("45015", "closed")))[0] == "no_way"
    with pytest.raises(Retryable):
        await tell(store, member_id, Retryable("busy", "later"))
    assert sent_this_week(member_id) == 0
    assert (await tell(store, member_id, Unknown("timeout", "perhaps")))[0] == "unknown"
    assert sent_this_week(member_id) == 1


def sent_this_week(member_id: int) -> int:
    """How many promotions count against the member's cap."""
    return people_of([member_id], is_promotion=True)[member_id].sent_this_week


async def test_at_night_it_waits_and_after_an_answer_it_is_not_sent(store: Any) -> None:
    member_id = invited_member()
    members.agree_to_promotions(member_id)
    write_now(member_id)
    pass_time(hours=13)
    with pytest.raises(Postpone):
        await tell(store, member_id)
    invitations.refuse(member_id)
    outcome, messenger = await tell(store, member_id)
    assert (outcome, messenger.texts) == ("unreachable", [])


# --- whatever happens


@pytest.mark.parametrize("seed", range(examples(8)))
def test_nobody_is_invited_twice_or_after_a_refusal(seed: int) -> None:
    chance = random.Random(seed)
    people = [make_member() for _ in range(3)]
    bought: list[Bought] = []
    told: dict[int, int] = {}

    def settle_day() -> None:
        refused = [each for each in people if invitations.has_refused(each)]
        pass_time(days=chance.choice((1, 3, 7, 20)))
        for _ in range(chance.randint(1, 2)):
            invitations.invite_due(limit=chance.choice((1, 200)))
        for each in people:
            now = len(sent_to(each))
            assert now == told.get(each, 0) or each not in refused
            told[each] = now

    def buy() -> None:
        bought.append(received_order(chance.choice(people)))

    def complain() -> None:
        fresh = [
            each for each in bought if each.row.state == "received" and not each.row.open_cases
        ]
        if fresh:
            claim(bought.pop(bought.index(chance.choice(fresh))))

    def switch() -> None:
        settings.change(Invitations, {"is_on": chance.random() < 0.7})

    def join() -> None:
        if distribution.distributor(one := chance.choice(people)) is None:
            distribution.apply_as_distributor(one, "小林推荐", "individual", "1")

    def refuse() -> None:
        invitations.refuse(chance.choice(people))

    acts = (buy, buy, buy, settle_day, settle_day, complain, switch, join, refuse)
    for _ in range(25):
        chance.choice(acts)()
        assert all(len(sent_to(each)) <= 1 for each in people)
    rows = {row.member_id: row for row in Invitation.select()}
    for each in people:
        is_invited = each in rows and rows[each].sent_at is not None
        assert len(sent_to(each)) == is_invited
