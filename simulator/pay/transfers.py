"""商家转账: transfers that the person confirms; after a day without that the money returns."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from simulator import chat
from simulator.clock import DAY_S, rfc3339
from simulator.errors import PayError, SimConflict
from simulator.ids import random_id
from simulator.pay import book, gate, notify
from simulator.pay.gate import PayCall, param_error
from simulator.pay.transfer_requests import is_same, made
from simulator.people import phones
from simulator.sim import Sim
from simulator.world import Phone, Transfer

BASE = "/v3/fund-app/mch-transfer/transfer-bills"
CONFIRM_WITHIN_S = DAY_S
QUERY_WITHIN_S = 30 * DAY_S
WAITING = ("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM")
FINAL = ("SUCCESS", "FAIL", "CANCELLED")


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


def again(known: Transfer, body: dict[str, Any]) -> dict[str, Any]:
    """The state of a known number; refused unless the request equals the first one.

    The encrypted name differs in each request and is not compared.
    """
    if not is_same(known.request, body):
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
