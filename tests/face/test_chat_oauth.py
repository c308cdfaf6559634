"""Sign-in by WeChat: bound to a browser, used once, without open redirects or loops."""

from __future__ import annotations

from pathlib import Path
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
from gateways.pictures.images import ImageStore
from kernel import events
from kernel.config import Config
from kernel.errors import Refused, Unknown
from kernel.web.keys import FACE, LIMITER, RENDERER, SESSIONS
from kernel.web.middleware import browser_session, error_pages
from kernel.web.sessions import browser
from models import LegalVersion, Member, OauthState, Picture, WebSession
from tests.face.chat import OPENID, WeChatSignIn
from tests.face.conftest import OpenFace
from tests.factories.members import APPID, approve_pictures

Client = TestClient[Any, Any]


class Browsers:
    """The sessions of members in the database."""

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


async def form_token(request: web.Request) -> web.Response:
    return web.Response(text=browser(request).csrf)


@pytest.fixture
def wechat() -> WeChatSignIn:
    return WeChatSignIn()


@pytest.fixture
async def client(
    open_face: OpenFace, store: Any, test_config: Config, wechat: WeChatSignIn, tmp_path: Path
) -> Client:
    """A client that is not signed in; ``/who`` shows its member."""

    def mount(app: web.Application) -> None:
        deps = BotDeps(
            config=test_config, store=store, redis=None, inbound=None, messenger=None,  # type: ignore[arg-type]
            oauth=wechat, fans=None, limiter=app[LIMITER], renderer=app[RENDERER],  # type: ignore[arg-type]
            poster=None, followers=None, pictures=ImageStore(tmp_path),  # type: ignore[arg-type]
        )  # fmt: skip
        door = web.Application(middlewares=[browser_session(), error_pages(show_error)])
        door[SESSIONS], door[FACE] = Browsers(store), "oauth"
        door.router.add_get("/who", who)
        door.router.add_get("/token", form_token)
        OAuthDoor(deps).add_routes(door)
        app.add_subapp("/oauth", door)

    return await open_face(mount)


async def get(client: Client, path: str, **query: str) -> tuple[int, str]:
    """The status, and the target of a redirect or the text."""
    async with client.get(path, params=query, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def begin(client: Client, next_path: str = "/m/p/3") -> str:
    """Start a sign-in; returns the state."""
    status, place = await get(client, "/oauth/login", next=next_path)
    assert (status, urlsplit(place).netloc) == (302, "open.weixin.qq.com")
    return state_in(place)


def state_in(place: str) -> str:
    return parse_qs(urlsplit(place).query)["state"][0]


async def sign_in(client: Client, wechat: WeChatSignIn, next_path: str = "/m/p/3") -> str:
    """A whole sign-in; returns its last redirect."""
    state = await begin(client, next_path)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    status, place = await get(client, "/oauth/callback", code="code", state=state)
    assert status == 302
    return place


@pytest.mark.row("D1", "B1")
async def test_a_sign_in_ends_on_the_requested_page(client: Client, wechat: WeChatSignIn) -> None:
    assert await sign_in(client, wechat, "/m/p/3?spec=2") == "/m/p/3?spec=2"
    assert wechat.asked[0][0] == "http://127.0.0.1:8080/oauth/callback"
    assert wechat.asked[0][2] == "snsapi_base"
    member_id = members.member_by_openid(APPID, OPENID)
    assert await get(client, "/oauth/who") == (200, str(member_id))


async def test_a_signed_in_browser_is_redirected_at_once(
    client: Client, wechat: WeChatSignIn
) -> None:
    await sign_in(client, wechat)
    assert await get(client, "/oauth/login", next="/m/cart") == (302, "/m/cart")
    assert len(wechat.asked) == 1


async def test_a_new_privacy_policy_is_shown_after_the_sign_in(
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


async def test_the_event_of_the_sign_in_names_the_visitor(
    client: Client, wechat: WeChatSignIn
) -> None:
    heard: list[MemberSignedIn] = []
    events.subscribe(MemberSignedIn, heard.append)
    await sign_in(client, wechat)
    (row,) = WebSession.select()
    assert [(e.member_id, e.visitor, e.is_new) for e in heard] == [
        (row.member_id, row.visitor, True)
    ]


# --- states


async def test_an_unknown_state_is_refused(client: Client) -> None:
    await begin(client)
    assert await get(client, "/oauth/callback", code="c", state="x" * 32) == (404, "oauth_state")
    assert (await get(client, "/oauth/callback", code="c"))[0] == 422
    assert (await get(client, "/oauth/callback", code="c", state="x" * 200))[0] == 422
    assert Member.select().count() == 0


async def test_a_state_of_another_browser_signs_nobody_in(
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


async def test_a_browser_without_its_cookie_starts_again_only_once(
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


async def test_with_a_state_older_than_ten_minutes_the_sign_in_starts_again(
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


async def test_back_and_refresh_after_a_sign_in_are_redirected(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base")
    for _ in range(2):
        answer = await get(client, "/oauth/callback", code="code", state=state)
        assert answer == (302, "/m/p/3")
    assert OauthState.select().count() == 1


# --- codes


async def test_a_used_code_starts_one_new_sign_in_only(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    _, place = await get(client, "/oauth/callback", code="used", state=state)
    assert urlsplit(place).netloc == "open.weixin.qq.com"
    again = await get(client, "/oauth/callback", code="used", state=state_in(place))
    assert again == (409, "oauth_loop")
    assert await get(client, "/oauth/who") == (200, "")


async def test_the_second_sign_in_after_a_used_code_succeeds(
    client: Client, wechat: WeChatSignIn
) -> None:
    state = await begin(client)
    _, place = await get(client, "/oauth/callback", code="used", state=state)
    wechat.codes["fresh"] = OAuthIdentity(OPENID, None, "snsapi_base")
    answer = await get(client, "/oauth/callback", code="fresh", state=state_in(place))
    assert answer == (302, "/m/p/3")


async def test_a_snapshot_visitor_is_not_signed_in(client: Client, wechat: WeChatSignIn) -> None:
    state = await begin(client)
    wechat.codes["code"] = OAuthIdentity(OPENID, None, "snsapi_base", is_snapshot=True)
    answer = await get(client, "/oauth/callback", code="code", state=state)
    assert answer == (422, "snapshot_user")
    assert Member.select().count() == 0


async def test_after_a_refused_consent_the_visitor_goes_on_signed_out(client: Client) -> None:
    state = await begin(client, "/m/")
    assert await get(client, "/oauth/callback", state=state) == (302, "/m/")
    assert await get(client, "/oauth/who") == (200, "")


async def test_an_error_of_wechat_is_shown_and_creates_no_member(
    client: Client, wechat: WeChatSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(code: str) -> OAuthIdentity:
        raise Unknown("timeout")

    state = await begin(client)
    monkeypatch.setattr(wechat, "exchange", fail)
    answer = await get(client, "/oauth/callback", code="code", state=state)
    assert answer == (502, "outside_failed")
    assert Member.select().count() == 0


# --- nickname and picture


async def ask_profile(client: Client) -> tuple[int, str]:
    """Send the form with its token; status and where it leads."""
    _, csrf = await get(client, "/oauth/token")
    data = {"_csrf": csrf, "next": "/m/me/profile"}
    async with client.post("/oauth/profile", data=data, allow_redirects=False) as response:
        return response.status, response.headers["Location"]


async def agree(client: Client, wechat: WeChatSignIn, **more: Any) -> str:
    """A signed-in person taps, and agrees at WeChat; what the next page says."""
    await sign_in(client, wechat)
    _, place = await ask_profile(client)
    assert wechat.asked[-1][2] == "snsapi_userinfo"
    shown = {"scope": "snsapi_userinfo", "access_token": "t"} | more
    wechat.codes["profile"] = OAuthIdentity(OPENID, None, **shown)
    answer = await get(client, "/oauth/callback", code="profile", state=state_in(place))
    assert answer == (302, "/m/me/profile")
    return said()


def said() -> str:
    """What the next page says to whoever is signed in."""
    row = (
        WebSession.select().where(WebSession.member.is_null(False)).order_by(WebSession.id.desc())
    )
    return str(row.get().flash)


def person() -> members.MemberView:
    """The member who signs in here."""
    member_id = members.member_by_openid(APPID, OPENID)
    assert member_id is not None
    return members.member_detail(member_id)


@pytest.mark.row("B2", "L4")
async def test_name_and_picture_are_taken_over_after_a_tap(
    client: Client, wechat: WeChatSignIn
) -> None:
    assert await agree(client, wechat) == "已使用微信昵称和头像"
    approve_pictures()
    taken = person()
    assert (taken.nickname, taken.avatar) == ("林小山", Picture.get().digest)
    assert members.consent_given_at(taken.id, "profile") is not None


async def test_no_link_asks_for_a_profile(client: Client, wechat: WeChatSignIn) -> None:
    """WeChat shows a snapshot page, and anybody's page could lead there."""
    await sign_in(client, wechat)
    assert await get(client, "/oauth/login", next="/m/me", scope="profile") == (302, "/m/me")
    assert (await get(client, "/oauth/profile"))[0] == 405
    async with client.post("/oauth/profile", data={"next": "/m/me"}) as response:
        assert response.status == 403
    assert {scope for _, _, scope in wechat.asked} == {"snsapi_base"}


async def test_a_visitor_who_asks_signs_in_silently(client: Client, wechat: WeChatSignIn) -> None:
    await begin(client)
    assert (await ask_profile(client))[0] == 302
    assert wechat.asked[-1][2] == "snsapi_base"


@pytest.mark.parametrize(
    ("name", "told"),
    [("官方客服", "已使用微信头像；微信昵称不能在这里使用，请自己填写"),
     ("国家级酒王", "已使用微信头像；微信昵称不能在这里使用，请自己填写"),
     ("微信用户", "已使用微信头像"), ("\u200b ", "已使用微信头像")],
)  # fmt: skip
async def test_a_name_that_would_not_be_taken_when_typed_is_not_taken(
    client: Client, wechat: WeChatSignIn, name: str, told: str
) -> None:
    wechat.nickname = name
    assert await agree(client, wechat) == told
    approve_pictures()
    assert (person().nickname, person().avatar) == (None, Picture.get().digest)


async def test_a_long_name_is_cut_between_signs(client: Client, wechat: WeChatSignIn) -> None:
    wechat.nickname = "  林👨‍👩‍👧" + "小" * 30
    await agree(client, wechat)
    assert person().nickname == "林👨‍👩‍👧" + "小" * 18


@pytest.mark.parametrize("shown", [b"no picture", Refused("picture_elsewhere")])
async def test_without_a_picture_that_can_be_shown_the_name_is_kept(
    client: Client, wechat: WeChatSignIn, shown: Any
) -> None:
    wechat.shows = shown
    assert await agree(client, wechat) == "已使用微信昵称"
    assert (person().nickname, person().avatar) == ("林小山", None)


async def test_who_declines_or_is_a_snapshot_keeps_what_they_had(
    client: Client, wechat: WeChatSignIn
) -> None:
    snapshot = await agree(client, wechat, is_snapshot=True)
    assert snapshot.startswith("微信这次没有给出您的资料")
    _, place = await ask_profile(client)
    answer = await get(client, "/oauth/callback", state=state_in(place))
    assert answer == (302, "/m/me/profile")
    assert said() == "您没有授权，资料没有变化"
    assert (person().nickname, Member.select().count()) == (None, 1)
    assert members.consent_given_at(person().id, "profile") is None


async def test_sign_ins_from_one_ip_address_are_limited(
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
def test_a_target_outside_the_mall_becomes_its_home_page(path: str) -> None:
    assert local_path(path) == "/m/"


@pytest.mark.parametrize("path", ["/m/", "/m/p/3?spec=2&r=AB", "/m/search?q=酒", "/store/"])
def test_a_target_in_the_mall_is_kept(path: str) -> None:
    assert local_path(path) == path


async def test_a_whole_sign_in_does_not_redirect_out_of_the_mall(
    client: Client, wechat: WeChatSignIn
) -> None:
    assert await sign_in(client, wechat, "//evil.example/") == "/m/"
