"""免确认收款授权: a person agrees once and is then paid without confirming each transfer.

Endpoints, fields and states follow the merchant documents of 2025-08. They do not say: the error
code for a transfer whose authorisation has ended, the answer to a known number, and the limit of
one such transfer. These three are our choice (not verified).
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.clock import DAY_S, iso, rfc3339
from simulator.errors import PayError, SimConflict
from simulator.ids import digits, random_id
from simulator.pay import gate, notify, transfer_requests, transfers
from simulator.pay.gate import PayCall, param_error
from simulator.sim import Sim
from simulator.world import Grant, Phone

BASE = "/v3/fund-app/mch-transfer/user-confirm-authorization"
ONE = BASE + "/out-authorization-no/{out_authorization_no}"
ANSWER_WITHIN_S = DAY_S


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of authorisations and of their transfers; an unanswered authorisation is closed."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", BASE, create),
            ("GET", ONE, query),
            ("POST", ONE + "/close", close),
            ("POST", transfers.BASE + "/transfer", transfer),
        ],
    )

    async def expire(ref: str) -> None:
        found = sim.world.grants.get(ref)
        if found is not None and found.state == "WAIT_USER_CONFIRM":
            _close(sim, found, "OVERDUE_CLOSE")

    sim.scheduler.on("grant_expire", expire)


async def create(call: PayCall) -> dict[str, Any]:
    """Request an authorisation; a repeated request returns its current state."""
    sim = call.sim
    number = call.text("out_authorization_no", r"[0-9A-Za-z]{1,32}")
    known = sim.world.grants.get(number)
    if known is not None:
        if known.request != call.body:
            raise PayError(400, "INVALID_REQUEST", "商户授权单号重复，且参数与首次请求不一致")
        return _json(sim, known, shows=True)
    made = _made(call, number)
    if any(_is_in_force(g, made.openid, made.scene_id) for g in sim.world.grants.values()):
        raise PayError(400, "INVALID_REQUEST", "用户已有生效中的免确认收款授权")
    sim.world.grants[number] = made
    sim.scheduler.at(made.made_at + ANSWER_WITHIN_S, "grant_expire", number)
    return _json(sim, made, shows=True)


def _made(call: PayCall, number: str) -> Grant:
    sim, body = call.sim, call.body
    if body.get("appid") != sim.settings.appid:
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid与商户号未绑定")
    openid = body.get("openid")
    phone = sim.world.by_openid(openid) if isinstance(openid, str) else None
    if phone is None:
        raise param_error("openid", "openid与appid不匹配")
    scene = str(body.get("transfer_scene_id"))
    if scene not in transfer_requests.SCENES:
        raise param_error("transfer_scene_id", "转账场景ID不存在或未开通")
    words = body.get("user_recv_perception")
    if words is not None and words not in transfer_requests.SCENES[scene][1]:
        raise PayError(400, "INVALID_REQUEST", "暂不支持展示当前传入的用户收款感知")
    return Grant(
        out_authorization_no=number,
        authorization_id="20" + digits(26),
        openid=phone.openid,
        phone=phone.id,
        scene_id=scene,
        display_name=call.text("user_display_name", r".{1,32}"),
        perception=str(words or ""),
        notify_url=call.text("authorization_notify_url", r"https?://[^?\s]{1,240}"),
        request=body,
        made_at=sim.clock.now(),
        package_info=random_id(64),
    )


def _is_in_force(grant: Grant, openid: str, scene_id: str) -> bool:
    return (grant.state, grant.openid, grant.scene_id) == ("TAKING_EFFECT", openid, scene_id)


async def query(call: PayCall) -> dict[str, Any]:
    """An authorisation by the merchant's number."""
    shows = call.request.query.get("is_display_authorization") == "true"
    return _json(call.sim, _known(call), shows=shows)


async def close(call: PayCall) -> dict[str, Any]:
    """End an authorisation, waiting or in force; a repeated call succeeds too."""
    if call.raw:
        raise PayError(400, "PARAM_ERROR", "该接口没有请求体")
    found = _known(call)
    if found.state != "CLOSED":
        _close(call.sim, found, "MERCHANT_CLOSE")
    return _json(call.sim, found)


def _known(call: PayCall) -> Grant:
    found = call.sim.world.grants.get(call.request.match_info["out_authorization_no"])
    if found is None:
        raise PayError(404, "NOT_FOUND", "记录不存在")
    return found


async def transfer(call: PayCall) -> dict[str, Any]:
    """A transfer under an authorisation in force: it is paid at once."""
    sim = call.sim
    number = call.text("out_bill_no", r"[0-9A-Za-z]{1,32}")
    known = sim.world.transfers.get(number)
    if known is not None:
        return transfers.again(known, call.body)
    named = call.text("authorization_id", r"[0-9A-Za-z]{1,64}")
    grants = [g for g in sim.world.grants.values() if g.authorization_id == named]
    if not grants or not _is_in_force(grants[0], grants[0].openid, grants[0].scene_id):
        raise PayError(400, "INVALID_REQUEST", "免确认收款授权不存在或已解除")
    if str(call.body.get("transfer_scene_id")) != grants[0].scene_id:
        raise param_error("transfer_scene_id", "转账场景与授权不一致")
    made = transfer_requests.made(call, sim.world.phones[grants[0].phone], number)
    if made.amount_fen > sim.settings.granted_max_fen:
        raise PayError(400, "INVALID_REQUEST", "超过免确认收款单笔上限")
    return transfers.pay_at_once(sim, sim.world.phones[made.phone], made)


def _close(sim: Sim, grant: Grant, reason: str) -> None:
    was_in_force = grant.state == "TAKING_EFFECT"
    grant.state, grant.closed_at, grant.close_reason = "CLOSED", sim.clock.now(), reason
    sim.scheduler.cancel("grant_expire", grant.out_authorization_no)
    if was_in_force:
        _tell(sim, grant, "MCHTRANSFER.AUTHORIZATION.CLOSED")
    sim.hub.publish(grant.phone, "grant", grant=shown(sim, grant))


def _tell(sim: Sim, grant: Grant, event: str) -> None:
    resource = _json(sim, grant) | {"mchid": sim.settings.mchid}
    notify.enqueue(sim, "grant", event, grant.notify_url, "mch_payment", resource)


def _json(sim: Sim, grant: Grant, *, shows: bool = False) -> dict[str, Any]:
    """An authorisation as WeChat returns it; ``shows`` adds the package that opens its sheet."""
    answer: dict[str, Any] = {
        "out_authorization_no": grant.out_authorization_no,
        "appid": sim.settings.appid,
        "openid": grant.openid,
        "user_display_name": grant.display_name,
        "transfer_scene_id": grant.scene_id,
        "state": grant.state,
        "create_time": rfc3339(grant.made_at),
    }
    if grant.authorized_at:
        answer["authorization_id"] = grant.authorization_id
        answer["authorize_time"] = rfc3339(grant.authorized_at)
    if grant.state == "CLOSED":
        answer["close_info"] = {
            "close_time": rfc3339(grant.closed_at),
            "close_reason": grant.close_reason,
        }
    if shows and grant.state == "WAIT_USER_CONFIRM":
        answer["package_info"] = grant.package_info
    return answer


# --- what people do ----------------------------------------------------------------------
def shown(sim: Sim, grant: Grant) -> dict[str, Any]:
    """An authorisation for `/_sim` and for its sheet."""
    return {
        "kind": "grant",
        "out_authorization_no": grant.out_authorization_no,
        "merchant": sim.settings.merchant_name,
        "display_name": grant.display_name,
        "scene_id": grant.scene_id,
        "state": grant.state,
        "close_reason": grant.close_reason,
        "made_at": iso(grant.made_at),
    }


def answer(sim: Sim, phone: Phone, grant: Grant, decision: str) -> None:
    """The person agrees, closes the sheet, or ends an earlier authorisation (服务管理)."""
    if grant.phone != phone.id:
        raise SimConflict("the authorisation is somebody else's")
    if decision == "revoke":
        if grant.state != "TAKING_EFFECT":
            raise SimConflict(f"the authorisation is {grant.state}")
        _close(sim, grant, "USER_CLOSE")
    elif decision == "confirm":
        if grant.state != "WAIT_USER_CONFIRM":
            raise SimConflict(f"the authorisation is {grant.state}")
        grant.state, grant.authorized_at = "TAKING_EFFECT", sim.clock.now()
        sim.scheduler.cancel("grant_expire", grant.out_authorization_no)
        _tell(sim, grant, "MCHTRANSFER.AUTHORIZATION.CONFIRMED")
        sim.hub.publish(phone.id, "grant", grant=shown(sim, grant))


def by_package(sim: Sim, package: str) -> Grant | None:
    """The waiting authorisation that a page opens by its package_info."""
    found = (g for g in sim.world.grants.values() if g.package_info == package)
    return next((g for g in found if g.state == "WAIT_USER_CONFIRM"), None)
