"""Members: one per openid, sealed addresses, sessions, sign-in states, handovers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import members
from domain.members import AddressForm, MemberFollowed, sessions
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.events import subscribe
from models import Address, Member, WebSession, WechatIdentity

APPID = "wx-test"
FORM = AddressForm("林小雨", "138 0013 8000", "四川省", "泸州市", "江阳区", "酒城大道 1 号 😀")


def test_an_openid_is_one_member_and_case_matters(db: Any) -> None:
    first, is_new = members.ensure_member(APPID, "oAbC")
    again, is_new_again = members.ensure_member(APPID, "oAbC")
    other, _ = members.ensure_member(APPID, "oabc")
    assert (is_new, is_new_again) == (True, False)
    assert first == again != other
    assert Member.select().count() == 2


def test_following_publishes_the_scene_and_opens_the_window_for_a_minute(db: Any) -> None:
    heard: list[MemberFollowed] = []
    subscribe(MemberFollowed, heard.append)
    member_id, _ = members.follow(APPID, "oA", "ref:XYZ")
    assert heard == [MemberFollowed(member_id, "oA", "ref:XYZ", True)]
    found = members.identity(member_id)
    assert found is not None
    assert found.last_message_at is None
    assert found.has_window(clock.now() + timedelta(seconds=59))
    assert not found.has_window(clock.now() + timedelta(seconds=61))


def test_a_message_opens_the_window_for_48_hours_and_a_scan_does_not_shorten_it(db: Any) -> None:
    member_id, _ = members.follow(APPID, "oA")
    members.record_message(APPID, "oA")
    members.follow(APPID, "oA", "ref:XYZ")
    found = members.identity(member_id)
    assert found is not None
    assert found.has_window(clock.now() + timedelta(hours=47, minutes=59))
    assert not found.has_window(clock.now() + timedelta(hours=48, seconds=1))


def test_a_scan_by_a_silent_follower_opens_the_window_for_a_minute(db: Any) -> None:
    member_id, _ = members.follow(APPID, "oA")
    clock.set_offset(timedelta(days=9))
    members.follow(APPID, "oA", "ref:XYZ")
    found = members.identity(member_id)
    assert found is not None
    assert found.has_window(clock.now() + timedelta(seconds=59))
    assert not found.has_window(clock.now() + timedelta(seconds=61))


def test_unfollowing_keeps_the_member_and_closes_the_window(db: Any) -> None:
    member_id, _ = members.follow(APPID, "oA")
    members.unfollow(APPID, "oA")
    found = members.identity(member_id)
    assert found is not None
    assert not found.is_following
    assert not found.has_window(clock.now())


def test_an_address_is_sealed_masked_and_read_by_its_owner_only(db: Any) -> None:
    mine, _ = members.ensure_member(APPID, "oA")
    other, _ = members.ensure_member(APPID, "oB")
    address_id = members.save_address(mine, FORM)
    row = Address.get_by_id(address_id)
    assert "酒城大道" not in row.sealed
    assert row.masked == "林** 138****8000 四川省泸州市江阳区***"
    assert members.address_of(mine, address_id).form.phone == "13800138000"
    with pytest.raises(NotFound):
        members.address_of(other, address_id)
    with pytest.raises(NotFound):
        members.save_address(other, FORM, address_id=address_id)
    with pytest.raises(NotFound):
        members.delete_address(other, address_id)
    assert len(members.list_addresses(mine)) == 1


def test_erasing_the_key_erases_the_text(db: Any) -> None:
    mine, _ = members.ensure_member(APPID, "oA")
    address_id = members.save_address(mine, FORM)
    Member.update(wrapped_key=None).execute()
    with pytest.raises(NotFound):
        members.address_of(mine, address_id)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "12345", "phone_bad"),
        ("name", " \x00 ", "address_missing"),
        ("detail", "长" * 101, "text_too_long"),
    ],
)
def test_a_bad_address_names_its_field(db: Any, field: str, value: str, code: str) -> None:
    mine, _ = members.ensure_member(APPID, "oA")
    form = AddressForm(**{**FORM.__dict__, field: value})
    with pytest.raises(Invalid) as caught:
        members.save_address(mine, form)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert Address.select().count() == 0


def test_a_state_is_used_once_and_only_by_its_browser(db: Any) -> None:
    mine = sessions.open_session("cookie-a", "visitor-a")
    other = sessions.open_session("cookie-b", "visitor-b")
    state = sessions.begin_oauth(mine, "/m/me", "snsapi_base")
    with pytest.raises(NotFound):
        sessions.use_state(other, state)
    assert sessions.use_state(mine, state).is_usable
    assert not sessions.use_state(mine, state).is_usable
    again = sessions.begin_oauth(mine, "/m/me", "snsapi_base", earlier=state)
    with pytest.raises(Conflict):
        sessions.begin_oauth(mine, "/m/me", "snsapi_base", earlier=again)


def test_signing_in_changes_the_cookie(db: Any) -> None:
    session_id = sessions.open_session("planted", "v")
    member_id, _ = members.ensure_member(APPID, "oA")
    fresh = sessions.renew_session(session_id, member_id)
    assert sessions.find_session("planted") is None
    found = sessions.find_session(fresh)
    assert found is not None
    assert found.member_id == member_id
    clock.set_offset(timedelta(days=31))
    assert sessions.find_session(fresh) is None


def test_a_browser_with_an_expired_session_gets_it_again_signed_out(db: Any) -> None:
    """The row of the ended session was kept before, and the next sign-in page was an error."""
    session_id = sessions.open_session("planted", "v")
    member_id, _ = members.ensure_member(APPID, "oA")
    kept = sessions.renew_session(session_id, member_id)
    clock.set_offset(timedelta(days=sessions.SESSION_DAYS, minutes=1))
    assert sessions.find_session(kept) is None
    assert sessions.open_session(kept, "v2") == session_id
    found = sessions.find_session(kept)
    assert found is not None
    assert (found.member_id, found.visitor) == (None, "v2")
    sessions.begin_oauth(found.id, "/m/me", "snsapi_base")


def test_a_handover_is_used_by_one_member_only(db: Any) -> None:
    session_id = sessions.open_session("outside", "v")
    a, _ = members.ensure_member(APPID, "oA")
    b, _ = members.ensure_member(APPID, "oB")
    code = sessions.begin_handover(session_id, "/m/checkout")
    assert sessions.use_handover(code, a) == (session_id, "/m/checkout")
    assert sessions.use_handover(code, a) == (session_id, "/m/checkout")
    with pytest.raises(NotFound):
        sessions.use_handover(code, b)


def test_one_stop_word_ends_promotions(db: Any) -> None:
    mine, _ = members.ensure_member(APPID, "oA")
    assert not members.member_detail(mine).wants_promotions
    members.agree_to_promotions(mine)
    assert members.member_detail(mine).wants_promotions
    members.stop_promotions(mine)
    assert not members.member_detail(mine).wants_promotions


def test_an_identity_belongs_to_its_account(db: Any) -> None:
    members.ensure_member(APPID, "oA", "union")
    members.ensure_member("wx-other", "oA")
    assert WechatIdentity.select().count() == 2
    assert members.member_by_openid("wx-none", "oA") is None


def test_expired_sessions_and_states_are_deleted(db: Any) -> None:
    old = sessions.open_session("cookie-old", "v")
    sessions.begin_oauth(old, "/m/", "snsapi_base")
    sessions.begin_handover(old, "/m/cart")
    clock.set_offset(timedelta(days=sessions.SESSION_DAYS + 8))
    live = sessions.open_session("cookie-live", "v")
    sessions.begin_oauth(live, "/m/", "snsapi_base")
    assert sessions.delete_old_sessions() == 3
    assert [row.id for row in WebSession.select()] == [live]
    assert sessions.delete_old_sessions() == 0
