"""Sign-in by WeChat: bound to its browser, used once, no way out, no endless rounds."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot import BotDeps
from bot.oauth import OAuthDoor, local_path
from domain import legal, members
from domain.members import MemberSignedIn, sessions
from domain.members.ports import OAuthIdentity
from kernel import events
from kernel.config import Config
from kernel.errors import Unknown
from kernel.web.keys import FACE, LIMITER, RENDERER, SESSIONS
from kernel.web.middleware import browser_session, error_pages
from kernel.web.sessions import browser
from models import LegalVersion, Member, OauthState, WebSession
from tests.face.chat import OPENID, WeChatSignIn
from tests.face.conftest import OpenFace
from tests.factories.members import APPID

Client = TestClient[Any, Any]


class Browsers:
    """Members' browsers, kept in the database."""

    cookie = "fm_s"
    max_age = 3_600

    def __init__(self, store: Any) -> None:
        self._store = store

    async def find(self, cookie: str) -> Any:
        return await self._store.read(sessions.find_session, cookie)

    async def open(self, cookie: str, visitor: str) -> Any:
        await self._store.write(sessions.open_session, cookie, visitor)
        return await self.find(cookie)


async def show_error(request: web.Request, status: int, code: str, _: Any) -> web.Response:
    return web.Response(status=status, text=code)


async def who(request: web.Request) -> web.Response:
    return web.Response(text=str(browser(request).member_id or ""))


@pytest.fixture
def wechat() -> WeChatSignIn:
    return WeChatSignIn()


@pytest.fixture
async def client(
    open_face: OpenFace, store: Any, test_config: Config, wechat: WeChatSignIn
) -> Client:
    """A browser before the sign-in; ``/who`` says who it is."""

    def mount(app: web.Application) -> None:
        deps = BotDeps(
            config=test_config, store=store, redis=None, inbound=None, messenger=None,  # type: ignore[arg-type]
            oauth=wechat, fans=None, limiter=app[LIMITER], renderer=app[RENDERER],  # type: ignore[arg-type]
            poster=None,  # type: ignore[arg-type]
        )  # fmt: skip
        door = web.Application(middlewares=[browser_session(), error_pages(show_error)])
        door[SESSIONS], door[FACE] = Browsers(store), "oauth"
        door.router.add_get("/who", who)
        OAuthDoor(deps).add_routes(door)
        app.add_subapp("/oauth", door)

    return await open_face(mount)


async def get(client: Client, path: str, **query: str) -> tuple[int, str]:
    """Status and where it leads, or its text."""
    async with client.get(path, params=query, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def begin(client: Client, next_path: str = "/m/p/3") -> str:
    """Go to WeChat; answers the state."""
    status, place = await get(client, "/oauth/login", next=next_path)
    assert (status, urlsplit(place).netloc) == (302, "open.weixin.qq.com")
    return state_in(place)


def state_in(place: str) -> str:
    return parse_qs(urlsplit(place).query)["state"][0]


async def sign_in(client: Client, wechat: WeChatSignIn, next_path: str = "/m/p/3") -> str:
    """A whole round; answers where it ended."""
    state = await begin(client, next_path)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    status, place = await get(client, "/oauth/callback", code="code", state=state)
    assert status == 302
    return place


@pytest.mark.row("D1", "B1")
async def test_a_round_ends_signed_in_where_it_was_going(
    client: Client, wechat: WeChatSignIn
) -> None:
    assert await sign_in(client, wechat, "/m/p/3?spec=2") == "/m/p/3?spec=2"
    assert wechat.asked[0][0] == "http://127.0.0.1:8080/oauth/callback"
    assert wechat.asked[0][2] == "snsapi_base"
    member_id = members.member_by_openid(APPID, OPENID)
    assert await get(client, "/oauth/who") == (200, str(member_id))


async def test_who_is_signed_in_goes_straight_on(client: Client, wechat: WeChatSignIn) -> None:
    await sign_in(client, wechat)
    assert await get(client, "/oauth/login", next="/m/cart") == (302, "/m/cart")
    assert len(wechat.asked) == 1


async def test_a_privacy_policy_that_asks_anew_is_shown_after_the_sign_in(
    client: Client, wechat: WeChatSignIn
) -> None:
    legal.keep_first_versions()
    policy = LegalVersion.kind == "privacy"
    assert await sign_in(client, wechat) == "/m/p/3"
    LegalVersion.update(asks_again=True).where(policy).execute()
    member_id = members.member_by_openid(APPID, OPENID) or 0
    client.session.cookie_jar.clear()
    assert await sign_in(client, wechat) == "/m/agree/privacy?next=/m/p/3"
    legal.agree(member_id, "privacy", 1, is_ticked=True)
    client.session.cookie_jar.clear()
    assert await sign_in(client, wechat) == "/m/p/3"


async def test_the_cookie_changes_at_sign_in(client: Client, wechat: WeChatSignIn) -> None:
    state = await begin(client)
    planted = client.session.cookie_jar.filter_cookies(client.make_url("/"))["fm_s"].value
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    await get(client, "/oauth/callback", code="code", state=state)
    assert sessions.find_session(planted) is None


async def test_the_sign_in_is_told_with_its_visitor(client: Client, wechat: WeChatSignIn) -> None:
    heard: list[MemberSignedIn] = []
    events.subscribe(MemberSignedIn, heard.append)
    await sign_in(client, wechat)
    (row,) = WebSession.select()
    assert [(e.member_id, e.visitor, e.is_new) for e in heard] == [
        (row.member_id, row.visitor, True)
    ]


# --- states


async def test_a_state_that_was_never_given_out_is_refused(client: Client) -> None:
    await begin(client)
    assert await get(client, "/oauth/callback", code="c", state="x" * 32) == (404, "oauth_state")
    assert (await get(client, "/oauth/callback", code="c"))[0] == 422
    assert (await get(client, "/oauth/callback", code="c", state="x" * 200))[0] == 422
    assert Member.select().count() == 0


async def test_another_browser_s_state_signs_nobody_in(
    client: Client, wechat: WeChatSignIn, aiohttp_client: Any
) -> None:
    planted = await begin(client)
    wechat.codes["attackers"] = OAuthIdentity("oAttacker0000000000000000000", None, "snsapi_base")
    victim = await aiohttp_client(client.server)
    await begin(victim)
    answer = await get(victim, "/oauth/callback", code="attackers", state=planted)
    assert answer == (404, "oauth_state")
    assert await get(victim, "/oauth/who") == (200, "")
    assert "attackers" in wechat.codes
    assert Member.select().count() == 0


async def test_a_browser_that_lost_its_cookie_begins_anew_and_only_once(
    client: Client, wechat: WeChatSignIn, aiohttp_client: Any
) -> None:
    state = await begin(client, "/m/cart")
    other = await aiohttp_client(client.server)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    status, place = await get(other, "/oauth/callback", code="code", state=state)
    assert (status, urlsplit(place).netloc) == (302, "open.weixin.qq.com")
    assert "code" in wechat.codes
    assert await get(other, "/oauth/callback", code="code", state=state_in(place)) == (
        302, "/m/cart",
    )  # fmt: skip
    third = await aiohttp_client(client.server)
    answer = await get(third, "/oauth/callback", code="x", state=state_in(place))
    assert answer == (409, "oauth_loop")


async def test_a_state_older_than_ten_minutes_begins_anew(
    client: Client, wechat: WeChatSignIn
) -> None:
    from datetime import timedelta

    from kernel import clock

    state = await begin(client)
    clock.set_offset(timedelta(minutes=11))
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    _, place = await get(client, "/oauth/callback", code="code", state=state)
    assert urlsplit(place).netloc == "open.weixin.qq.com"
    assert Member.select().count() == 0


async def test_back_and_refresh_after_a_sign_in_go_on(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    for _ in range(2):
        answer = await get(client, "/oauth/callback", code="code", state=state)
        assert answer == (302, "/m/p/3")
    assert OauthState.select().count() == 1


# --- codes


async def test_a_used_code_starts_one_new_round_then_stops(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    _, place = await get(client, "/oauth/callback", code="used", state=state)
    assert urlsplit(place).netloc == "open.weixin.qq.com"
    again = await get(client, "/oauth/callback", code="used", state=state_in(place))
    assert again == (409, "oauth_loop")
    assert await get(client, "/oauth/who") == (200, "")


async def test_the_new_round_after_a_used_code_signs_in(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    _, place = await get(client, "/oauth/callback", code="used", state=state)
    wechat.codes["fresh"] = OAuthIdentity(OPENID, None, "snsapi_base")
    answer = await get(client, "/oauth/callback", code="fresh", state=state_in(place))
    assert answer == (302, "/m/p/3")


async def test_a_snapshot_visitor_is_nobody(client: Client, wechat: WeChatSignIn) -> None:
    state = await begin(client)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base", is_snapshot=True)
    answer = await get(client, "/oauth/callback", code="code", state=state)
    assert answer == (422, "snapshot_user")
    assert Member.select().count() == 0


async def test_who_says_no_goes_on_unsigned(client: Client) -> None:
    state = await begin(client, "/m/")
    assert await get(client, "/oauth/callback", state=state) == (302, "/m/")
    assert await get(client, "/oauth/who") == (200, "")


async def test_wechat_s_trouble_is_an_error_page_and_nobody_is_made(
    client: Client, wechat: WeChatSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(code: str) -> OAuthIdentity:
        raise Unknown("timeout")

    state = await begin(client)
    monkeypatch.setattr(wechat, "exchange", fail)
    answer = await get(client, "/oauth/callback", code="code", state=state)
    assert answer == (502, "outside_failed")
    assert Member.select().count() == 0


async def test_a_profile_is_taken_over_when_it_was_asked_for(
    client: Client, wechat: WeChatSignIn
) -> None:
    await sign_in(client, wechat)
    _, place = await get(client, "/oauth/login", next="/m/me", scope="profile")
    assert wechat.asked[-1][2] == "snsapi_userinfo"
    wechat.codes["profile"] = OAuthIdentity(OPENID, None, "snsapi_userinfo", access_token="t")
    answer = await get(client, "/oauth/callback", code="profile", state=state_in(place))
    assert answer == (302, "/m/me")
    member_id = members.member_by_openid(APPID, OPENID)
    assert member_id is not None
    assert members.member_detail(member_id).nickname == "林小山"


async def test_rounds_from_one_address_are_limited(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.oauth.ROUNDS_MOST", 1)
    await begin(client)
    before = OauthState.select().count()
    assert (await get(client, "/oauth/login", next="/m/"))[0] == 429
    assert OauthState.select().count() == before


# --- where a round may lead


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "", "javascript:x",
        "/m/\r\nSet-Cookie: a=b", "/\tm", "/oauth/login?next=/m/", "/m/" + "x" * 600, "\\\\evil",
    ],
)  # fmt: skip
def test_a_way_out_of_the_mall_becomes_its_front(path: str) -> None:
    assert local_path(path) == "/m/"


@pytest.mark.parametrize("path", ["/m/", "/m/p/3?spec=2&r=AB", "/m/search?q=酒", "/store/"])
def test_a_way_within_stays(path: str) -> None:
    assert local_path(path) == path


async def test_an_open_redirect_is_refused_through_a_whole_round(
    client: Client, wechat: WeChatSignIn
) -> None:
    assert await sign_in(client, wechat, "//evil.example/") == "/m/"
