"""模板消息: template messages, their results, and the account's templates of them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator import chat
from simulator.account import gate, push, templates
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import new_msgid
from simulator.sim import Sim
from simulator.world import Phone, Template, TemplateSend

MAX_TEMPLATES = 25
KEEP_SENDS = 20_000


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of template messages, and the delivery that follows a send."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/message/template/send", send),
            ("GET", "/cgi-bin/template/get_all_private_template", all_templates),
            ("POST", "/cgi-bin/template/api_add_template", add),
            ("POST", "/cgi-bin/template/del_private_template", delete),
            ("POST", "/wxa/sec/queryblocktmplmsg", blocked),
        ],
    )
    sim.scheduler.on("template_finish", lambda ref: _finish(sim, ref))


async def send(call: Call) -> dict[str, Any]:
    """Send a template message to a follower; the result follows as an event."""
    gate.refuse_escapes(call)
    sim = call.sim
    phone = call.user(call.body.get("touser"))
    template = templates.find(sim, call.body.get("template_id"), "template")
    if not phone.is_following:
        raise WxError(43004)
    lines = templates.fill(template, call.body.get("data"))
    repeat = _repeat_of(call, phone)
    if repeat is not None:
        return {"errcode": 0, "errmsg": "ok", "msgid": repeat.msgid}
    sent = TemplateSend(
        msgid=new_msgid(),
        openid=phone.openid,
        template_id=template.id,
        at=sim.clock.now(),
        data=call.body["data"],
        url=str(call.body.get("url", "")),
        is_blocked=bool(templates.marketing_word(lines)),
    )
    sends = sim.world.template_sends
    sends[str(sent.msgid)] = sent
    if len(sends) > KEEP_SENDS:
        del sends[next(iter(sends))]
    _decide(call, phone, template, lines, sent)
    sim.scheduler.at(sim.clock.now() + sim.scaled(0.2), "template_finish", str(sent.msgid))
    return {"errcode": 0, "errmsg": "ok", "msgid": sent.msgid}


def _repeat_of(call: Call, phone: Phone) -> TemplateSend | None:
    """The earlier send with the same client_msg_id, which is not shown again; None if new."""
    client = call.body.get("client_msg_id")
    if not client:
        return None
    key = f"client_msg:{phone.openid}:{client}"
    msgid = call.sim.world.counters.get(key)
    return call.sim.world.template_sends.get(str(msgid))


def _decide(
    call: Call,
    phone: Phone,
    template: Template,
    lines: list[dict[str, str]],
    sent: TemplateSend,
) -> None:
    sim = call.sim
    if client := call.body.get("client_msg_id"):
        sim.world.counters[f"client_msg:{phone.openid}:{client}"] = sent.msgid
    if sent.is_blocked:
        sent.status = "failed: system failed"
    elif phone.blocks_templates:
        sent.status = "failed:user block"
    else:
        sent.status = "success"
        chat.deliver(
            sim, phone, "template", "template", templates.bubble(template, lines, call.body)
        )


async def _finish(sim: Sim, ref: str) -> None:
    sent = sim.world.template_sends.get(ref)
    phone = sim.world.by_openid(sent.openid) if sent else None
    if sent is None or phone is None:
        return
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"}
    await push.push(sim, phone, {**event, "MsgID": sent.msgid, "Status": sent.status}, wait=False)


# --- the account's templates -------------------------------------------------------------


async def all_templates(call: Call) -> dict[str, Any]:
    """The templates that the account has added."""
    return {
        "template_list": [
            {
                "template_id": t.id,
                "title": t.title,
                "primary_industry": "",
                "deputy_industry": "",
                "content": t.content,
                "example": t.example,
            }
            for t in templates.of_kind(call.sim, "template")
        ]
    }


async def add(call: Call) -> dict[str, Any]:
    """Add a template from the public library; at most 25."""
    gate.refuse_escapes(call)
    if len(templates.of_kind(call.sim, "template")) >= MAX_TEMPLATES:
        raise WxError(45026)
    words = call.body.get("keyword_name_list") or []
    template = templates.from_library(str(call.need("template_id_short")), words)
    call.sim.world.templates[template.id] = template
    return {"errcode": 0, "errmsg": "ok", "template_id": template.id}


async def delete(call: Call) -> None:
    """Remove a template from the account."""
    template = templates.find(call.sim, call.body.get("template_id"), "template")
    del call.sim.world.templates[template.id]


async def blocked(call: Call) -> dict[str, Any]:
    """The messages of one template that WeChat intercepted."""
    template_id = call.body.get("tmpl_msg_id")
    sends = [
        s
        for s in call.sim.world.template_sends.values()
        if s.is_blocked and s.template_id == template_id
    ]
    template = call.sim.world.templates.get(str(template_id))
    limit = int(call.body.get("limit", 20))
    return {
        "errcode": 0,
        "errmsg": "ok",
        "msginfo": [
            {
                "id": s.msgid,
                "tmpl_msg_id": s.template_id,
                "title": template.title if template else "",
                "content": s.data,
                "send_timestamp": int(s.at),
                "openid": s.openid,
            }
            for s in sends[-limit:]
        ],
    }
