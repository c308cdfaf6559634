"""Mass sends (群发): monthly and daily counts, one send per clientmsgid, the finish event."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator import chat
from simulator.account import gate, push
from simulator.account.gate import Call
from simulator.account.message import render
from simulator.errors import WxError
from simulator.ids import digits
from simulator.sim import Sim
from simulator.world import MassSend, Phone

PER_FAN_MONTHLY = 4
ALL_DAILY = 1
ALL_MONTHLY = 4


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of mass sends."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/message/mass/sendall", send_all),
            ("POST", "/cgi-bin/message/mass/send", send_some),
            ("POST", "/cgi-bin/message/mass/preview", preview),
            ("POST", "/cgi-bin/message/mass/get", get),
            ("POST", "/cgi-bin/message/mass/delete", delete),
            ("POST", "/cgi-bin/message/mass/speed/get", speed),
        ],
    )
    sim.scheduler.on("mass_finish", lambda ref: _finish(sim, int(ref)))


async def send_all(call: Call) -> dict[str, Any]:
    """Send to every follower, or to those with one tag."""
    sim = call.sim
    target = call.need("filter", dict)
    fans = [p for p in sim.world.phones.values() if p.is_following and not p.is_blacklisted]
    if target.get("is_to_all"):
        return _send(call, fans, to_all=True)
    tag_id = target.get("tag_id")
    if str(tag_id) not in sim.world.tags:
        raise WxError(45159)
    return _send(call, [p for p in fans if int(str(tag_id)) in p.tag_ids], to_all=False)


async def send_some(call: Call) -> dict[str, Any]:
    """Send to 2 … 10 000 followers by openid."""
    openids = call.need("touser", list)
    if len(openids) < 2:
        raise WxError(40130)
    if len(openids) > 10_000:
        raise WxError(40032)
    people = [call.user(openid) for openid in openids]
    return _send(call, [p for p in people if p.is_following], to_all=False)


def _check_client_id(call: Call) -> str:
    client = str(call.body.get("clientmsgid") or "")
    if len(client) > 64:
        raise WxError(45067)
    for mass in call.sim.world.mass:
        if client and mass.clientmsgid == client:
            raise WxError(45065, msg_id=mass.msg_id, msg_data_id=mass.msg_data_id)
    return client


def _count_to_all(sim: Sim) -> None:
    counters = sim.world.counters
    day, month = f"{sim.clock.day()}:mass_all", f"{sim.clock.month()}:mass_all"
    if counters.get(day, 0) >= ALL_DAILY or counters.get(month, 0) >= ALL_MONTHLY:
        raise WxError(45028)
    counters[day] = counters.get(day, 0) + 1
    counters[month] = counters.get(month, 0) + 1


def _send(call: Call, people: list[Phone], *, to_all: bool) -> dict[str, Any]:
    sim = call.sim
    client = _check_client_id(call)
    kind, body = render(sim, call.body)
    if to_all:
        _count_to_all(sim)
    month = sim.clock.month()
    reached = [p for p in people if p.mass_received.get(month, 0) < PER_FAN_MONTHLY]
    if people and not reached:
        raise WxError(45028)
    for phone in reached:
        phone.mass_received[month] = phone.mass_received.get(month, 0) + 1
        chat.deliver(sim, phone, "mass", kind, body)
    mass = MassSend(
        msg_id=int(digits(10)),
        msg_data_id=int(digits(10)),
        clientmsgid=client,
        at=sim.clock.now(),
        status="SENDING",
        total=len(people),
        sent=len(reached),
        body=call.body,
    )
    sim.world.mass.append(mass)
    sim.scheduler.at(sim.clock.now() + sim.scaled(1), "mass_finish", str(mass.msg_id))
    return {
        "errcode": 0,
        "errmsg": "send job submission success",
        "msg_id": mass.msg_id,
        "msg_data_id": mass.msg_data_id,
    }


async def _finish(sim: Sim, msg_id: int) -> None:
    mass = next((m for m in sim.world.mass if m.msg_id == msg_id), None)
    if mass is None or mass.status != "SENDING":
        return
    mass.status = "SEND_SUCCESS"
    anyone = next(iter(sim.world.phones.values()), None)
    if anyone is None:
        return
    fields = {
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": mass.msg_id,
        "Status": "send success",
        "TotalCount": mass.total,
        "FilterCount": mass.total,
        "SentCount": mass.sent,
        "ErrorCount": mass.total - mass.sent,
    }
    await push.push(sim, anyone, fields, wait=False)


async def preview(call: Call) -> dict[str, Any]:
    """Send a preview to one person; 100 a day."""
    phone = call.user(call.body.get("touser"))
    if not phone.is_following:
        raise WxError(43004)
    kind, body = render(call.sim, call.body)
    chat.deliver(call.sim, phone, "preview", kind, body)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": int(digits(10))}


def _mass(call: Call) -> MassSend:
    wanted = str(call.body.get("msg_id"))
    found = next((m for m in call.sim.world.mass if str(m.msg_id) == wanted), None)
    if found is None:
        raise WxError(40059)
    return found


async def get(call: Call) -> dict[str, Any]:
    """The state of a mass send."""
    mass = _mass(call)
    return {"msg_id": mass.msg_id, "msg_status": mass.status}


async def delete(call: Call) -> None:
    """Withdraw a mass send."""
    _mass(call).status = "DELETE"


async def speed(_call: Call) -> dict[str, Any]:
    """The sending speed."""
    return {"speed": 3, "realspeed": 15}
