"""订阅通知 and 一次性订阅消息: subscription notices and one-time subscription messages."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator import chat
from simulator.account import gate, push, templates
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import new_msgid
from simulator.sim import Sim


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of subscription notices and one-time messages."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/message/template/subscribe", send_once),
            ("POST", "/cgi-bin/message/subscribe/bizsend", send_notice),
            ("GET", "/wxaapi/newtmpl/gettemplate", notice_templates),
            ("POST", "/wxaapi/newtmpl/addtemplate", add_notice_template),
            ("POST", "/wxaapi/newtmpl/deltemplate", delete_notice_template),
        ],
    )


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
    body = templates.bubble(template, lines, call.body)
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
        for t in templates.of_kind(call.sim, "subscribe")
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


# --- one-time subscription messages ------------------------------------------------------
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
