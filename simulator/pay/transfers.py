"""商家转账: transfers that the person confirms; after a day without that the money returns."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from simulator import chat
from simulator.clock import DAY_S, rfc3339
from simulator.crypto import CryptoError, oaep_decrypt
from simulator.errors import PayError, SimConflict
from simulator.ids import digits, random_id
from simulator.pay import book, gate, keyring, notify
from simulator.pay.gate import PayCall, param_error
from simulator.pay.orders import check_notify_url
from simulator.people import phones
from simulator.sim import Sim
from simulator.world import Phone, Transfer

BASE = "/v3/fund-app/mch-transfer/transfer-bills"
NAME_REQUIRED_FEN = 200_000
NAME_FORBIDDEN_FEN = 30
CONFIRM_WITHIN_S = DAY_S
QUERY_WITHIN_S = 30 * DAY_S
WAITING = ("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM")
FINAL = ("SUCCESS", "FAIL", "CANCELLED")
LEAST_FEN = 10
CONTENT_MOST = 32
# scene → (labels that must all be reported, what the payee may read as the reason)
SCENES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "1000": (("活动名称", "奖励说明"), ("活动奖励", "现金奖励")),
    "1002": (("补贴类型",), ("行政补贴", "行政奖励")),
    "1004": (("保险产品备案编号", "保险名称", "保险操作单号"), ("保险理赔款",)),
    "1005": (("岗位类型", "报酬说明"), ("劳务报酬", "报销款", "企业补贴", "开工利是")),
    "1009": (("采购商品名称",), ("货款",)),
    "1010": (("回收商品名称",), ("二手回收货款",)),
    "1011": (("赔付原因",), ("退款", "商家赔付")),
    "1013": (("公益活动名称", "公益活动备案编号"), ("公益补助金",)),
}


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of transfers, and their automatic steps."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", BASE, create),
            ("GET", BASE + "/out-bill-no/{out_bill_no}", query),
            ("GET", BASE + "/transfer-bill-no/{transfer_bill_no}", query_by_id),
            ("POST", BASE + "/out-bill-no/{out_bill_no}/cancel", cancel),
        ],
    )
    sim.scheduler.on("transfer_ready", lambda ref: _step(sim, ref, WAITING, wait_for_user))
    sim.scheduler.on("transfer_paid", lambda ref: _step(sim, ref, ("TRANSFERING",), _succeed))
    sim.scheduler.on("transfer_expire", lambda ref: _step(sim, ref, WAITING, _expire))
    sim.scheduler.on("transfer_cancel", lambda ref: _step(sim, ref, ("CANCELING",), _cancelled))


async def _step(sim: Sim, number: str, states: tuple[str, ...], act: Any) -> None:
    transfer = sim.world.transfers.get(number)
    if transfer is not None and transfer.state in states:
        act(sim, transfer)


async def create(call: PayCall) -> dict[str, Any]:
    """Request a transfer; a repetition with the same parameters returns its current state."""
    sim = call.sim
    number = call.text("out_bill_no", r"[0-9A-Za-z]{1,32}")
    known = sim.world.transfers.get(number)
    if known is not None:
        return again(known, call.body)
    openid = call.body.get("openid")
    phone = sim.world.by_openid(openid) if isinstance(openid, str) else None
    if phone is None:
        raise param_error("openid", "openid与appid不匹配")
    transfer = made(call, phone, number)
    _accept(sim, phone, transfer)
    return _created(transfer)


def made(call: PayCall, phone: Phone, number: str) -> Transfer:
    """A new transfer from a checked request; NOT_ENOUGH if the balance is too low."""
    sim, name = call.sim, _checked(call)
    amount_fen = call.body["transfer_amount"]
    if sim.world.fund_fen < amount_fen:
        raise PayError(403, "NOT_ENOUGH", "商户运营账户资金不足")
    now = sim.clock.now()
    return Transfer(
        out_bill_no=number,
        transfer_bill_no="13" + digits(26),
        openid=phone.openid,
        phone=phone.id,
        amount_fen=amount_fen,
        remark=call.body["transfer_remark"],
        scene_id=call.body["transfer_scene_id"],
        user_name=name,
        notify_url=check_notify_url(call) if call.body.get("notify_url") else "",
        request=call.body,
        made_at=now,
        updated_at=now,
    )


def again(known: Transfer, body: dict[str, Any]) -> dict[str, Any]:
    """The state of a known number; refused unless the request equals the first one.

    The encrypted name differs in each request and is not compared.
    """
    if not _is_same(known.request, body):
        raise PayError(400, "INVALID_REQUEST", "商户单号重复，且参数与首次请求不一致")
    return _created(known)


def pay_at_once(sim: Sim, phone: Phone, transfer: Transfer) -> dict[str, Any]:
    """Pay under an authorisation, without confirmation: SUCCESS or FAIL at once."""
    _book(sim, transfer)
    if not _is_wrong_name(phone, transfer):
        _finish(sim, transfer, "SUCCESS")
    else:
        _finish(sim, transfer, "FAIL", "NAME_NOT_CORRECT")
    return _created(transfer)


def _is_same(first: dict[str, Any], again: dict[str, Any]) -> bool:
    """True if the requests are equal; encrypted fields differ by their padding each time."""
    return {**first, "user_name": bool(first.get("user_name"))} == {
        **again,
        "user_name": bool(again.get("user_name")),
    }


def _checked(call: PayCall) -> str:
    """Check amount, remark and scene; returns the payee's real name, decrypted."""
    sim, body = call.sim, call.body
    if body.get("appid") != sim.settings.appid:
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid与商户号未绑定")
    amount = body.get("transfer_amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        raise param_error("transfer_amount")
    call.text("transfer_remark", r".{1,32}")
    scene = _check_scene(call)
    most = sim.settings.transfer_scene_max_fen.get(scene, sim.settings.transfer_max_fen)
    if not LEAST_FEN <= amount <= most:
        raise PayError(400, "INVALID_REQUEST", "超过单笔转账上下限，核实产品设置是否准确")
    return _name(call, amount)


def _check_scene(call: PayCall) -> str:
    """Check scene, report and the payee's text: each must be in WeChat's list, word by word."""
    scene = str(call.body.get("transfer_scene_id"))
    if scene not in SCENES:
        raise param_error("transfer_scene_id", "转账场景ID不存在或未开通")
    labels, perceptions = SCENES[scene]
    infos = call.body.get("transfer_scene_report_infos")
    if not isinstance(infos, list) or not infos:
        raise param_error("transfer_scene_report_infos", "需传入转账场景报备信息，请检查")
    given = [i for i in infos if isinstance(i, dict)]
    if sorted(str(i.get("info_type")) for i in given) != sorted(labels):
        raise param_error(
            "transfer_scene_report_infos", "未传入完整且对应的转账场景报备信息，请根据接口文档检查"
        )
    for info in given:
        call.text("info_content", rf".{{1,{CONTENT_MOST}}}", where=info)
    words = call.body.get("user_recv_perception")
    if words is not None and words not in perceptions:
        raise PayError(400, "INVALID_REQUEST", "暂不支持展示当前传入的用户收款感知")
    return scene


def _name(call: PayCall, amount_fen: int) -> str:
    """The payee's real name: required from 2 000 yuan, refused below 0.3 yuan."""
    encrypted = call.body.get("user_name")
    if not encrypted:
        if amount_fen >= NAME_REQUIRED_FEN:
            raise param_error("user_name", "转账金额 2000 元及以上须填写收款用户姓名")
        return ""
    if amount_fen < NAME_FORBIDDEN_FEN:
        raise param_error("user_name", "转账金额低于 0.3 元不支持填写收款用户姓名")
    serial = call.request.headers.get("Wechatpay-Serial", "")
    key = keyring.for_sensitive(call.sim, serial)
    try:
        return oaep_decrypt(key, str(encrypted))
    except CryptoError as error:
        raise param_error("user_name", "敏感字段解密失败") from error


def _book(sim: Sim, transfer: Transfer) -> None:
    number = transfer.out_bill_no
    sim.world.transfers[number] = transfer
    book.post(sim, "transfer", transfer.transfer_bill_no, number, -transfer.amount_fen)


def _is_wrong_name(phone: Phone, transfer: Transfer) -> bool:
    names = (transfer.user_name, phone.real_name)
    return all(names) and names[0] != names[1]


def _accept(sim: Sim, phone: Phone, transfer: Transfer) -> None:
    number = transfer.out_bill_no
    _book(sim, transfer)
    if _is_wrong_name(phone, transfer):
        _finish(sim, transfer, "FAIL", "NAME_NOT_CORRECT")
        return
    first = sim.settings.transfer_first_state
    sim.scheduler.at(transfer.made_at + CONFIRM_WITHIN_S, "transfer_expire", number)
    if first == "WAIT_USER_CONFIRM":
        wait_for_user(sim, transfer)
    else:
        _move(sim, transfer, first)
        sim.scheduler.at(sim.clock.now() + sim.scaled(1), "transfer_ready", number)


def wait_for_user(sim: Sim, transfer: Transfer) -> None:
    """Lock the money and let the person confirm."""
    transfer.package_info = transfer.package_info or random_id(64)
    _move(sim, transfer, "WAIT_USER_CONFIRM")
    phone = sim.world.phones[transfer.phone]
    body = book.transfer_json(transfer)
    chat.deliver(sim, phone, "pay", "transfer", body, sender="wechat", box="services")


def _move(sim: Sim, transfer: Transfer, state: str) -> None:
    transfer.state = state
    transfer.updated_at = sim.clock.now()
    sim.hub.publish(transfer.phone, "transfer", transfer=book.transfer_json(transfer))


def _finish(sim: Sim, transfer: Transfer, state: str, reason: str = "") -> None:
    transfer.fail_reason = reason
    _move(sim, transfer, state)
    number = transfer.out_bill_no
    sim.scheduler.cancel("transfer_expire", number)
    phone = sim.world.phones[transfer.phone]
    if state == "SUCCESS":
        phone.wallet_fen += transfer.amount_fen
        facts = {"out_bill_no": number, "state": state}
        book.receipt(sim, phone, "转账到账通知", transfer.amount_fen, **facts)
        phones.changed(sim, phone)
    else:
        back = transfer.amount_fen
        book.post(sim, "transfer_back", transfer.transfer_bill_no, number, back)
    notify.enqueue(
        sim,
        "transfer",
        "MCHTRANSFER.BILL.FINISHED",
        transfer.notify_url,
        "mch_payment",
        bill(sim, transfer),
    )


def _succeed(sim: Sim, transfer: Transfer) -> None:
    _finish(sim, transfer, "SUCCESS")


def _expire(sim: Sim, transfer: Transfer) -> None:
    _finish(sim, transfer, "FAIL", "OVERDUE_CLOSE")


def _cancelled(sim: Sim, transfer: Transfer) -> None:
    _finish(sim, transfer, "CANCELLED", "MCH_CANCEL")


def bill(sim: Sim, transfer: Transfer) -> dict[str, Any]:
    """A transfer in the form of queries and notifications."""
    answer: dict[str, Any] = {
        "mch_id": sim.settings.mchid,
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "appid": sim.settings.appid,
        "state": transfer.state,
        "transfer_amount": transfer.amount_fen,
        "transfer_remark": transfer.remark,
        "openid": transfer.openid,
        "create_time": rfc3339(transfer.made_at),
        "update_time": rfc3339(transfer.updated_at),
    }
    if transfer.fail_reason:
        answer["fail_reason"] = transfer.fail_reason
    return answer


def _created(transfer: Transfer) -> dict[str, Any]:
    answer = {
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "create_time": rfc3339(transfer.made_at),
        "state": transfer.state,
    }
    if transfer.state == "WAIT_USER_CONFIRM":
        answer["package_info"] = transfer.package_info
    if transfer.fail_reason:
        answer["fail_reason"] = transfer.fail_reason
    return answer


def _recent(call: PayCall, transfer: Transfer | None) -> dict[str, Any]:
    if transfer is None or call.sim.clock.now() - transfer.made_at > QUERY_WITHIN_S:
        raise PayError(404, "NOT_FOUND", "记录不存在")
    return bill(call.sim, transfer)


async def query(call: PayCall) -> dict[str, Any]:
    """A transfer of the last 30 days by the merchant's number (out_bill_no)."""
    return _recent(call, call.sim.world.transfers.get(call.request.match_info["out_bill_no"]))


async def query_by_id(call: PayCall) -> dict[str, Any]:
    """A transfer of the last 30 days by WeChat's number (transfer_bill_no)."""
    wanted = call.request.match_info["transfer_bill_no"]
    found = [t for t in call.sim.world.transfers.values() if t.transfer_bill_no == wanted]
    return _recent(call, found[0] if found else None)


async def cancel(call: PayCall) -> dict[str, Any]:
    """Cancel a transfer before the person confirms (撤销); it ends a moment later."""
    if call.raw:
        raise PayError(400, "PARAM_ERROR", "该接口没有请求体")
    sim = call.sim
    transfer = sim.world.transfers.get(call.request.match_info["out_bill_no"])
    if transfer is None:
        raise PayError(404, "NOT_FOUND", "记录不存在")
    if transfer.state in WAITING:
        _move(sim, transfer, "CANCELING")
        due_at = sim.clock.now() + sim.scaled(1)
        sim.scheduler.at(due_at, "transfer_cancel", transfer.out_bill_no)
    elif transfer.state not in ("CANCELING", "CANCELLED"):
        raise PayError(400, "INVALID_REQUEST", "单据状态不允许撤销")
    return {
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "state": transfer.state,
        "update_time": rfc3339(transfer.updated_at),
    }


# --- acts of people and of WeChat
def confirm(sim: Sim, phone: Phone, transfer: Transfer) -> None:
    """The person confirms (确认收款); the money arrives a moment later."""
    if transfer.phone != phone.id:
        raise SimConflict("the transfer is for somebody else")
    if transfer.state != "WAIT_USER_CONFIRM":
        raise SimConflict(f"the transfer is {transfer.state}")
    _move(sim, transfer, "TRANSFERING")
    due_at = sim.clock.now() + sim.scaled(0.5)
    sim.scheduler.at(due_at, "transfer_paid", transfer.out_bill_no)


def force(sim: Sim, transfer: Transfer, state: str, reason: str) -> None:
    """Set the final state of an unfinished transfer, as WeChat would."""
    if transfer.state in FINAL:
        raise SimConflict(f"the transfer is {transfer.state}")
    if state == "WAIT_USER_CONFIRM":
        wait_for_user(sim, transfer)
    elif state in ("SUCCESS", "FAIL"):
        _finish(sim, transfer, state, reason if state == "FAIL" else "")
    else:
        raise SimConflict("state must be SUCCESS, FAIL or WAIT_USER_CONFIRM")


def by_package(sim: Sim, package: str) -> Transfer | None:
    """The transfer that a page opens by its package_info."""
    if not re.fullmatch(r"\S+", package):
        return None
    found = (t for t in sim.world.transfers.values() if t.package_info == package)
    return next(found, None)
