"""Large type (大字版) is remembered: for a member in every browser, for a guest by a cookie."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from domain.members import sessions
from kernel.ids import token
from models import Member, WebSession
from tests.face.shoppers import COOKIE, Shopper, visitor
from tests.harness.markup import count_of, values_of

LARGE = "html[data-care]"


async def turn(shopper: Shopper, care: str) -> str:
    """Tap the switch; returns the value of the cookie that the answer sets."""
    done = await shopper.post("/m/care", care=care, next="/m/")
    assert (done.status, done.location) == (303, "/m/")
    set_by = SimpleCookie("; ".join(done.headers.getall("Set-Cookie")))
    return set_by["fm_care"].value


@pytest.mark.row("D3")
async def test_a_guest_keeps_large_type_without_a_session(mall: TestClient[Any, Any]) -> None:
    """Each guest who wanted large type was given a session row, and lost it with the session."""
    guest = visitor(mall)
    assert count_of((await guest.get("/m/")).text, LARGE) == 0
    assert await turn(guest, "1") == "1"
    kept = await guest.get("/m/", Cookie=f"{COOKIE}={guest.cookie}; fm_care=1")
    assert count_of(kept.text, LARGE) == 1
    assert await turn(guest, "0") == "0"
    assert WebSession.select().count() == 0


@pytest.mark.row("D3")
async def test_a_member_has_large_type_in_every_browser(lin: Shopper) -> None:
    assert lin.member_id is not None
    other = sessions.renew_session(sessions.open_session(token(), "v2"), lin.member_id)
    await turn(lin, "1")
    for cookie in (lin.cookie, other):
        assert count_of((await Shopper(lin.client, cookie).get("/m/")).text, LARGE) == 1
    later = sessions.renew_session(sessions.open_session(token(), "v3"), lin.member_id)
    assert count_of((await Shopper(lin.client, later).get("/m/me")).text, LARGE) == 1
    await turn(Shopper(lin.client, other), "0")
    assert count_of((await lin.get("/m/")).text, LARGE) == 0


async def test_a_members_choice_is_stronger_than_the_cookie_of_a_browser(lin: Shopper) -> None:
    """Otherwise a shared browser would change the size for whoever signs in there."""
    await turn(lin, "0")
    seen = await lin.get("/m/", Cookie=f"{COOKIE}={lin.cookie}; fm_care=1")
    assert count_of(seen.text, LARGE) == 0


def test_a_guests_choice_becomes_that_of_a_member_who_never_chose(lin: Shopper) -> None:
    assert lin.member_id is not None
    assert Member.get_by_id(lin.member_id).is_care_mode is None
    opened = sessions.open_session(token(), "v2")
    cookie = sessions.renew_session(opened, lin.member_id, is_care_mode=True)
    found = sessions.find_session(cookie)
    assert found is not None
    assert found.is_care_mode
    assert Member.get_by_id(lin.member_id).is_care_mode
    sessions.set_care_mode(lin.member_id, False)
    again = sessions.renew_session(opened, lin.member_id, is_care_mode=True)
    chosen = sessions.find_session(again)
    assert chosen is not None
    assert not chosen.is_care_mode


async def test_the_switch_stands_at_the_top_of_home_and_among_ones_settings(lin: Shopper) -> None:
    """It was only in the footer, below everything that could not be read."""
    for path in ("/m/", "/m/me"):
        text = (await lin.get(path)).text
        switches = values_of(text, "main form[data-care-form] button", "value")
        assert switches == ["1"], path
