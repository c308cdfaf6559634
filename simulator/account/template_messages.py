"""模板消息 and 订阅通知: template messages and subscription notices."""

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
    """Routes of templates and notices, and the delivery that follows a send."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/message/template/send", send),
            ("POST", "/cgi-bin/message/template/subscribe", send_once),
            ("GET", "/cgi-bin/template/get_all_private_template", all_templates),
            ("POST", "/cgi-bin/template/api_add_template", add),
            ("POST", "/cgi-bin/template/del_private_template", delete),
            ("POST", "/wxa/sec/queryblocktmplmsg", blocked),
            ("POST", "/cgi-bin/message/subscribe/bizsend", send_notice),
            ("GET", "/wxaapi/newtmpl/gettemplate", notice_templates),
            ("POST", "/wxaapi/newtmpl/addtemplate", add_notice_template),
            ("POST", "/wxaapi/newtmpl/deltemplate", delete_notice_template),
        ],
    )
    sim.scheduler.on("template_finish", lambda ref: _finish(sim, ref))


def _bubble(
    template: Template, lines: list[dict[str, str]], body: dict[str, Any]
) -> dict[str, Any]:
    mini = body.get("miniprogram") or None
    return {
        "template_id": template.id,
        "title": template.title,
        "lines": lines,
        "url": "" if mini else str(body.get("url") or body.get("page") or ""),
        "miniprogram": mini,
    }


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
        chat.deliver(sim, phone, "template", "template", _bubble(template, lines, call.body))


async def _finish(sim: Sim, ref: str) -> None:
    sent = sim.world.template_sends.get(ref)
    phone = sim.world.by_openid(sent.openid) if sent else None
    if sent is None or phone is None:
        return
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"}
    await push.push(sim, phone, {**event, "MsgID": sent.msgid, "Status": sent.status}, wait=False)


async def send_once(call: Call) -> None:
    """Send a one-time subscription message; the person's accept of the link allows one."""
    sim = call.sim
    phone = call.user(call.body.get("touser"))
    template_id = str(call.body.get("template_id"))
    key = f"once:{phone.openid}:{template_id}:{call.body.get('scene')}"
    if sim.world.counters.get(key, 0) < 1:
        raise WxError(43101)
    sim.world.counters[key] -= 1
    content = call.need("data", dict).get("content", {})
    body = {
        "template_id": template_id,
        "title": str(call.body.get("title", "")),
        "lines": [{"label": "", "key": "content", "value": str(content.get("value", ""))}],
        "url": str(call.body.get("url", "")),
        "miniprogram": call.body.get("miniprogram"),
    }
    chat.deliver(sim, phone, "subscribe", "notice", body, box="services")


# --- the account's templates -------------------------------------------------------------
def _of_kind(sim: Sim, kind: str) -> list[Template]:
    return [t for t in sim.world.templates.values() if t.kind == kind]


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
            for t in _of_kind(call.sim, "template")
        ]
    }


async def add(call: Call) -> dict[str, Any]:
    """Add a template from the public library; at most 25."""
    gate.refuse_escapes(call)
    if len(_of_kind(call.sim, "template")) >= MAX_TEMPLATES:
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


# --- subscription notices ----------------------------------------------------------------
async def send_notice(call: Call) -> None:
    """Send a subscription notice; each accept of the person allows one."""
    gate.refuse_escapes(call)
    sim = call.sim
    phone = call.user(call.body.get("touser"))
    template = templates.find(sim, call.body.get("template_id"), "subscribe")
    page = call.body.get("page")
    if page is not None and not str(page).startswith(("http://", "https://")):
        raise WxError(41030)
    lines = templates.fill(template, call.body.get("data"))
    if phone.notices.get(template.id, 0) < 1:
        raise WxError(43101)
    phone.notices[template.id] -= 1
    box = "chat" if phone.is_following else "services"
    body = _bubble(template, lines, call.body)
    chat.deliver(sim, phone, "subscribe", "notice", body, box=box)
    item = {
        "TemplateId": template.id,
        "MsgID": str(new_msgid()),
        "ErrorCode": 0,
        "ErrorStatus": "success",
    }
    event = {"MsgType": "event", "Event": "subscribe_msg_sent_event"}
    fields = {**event, "SubscribeMsgSentEvent": {"List": item}}
    await push.push(sim, phone, fields, wait=False)


async def notice_templates(call: Call) -> dict[str, Any]:
    """The account's templates of subscription notices."""
    data = [
        {
            "priTmplId": t.id,
            "title": t.title,
            "content": t.content,
            "example": t.example,
            "type": 2,
            "keywordEnumValueList": [
                {"keywordCode": f"{key}.DATA", "enumValueList": values}
                for key, values in t.choices.items()
            ],
        }
        for t in _of_kind(call.sim, "subscribe")
    ]
    return {"errcode": 0, "errmsg": "ok", "data": data}


async def add_notice_template(call: Call) -> dict[str, Any]:
    """Add a template of notices from the public library."""
    gate.refuse_escapes(call)
    template = templates.from_library(str(call.need("tid")), [])
    template.kind = "subscribe"
    call.sim.world.templates[template.id] = template
    return {"errcode": 0, "errmsg": "ok", "priTmplId": template.id}


async def delete_notice_template(call: Call) -> None:
    """Remove a template of notices from the account."""
    template = templates.find(call.sim, call.body.get("priTmplId"), "subscribe")
    del call.sim.world.templates[template.id]
