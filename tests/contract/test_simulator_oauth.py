"""The simulator's sign-in and JS-SDK check."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser
from wechatpy.client.api import WeChatJSAPI
from yarl import URL

from tests.contract.sim_shop import Desk


def authorize_url(desk: Desk, scope: str = "snsapi_base", **changes: str) -> str:
    redirect = changes.get("redirect", desk.shop.base + "/oauth/callback")
    return (
        f"{desk.base}/connect/oauth2/authorize?appid={desk.settings.appid}"
        f"&redirect_uri={quote(redirect, safe='')}&response_type=code"
        f"&scope={scope}&state={changes.get('state', 'abc123')}#wechat_redirect"
    )


async def exchange(desk: Desk, code: str) -> Any:
    path = (
        f"/sns/oauth2/access_token?appid={desk.settings.appid}&secret={desk.settings.secret}"
        f"&code={code}&grant_type=authorization_code"
    )
    async with desk.session.get(desk.base + path) as response:
        return await response.json()


async def test_a_code_works_once_within_five_minutes(desk: Desk) -> None:
    got = await desk.do("/phones/lin/oauth", url=authorize_url(desk))
    query = parse_qs(urlsplit(got["location"]).query)
    assert query == {"code": [got["code"]], "state": ["abc123"]}
    first = await exchange(desk, got["code"])
    assert first["openid"] == desk.sim.world.phones["lin"].openid
    assert (await exchange(desk, got["code"]))["errcode"] == 40163
    late = await desk.do("/phones/lin/oauth", url=authorize_url(desk))
    await desk.do("/clock", advance_seconds=301)
    assert (await exchange(desk, late["code"]))["errcode"] == 42003
    assert (await exchange(desk, "nonsense"))["errcode"] == 40029


async def test_userinfo_needs_its_scope_and_has_no_data_of_snapshot_visitors(
    desk: Desk,
) -> None:
    async def userinfo(scope: str, decision: str) -> tuple[Any, Any]:
        url = authorize_url(desk, scope)
        got = await desk.do("/phones/lin/oauth", url=url, decision=decision)
        token = await exchange(desk, got["code"])
        path = f"/sns/userinfo?access_token={token['access_token']}&openid={token['openid']}"
        async with desk.session.get(desk.base + path) as response:
            return token, await response.json()

    _, refused = await userinfo("snsapi_base", "allow")
    assert refused["errcode"] == 48001
    token, person = await userinfo("snsapi_userinfo", "allow")
    assert (person["nickname"], person["sex"]) == ("小林", 0)
    assert "is_snapshotuser" not in token
    token, nobody = await userinfo("snsapi_userinfo", "snapshot")
    assert (token["is_snapshotuser"], nobody["nickname"]) == (1, "微信用户")
    assert token["openid"] != person["openid"]


async def test_a_refusal_redirects_without_a_code(desk: Desk) -> None:
    url = authorize_url(desk, "snsapi_userinfo")
    got = await desk.do("/phones/lin/oauth", url=url, decision="deny")
    assert parse_qs(urlsplit(got["location"]).query) == {"state": ["abc123"]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect": "http://evil.example/x"}, "page_10003"),
        ({"scope": "snsapi_login"}, "page_10005"),
        ({"state": "a-b"}, "page_10004"),
    ],
)
async def test_a_wrong_authorize_url_shows_wechats_page(
    desk: Desk,
    changes: dict[str, str],
    code: str,
) -> None:
    url = authorize_url(desk, **changes)
    status, answer = await desk.ask("POST", "/phones/lin/oauth", {"url": url})
    assert (status, answer["error"]["code"]) == (400, code)
    assert desk.sim.world.codes == {}


async def test_in_a_phones_webview_the_redirect_stays_on_its_origin(
    desk: Desk,
) -> None:
    port = urlsplit(desk.base).port
    headers = {"Host": f"lin.localhost:{port}"}
    async with desk.session.get(
        authorize_url(desk), headers=headers, allow_redirects=False
    ) as response:
        location = response.headers["Location"]
    assert response.status == 302
    assert location.startswith(f"http://lin.localhost:{port}/oauth/callback?code=")
    async with desk.session.get(authorize_url(desk)) as response:
        assert response.status == 403
        assert "请在微信客户端打开链接" in await response.text()


async def test_the_consent_page_shows_what_the_account_will_get(desk: Desk) -> None:
    port = urlsplit(desk.base).port
    url = authorize_url(desk, "snsapi_userinfo")
    headers = {
        "Host": f"lin.localhost:{port}", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1",
    }  # fmt: skip
    async with desk.session.get(url, headers=headers, allow_redirects=False) as response:
        consent = LexborHTMLParser(await response.text())
    assert "申请获取并使用您的昵称、头像" in consent.css("p")[0].text()
    assert consent.css("b")[0].text() == "小林"
    picture = consent.css("img")[0].attributes["src"]
    taps = {each.attributes["data-sim"]: each.attributes["href"] for each in consent.css("a.b")}
    assert list(taps) == ["oauth-allow", "oauth-snapshot", "oauth-deny"]
    allow = URL(f"{desk.base}{taps['oauth-allow']}", encoded=True)
    async with desk.session.get(allow, headers=headers, allow_redirects=False) as response:
        query = parse_qs(urlsplit(response.headers["Location"]).query)
    token = await exchange(desk, query["code"][0])
    path = f"/sns/userinfo?access_token={token['access_token']}&openid={token['openid']}"
    async with desk.session.get(desk.base + path) as response:
        person = await response.json()
    assert person["nickname"] == "小林"
    assert picture
    assert person["headimgurl"].endswith(picture)
    async with desk.session.get(person["headimgurl"]) as response:
        assert (response.status, response.content_type) == (200, "image/png")


async def test_without_a_tap_the_profile_is_that_of_a_snapshot(desk: Desk) -> None:
    """WeChat shows a snapshot page if a page asks for the profile by itself."""
    port = urlsplit(desk.base).port
    headers = {"Host": f"lin.localhost:{port}", "Sec-Fetch-Mode": "navigate"}
    url = authorize_url(desk, "snsapi_userinfo")
    async with desk.session.get(url, headers=headers, allow_redirects=False) as response:
        query = parse_qs(urlsplit(response.headers["Location"]).query)
    token = await exchange(desk, query["code"][0])
    assert token["is_snapshotuser"] == 1
    assert token["openid"] != desk.sim.world.phones["lin"].openid


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "config:ok"),
        ({"nonceStr": "other"}, "config:invalid signature"),
        ({"url": "http://evil.example/"}, "config:invalid url domain"),
        ({"appId": "wx0"}, "config:invalid appId"),
    ],
)
async def test_a_page_signed_by_wechatpy_passes_the_config_check(
    desk: Desk,
    changes: dict[str, str],
    verdict: str,
) -> None:
    ticket = (await desk.api("/cgi-bin/ticket/getticket", type="jsapi"))["ticket"]
    page = f"{desk.shop.base}/m/p/1?x=1"
    signature = WeChatJSAPI(None).get_jsapi_signature("n0nce", ticket, "1700000000", page)
    data = {
        "url": "http://lin.localhost:1/m/p/1?x=1#top",
        "appId": desk.settings.appid,
        "timestamp": "1700000000",
        "nonceStr": "n0nce",
        "signature": signature,
    }
    answer = await desk.do("/phones/lin/js/config", **(data | changes))
    assert answer["errMsg"] == verdict


async def test_a_one_time_subscription_allows_one_message(desk: Desk) -> None:
    back = quote(desk.shop.base + "/m/me", safe="")
    url = (
        f"{desk.base}/mp/subscribemsg?action=get_confirm&appid={desk.settings.appid}"
        f"&scene=7&template_id=ONCE&redirect_url={back}&reserved=r#wechat_redirect"
    )
    got = await desk.do("/phones/lin/oauth", url=url)
    query = parse_qs(urlsplit(got["location"]).query)
    assert (query["action"], query["scene"]) == (["confirm"], ["7"])
    body = {
        "touser": query["openid"][0],
        "template_id": "ONCE",
        "scene": "7",
        "title": "到货提醒",
        "url": desk.shop.base,
        "data": {"content": {"value": "您订的酒到了"}},
    }
    path = "/cgi-bin/message/template/subscribe"
    assert [(await desk.api(path, body))["errcode"] for _ in range(2)] == [0, 43101]
