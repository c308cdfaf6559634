"""全局票据: access tokens of /token and /stable_token, independent of each other, with quotas."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.account import gate
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import Sim
from simulator.world import AccessToken

LIFE_S = 7200
GRACE_S = 300
FORCED_PER_DAY = 20
FORCED_APART_S = 30
CLEARS_PER_MONTH = 10


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of tokens and quotas."""
    gate.add_routes(
        app,
        sim,
        [
            ("GET", "/cgi-bin/token", token),
            ("POST", "/cgi-bin/stable_token", stable_token),
            ("POST", "/cgi-bin/clear_quota/v2", clear_quota_by_secret),
        ],
        token=False,
    )
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/clear_quota", clear_quota),
            ("POST", "/cgi-bin/openapi/quota/get", quota_get),
            ("GET", "/cgi-bin/getcallbackip", callback_ip),
            ("GET", "/cgi-bin/get_api_domain_ip", callback_ip),
            ("POST", "/cgi-bin/callback/check", callback_check),
        ],
    )


def check_account(sim: Sim, appid: Any, secret: Any) -> None:
    """Check appid and secret; raises the error code of whichever is wrong."""
    if not appid:
        raise WxError(41002)
    if appid != sim.settings.appid:
        raise WxError(40013)
    if not secret:
        raise WxError(41004)
    if secret != sim.settings.secret:
        raise WxError(40125)


async def token(call: Call) -> dict[str, Any]:
    """Issue a new token; the previous one stays valid for five minutes."""
    sim = call.sim
    if call.query.get("grant_type") != "client_credential":
        raise WxError(40002)
    check_account(sim, call.query.get("appid"), call.query.get("secret"))
    gate.count_call(sim, "/cgi-bin/token")
    now = sim.clock.now()
    for old in _alive(sim, "plain"):
        old.dead_at = min(old.dead_at or now + GRACE_S, now + GRACE_S)
    made = _make(sim, "plain")
    return {"access_token": made.value, "expires_in": LIFE_S}


async def stable_token(call: Call) -> dict[str, Any]:
    """The current token until five minutes before it expires; force_refresh replaces it at once.

    A second force_refresh within 30 seconds returns the current token.
    """
    sim = call.sim
    if call.body.get("grant_type") != "client_credential":
        raise WxError(40002)
    check_account(sim, call.body.get("appid"), call.body.get("secret"))
    gate.count_call(sim, "/cgi-bin/stable_token")
    now = sim.clock.now()
    alive = _alive(sim, "stable")
    if call.body.get("force_refresh") is True and _may_force(sim):
        for old in alive:
            old.dead_at = now
        alive = []
    latest = max(alive, key=lambda t: t.expires_at, default=None)
    if latest is None or latest.expires_at - now < GRACE_S:
        latest = _make(sim, "stable")
    return {"access_token": latest.value, "expires_in": int(latest.expires_at - now)}


def _may_force(sim: Sim) -> bool:
    """False within 30 seconds after the last one; 45009 if the day's 20 are used up."""
    counters, now = sim.world.counters, int(sim.clock.now())
    if now - counters.get("forced_at", 0) < FORCED_APART_S:
        return False
    key = f"{sim.clock.day()}:force_refresh"
    if counters.get(key, 0) >= FORCED_PER_DAY:
        raise WxError(45009)
    counters[key] = counters.get(key, 0) + 1
    counters["forced_at"] = now
    return True


def _alive(sim: Sim, kind: str) -> list[AccessToken]:
    now = sim.clock.now()
    return [
        t
        for t in sim.world.tokens.values()
        if t.kind == kind and t.expires_at > now and (t.dead_at is None or t.dead_at > now)
    ]


def _make(sim: Sim, kind: str) -> AccessToken:
    now = sim.clock.now()
    for value in [v for v, t in sim.world.tokens.items() if t.expires_at < now - 86_400]:
        del sim.world.tokens[value]
    made = AccessToken(random_id(136), kind, now, now + LIFE_S)
    sim.world.tokens[made.value] = made
    return made


async def clear_quota(call: Call) -> None:
    """Reset every daily counter; ten times a month."""
    if call.body.get("appid") != call.sim.settings.appid:
        raise WxError(40013)
    _clear(call.sim)


async def clear_quota_by_secret(call: Call) -> None:
    """Like clear_quota, with appid and secret instead of a token."""
    check_account(call.sim, call.body.get("appid"), call.body.get("appsecret"))
    _clear(call.sim)


def _clear(sim: Sim) -> None:
    key = f"{sim.clock.month()}:clear_quota"
    counters = sim.world.counters
    if counters.get(key, 0) >= CLEARS_PER_MONTH:
        raise WxError(48006)
    for name in [n for n in counters if n.startswith(f"{sim.clock.day()}:/")]:
        del counters[name]
    counters[key] = counters.get(key, 0) + 1


async def quota_get(call: Call) -> dict[str, Any]:
    """The calls of one path today: used and left."""
    path = call.need("cgi_path")
    limit = gate.DAILY.get(path, gate.DEFAULT_DAILY)
    used = call.sim.world.counters.get(f"{call.sim.clock.day()}:{path}", 0)
    quota = {"daily_limit": limit, "used": used, "remain": limit - used}
    return {"errcode": 0, "errmsg": "ok", "quota": quota}


async def callback_ip(_call: Call) -> dict[str, Any]:
    """The addresses from which pushes come: this machine."""
    return {"ip_list": ["127.0.0.1"]}


async def callback_check(call: Call) -> dict[str, Any]:
    """A network check: whether WeChat can reach the shop's address."""
    if call.need("action") not in ("all", "dns", "ping"):
        raise WxError(40035)
    return {
        "dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}],
        "ping": [
            {
                "ip": "127.0.0.1",
                "from_operator": "DEFAULT",
                "package_loss": "0%",
                "time": "0.1ms",
            }
        ],
    }
