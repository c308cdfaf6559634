"""`/_sim`: a person pays and takes transfers; the simulator's book, to compare the ledger with."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.control.gate import Ask, add_routes
from simulator.errors import SimConflict, SimError, SimMissing
from simulator.pay import book, cashier, grants, refunds, transfers
from simulator.sim import Sim
from simulator.world import Grant, Transfer

LOOKUPS = ("prepay_id", "package", "out_trade_no", "code_url", "h5_url")


def setup(app: web.Application) -> None:
    """Routes of paying."""
    one = "/phones/{phone}"
    add_routes(
        app,
        [
            ("GET", one + "/pay", look),
            ("POST", one + "/pay", pay),
            ("GET", one + "/payments", payments),
            ("POST", one + "/transfers/{number}", answer_transfer),
            ("POST", one + "/grants/{number}", answer_grant),
            ("POST", one + "/js/pay", js_pay),
            ("POST", one + "/js/transfer", js_transfer),
            ("POST", "/transfers/{number}", force_transfer),
            ("POST", "/refunds/{number}", force_refund),
            ("POST", "/refund-outcome", next_refunds),
            ("GET", "/book", show_book),
            ("POST", "/fund", set_fund),
        ],
    )


async def look(ask: Ask) -> dict[str, Any]:
    """The pay sheet of an order."""
    wanted = {k: v for k, v in ask.request.query.items() if k in LOOKUPS}
    try:
        order = cashier.find(ask.sim, wanted)
    except cashier.Refused as error:
        raise SimConflict(str(error)) from error
    return cashier.sheet(ask.sim, ask.phone, order)


async def pay(ask: Ask) -> dict[str, Any]:
    """Pay, cancel, or fail to pay."""
    return cashier.act(ask.sim, ask.phone, ask.body)


async def js_pay(ask: Ask) -> dict[str, Any]:
    """getBrandWCPayRequest: the pay sheet, or the reason why there is none."""
    try:
        order = cashier.find(ask.sim, {"params": ask.body.get("params") or {"-": "-"}})
        cashier.check(ask.sim, ask.phone, order)
    except cashier.Refused as error:
        return {"err_msg": "get_brand_wcpay_request:fail", "reason": str(error)}
    return {"sheet": cashier.sheet(ask.sim, ask.phone, order)}


async def js_transfer(ask: Ask) -> dict[str, Any]:
    """requestMerchantTransfer: the transfer's sheet, or the reason why there is none."""
    body, settings = ask.body, ask.sim.settings
    package = str(body.get("package", ""))
    grant = grants.by_package(ask.sim, package)
    transfer = transfers.by_package(ask.sim, package) or grant
    reason = ""
    if body.get("mchId") != settings.mchid or body.get("appId") != settings.appid:
        reason = "mchId 或 appId 有误"
    elif transfer is None:
        reason = "package 有误"
    elif transfer.phone != ask.phone.id:
        reason = "收款用户与当前用户不一致"
    if reason or transfer is None:
        return {"err_msg": "requestMerchantTransfer:fail", "reason": reason}
    if isinstance(transfer, Grant):
        return {"sheet": grants.shown(ask.sim, transfer)}
    return {"sheet": book.transfer_json(transfer)}


async def payments(ask: Ask) -> dict[str, Any]:
    """Everything that this person paid, got back and received."""
    sim, phone = ask.sim, ask.phone
    orders = [o for o in sim.world.orders.values() if phone.id == o.phone]
    numbers = {o.out_trade_no for o in orders}
    returned = [r for r in sim.world.refunds.values() if r.out_trade_no in numbers]
    received = [t for t in sim.world.transfers.values() if t.phone == phone.id]
    return {
        "wallet_fen": phone.wallet_fen,
        "orders": [book.order_json(sim, o) for o in orders],
        "refunds": [book.refund_json(r) for r in returned],
        "transfers": [book.transfer_json(t) for t in received],
        "grants": [grants.shown(sim, g) for g in sim.world.grants.values() if g.phone == phone.id],
    }


async def answer_grant(ask: Ask) -> dict[str, Any]:
    """The person agrees to an authorisation, closes the sheet, or ends it in WeChat."""
    grant = ask.sim.world.grants.get(ask.request.match_info["number"])
    if grant is None:
        raise SimMissing("no such authorisation")
    decision = ask.body.get("decision")
    if decision not in ("confirm", "decline", "revoke"):
        raise SimError("decision must be confirm, decline or revoke")
    grants.answer(ask.sim, ask.phone, grant, decision)
    return {"grant": grants.shown(ask.sim, grant)}


def _transfer(ask: Ask) -> Transfer:
    found = ask.sim.world.transfers.get(ask.request.match_info["number"])
    if found is None:
        raise SimMissing("no such transfer")
    return found


async def answer_transfer(ask: Ask) -> dict[str, Any]:
    """The person takes a transfer, or lets it expire."""
    transfer = _transfer(ask)
    decision = ask.body.get("decision")
    if decision not in ("confirm", "decline"):
        raise SimError("decision must be confirm or decline")
    if decision == "confirm":
        transfers.confirm(ask.sim, ask.phone, transfer)
    return {"transfer": book.transfer_json(transfer)}


async def force_transfer(ask: Ask) -> dict[str, Any]:
    """Set the final state of an unfinished transfer, as WeChat would."""
    transfer = _transfer(ask)
    reason = str(ask.body.get("fail_reason", "PAYEE_ACCOUNT_ABNORMAL"))
    transfers.force(ask.sim, transfer, str(ask.body.get("state")), reason)
    return {"transfer": book.transfer_json(transfer)}


async def force_refund(ask: Ask) -> dict[str, Any]:
    """Set the final state of an unfinished refund, as WeChat would."""
    made = ask.sim.world.refunds.get(ask.request.match_info["number"])
    if made is None:
        raise SimMissing("no such refund")
    state = ask.body.get("state")
    if state not in refunds.FINAL:
        raise SimError(f"state must be one of {', '.join(refunds.FINAL)}")
    if made.state in ("SUCCESS", "CLOSED"):
        raise SimConflict(f"the refund is {made.state}")
    ask.sim.scheduler.cancel("refund_settle", made.out_refund_no)
    refunds.finish(ask.sim, made, state)
    return {"refund": book.refund_json(made)}


async def next_refunds(ask: Ask) -> dict[str, Any]:
    """Set how the next refunds end; PROCESSING leaves one open until it is forced."""
    state = ask.body.get("state")
    if state not in (*refunds.FINAL, "PROCESSING"):
        raise SimError("unknown state")
    ask.sim.world.refund_outcomes += [state] * int(ask.body.get("count", 1))
    return {"outcomes": ask.sim.world.refund_outcomes}


# --- the book ----------------------------------------------------------------------------
def book_json(sim: Sim) -> dict[str, Any]:
    """The whole book of the simulator."""
    world = sim.world
    return {
        "fund_fen": world.fund_fen,
        "entries": [book.entry_json(e) for e in world.book],
        "orders": [book.order_json(sim, o) for o in world.orders.values()],
        "refunds": [book.refund_json(r) for r in world.refunds.values()],
        "transfers": [book.transfer_json(t) for t in world.transfers.values()],
    }


async def show_book(ask: Ask) -> dict[str, Any]:
    """Every movement of the merchant's money, with its cause."""
    return book_json(ask.sim)


async def set_fund(ask: Ask) -> dict[str, Any]:
    """Set the merchant's balance; the difference is booked."""
    wanted = ask.body.get("balance_fen")
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
        raise SimError("balance_fen must be an integer of fen")
    difference = wanted - ask.sim.world.fund_fen
    book.post(ask.sim, "top_up", f"T{ask.sim.world.next_id()}", "", difference)
    return {"fund_fen": ask.sim.world.fund_fen}
