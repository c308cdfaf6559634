"""网页授权: sign-in by codes (valid once, for five minutes), and the calls below /sns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from aiohttp import web

from simulator.account import gate
from simulator.account.gate import Call
from simulator.account.token import check_account
from simulator.errors import SimError, WxError
from simulator.ids import random_id
from simulator.sim import Sim
from simulator.world import OAuthCode, OAuthToken, Phone

CODE_LIFE_S = 300
TOKEN_LIFE_S = 7200
REFRESH_LIFE_S = 30 * 86_400
SCOPES = ("snsapi_base", "snsapi_userinfo")


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of /sns; they take the account's secret or a person's token, not access_token."""
    gate.add_routes(
        app,
        sim,
        [
            ("GET", "/sns/oauth2/access_token", access_token),
            ("GET", "/sns/oauth2/refresh_token", refresh_token),
            ("GET", "/sns/userinfo", userinfo),
            ("GET", "/sns/auth", auth),
        ],
        token=False,
    )


class AuthorizePageError(Exception):
    """WeChat shows an error page and does not redirect; `code` is the number on that page."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Authorize:
    """An authorize URL that was checked."""

    redirect_uri: str
    scope: str
    state: str
    forces_snapshot: bool


def read_authorize(sim: Sim, url: str) -> Authorize:
    """Check an authorize URL like WeChat's page: appid, domain (10003), scope (10005)."""
    query = {k: v[0] for k, v in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
    if query.get("appid") != sim.settings.appid:
        raise AuthorizePageError(10013, "appid 参数错误")
    redirect_uri = query.get("redirect_uri", "")
    split = urlsplit(redirect_uri)
    domain = sim.settings.oauth_domain or sim.settings.app_domain()
    if split.scheme not in ("http", "https") or split.netloc != domain:
        raise AuthorizePageError(10003, "redirect_uri 域名与后台配置不一致")
    if query.get("response_type") != "code":
        raise AuthorizePageError(10004, "response_type 参数错误")
    if query.get("scope") not in SCOPES:
        raise AuthorizePageError(10005, "scope 参数错误或没有 scope 权限")
    state = query.get("state", "")
    if not re.fullmatch(r"[a-zA-Z0-9]{0,128}", state):
        raise AuthorizePageError(10004, "state 只能是 128 个以内的字母和数字")
    forced = query.get("forceSnapShot") == "true"
    return Authorize(redirect_uri, query["scope"], state, forced)


def grant(sim: Sim, phone: Phone, ask: Authorize, decision: str) -> dict[str, Any]:
    """The redirect for the phone: with a code, or after a refusal with the state only."""
    if decision not in ("allow", "deny", "snapshot"):
        raise SimError("decision must be allow, deny or snapshot")
    facts: dict[str, Any] = {"scope": ask.scope, "state": ask.state, "code": "", "openid": ""}
    if decision == "deny" and ask.scope == "snsapi_userinfo":
        return facts | {"location": _with_query(ask.redirect_uri, {"state": ask.state})}
    is_snapshot = decision == "snapshot" or (ask.forces_snapshot and ask.scope != "snsapi_base")
    code = OAuthCode(
        value="0" + random_id(31),
        phone=phone.id,
        openid="o" + random_id(27) if is_snapshot else phone.openid,
        scope=ask.scope,
        made_at=sim.clock.now(),
        is_snapshot=is_snapshot,
    )
    sim.world.codes[code.value] = code
    location = _with_query(ask.redirect_uri, {"code": code.value, "state": ask.state})
    return facts | {"location": location, "code": code.value, "openid": code.openid}


def _with_query(url: str, extra: dict[str, str]) -> str:
    split = urlsplit(url)
    query = "&".join(part for part in (split.query, urlencode(extra)) if part)
    return urlunsplit(split._replace(query=query))


async def access_token(call: Call) -> dict[str, Any]:
    """Exchange a code for the person's token and openid; a code works once."""
    sim, query = call.sim, call.query
    check_account(sim, query.get("appid"), query.get("secret"))
    if query.get("grant_type") != "authorization_code":
        raise WxError(40002)
    if not query.get("code"):
        raise WxError(41008)
    code = sim.world.codes.get(query["code"])
    if code is None:
        raise WxError(40029)
    if code.is_used:
        raise WxError(40163)
    if sim.clock.now() - code.made_at > CODE_LIFE_S:
        raise WxError(42003)
    code.is_used = True
    return _issue(sim, code.phone, code.openid, code.scope, is_snapshot=code.is_snapshot)


def _issue(
    sim: Sim, phone: str, openid: str, scope: str, *, is_snapshot: bool, refresh: str = ""
) -> dict[str, Any]:
    now = sim.clock.now()
    token = OAuthToken(
        value=random_id(90),
        refresh=refresh or random_id(90),
        phone=phone,
        openid=openid,
        scope=scope,
        expires_at=now + TOKEN_LIFE_S,
        refresh_expires_at=now + REFRESH_LIFE_S,
        is_snapshot=is_snapshot,
    )
    sim.world.oauth_tokens[token.value] = token
    answer: dict[str, Any] = {
        "access_token": token.value,
        "expires_in": TOKEN_LIFE_S,
        "refresh_token": token.refresh,
        "openid": openid,
        "scope": scope,
    }
    if is_snapshot:
        answer["is_snapshotuser"] = 1
    elif scope == "snsapi_userinfo":
        answer["unionid"] = sim.world.phones[phone].unionid
    return answer


async def refresh_token(call: Call) -> dict[str, Any]:
    """A new token for the same grant, within 30 days."""
    sim = call.sim
    if call.query.get("appid") != sim.settings.appid:
        raise WxError(40013)
    if call.query.get("grant_type") != "refresh_token":
        raise WxError(40002)
    wanted = call.query.get("refresh_token")
    found = [t for t in sim.world.oauth_tokens.values() if t.refresh == wanted]
    if not found:
        raise WxError(40030)
    old = found[-1]
    if old.refresh_expires_at <= sim.clock.now():
        raise WxError(42002)
    return _issue(
        sim, old.phone, old.openid, old.scope, is_snapshot=old.is_snapshot, refresh=old.refresh
    )


def _person_token(call: Call) -> OAuthToken:
    value = call.query.get("access_token")
    if not value:
        raise WxError(41001)
    token = call.sim.world.oauth_tokens.get(value)
    if token is None:
        raise WxError(40001)
    if token.expires_at <= call.sim.clock.now():
        raise WxError(42001)
    if token.openid != call.query.get("openid"):
        raise WxError(40003)
    return token


async def userinfo(call: Call) -> dict[str, Any]:
    """Nickname and picture, for scope snsapi_userinfo; a snapshot visitor has neither."""
    token = _person_token(call)
    if token.scope != "snsapi_userinfo":
        raise WxError(48001)
    phone = call.sim.world.phones[token.phone]
    is_virtual = token.is_snapshot
    answer: dict[str, Any] = {
        "openid": token.openid,
        "nickname": "微信用户" if is_virtual else phone.nickname,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "" if is_virtual else call.sim.own_url(f"/_sim/phones/{phone.id}/avatar"),
        "privilege": [],
    }
    return answer if is_virtual else answer | {"unionid": phone.unionid}


async def auth(call: Call) -> None:
    """Check that a person's token is still valid."""
    _person_token(call)
