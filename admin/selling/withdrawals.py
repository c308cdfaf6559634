"""提现审核: approve (above a limit by two people), reject, hold, query WeChat, payroll, tax."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiohttp import web

from admin import confirming
from admin.as_shown import refuses_if_changed, try_as_shown
from admin.deps import deps_of
from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Button, Empty, ListSpec, Tile
from admin.kit.steps import Ask, Step, nothing, reason
from admin.kit.wanted import Filter, View, Wanted
from admin.texts import TEXTS
from admin.web import (
    PAGE_SIZE,
    actor,
    done,
    first_url,
    id_of,
    next_url,
    page,
    read,
    refuse_bad,
    try_step,
)
from admin.words import WITHDRAWAL
from domain import distribution, payouts, reconcile
from domain.distribution import WithdrawalView
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.finding import Sought
from kernel.money import yuan, yuan_grouped
from kernel.web.forms import Form, query_param, read_form
from kernel.web.keys import STORE
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
STATES = (
    "requested", "approved", "paying", "awaiting_user", "cancelling", "paid", "returned",
)  # fmt: skip
ID = r"/withdrawals/{id:\d{1,18}}"
URL = "/admin/withdrawals"
FORMULA = ("=", "+", "-", "@")


def find(wanted: Wanted) -> Sequence[WithdrawalView]:
    """Withdrawals, newest first: by state, on hold, or with an uncertain transfer."""
    typed = wanted.text("q")
    ids = distribution.ids_of_withdrawals(Sought.of(typed), wanted.limit) if typed else None
    return distribution.list_withdrawals(
        wanted.view if wanted.view in STATES else None,
        wanted.sort,
        wanted.limit,
        on_hold=True if wanted.view == "held" else None,
        uncertain=wanted.view == "uncertain",
        ids=ids,
    )


def _tiles(_: Wanted) -> Sequence[Tile]:
    found = distribution.merchant_figures()
    waiting, held = found.withdrawals_to_review, found.withdrawals_on_hold
    return (
        Tile("待审核", waiting, href=f"{URL}?view=requested", is_due=waiting > 0),
        Tile("已挂起", held, href=f"{URL}?view=held", is_due=held > 0),
        Tile("提现中", f"¥{yuan_grouped(found.withdrawing_fen)}"),
        Tile("可提现余额", f"¥{yuan_grouped(found.available_fen)}"),
    )


def _way(row: WithdrawalView) -> str:
    if row.channel == "payroll":
        return "工资代发"
    return "微信零钱（免确认）" if row.is_granted else "微信零钱"


def _badges(row: WithdrawalView) -> Sequence[cols.Badge]:
    held = [("挂起", "warn")] if row.is_on_hold else []
    return [*held, ("不能确定", "bad")] if row.uncertain_at else held


LIST = ListSpec[WithdrawalView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.code("提现单", lambda row: row.out_bill_no, note=lambda row: row.requested_at),
        cols.when("申请时间", lambda row: row.requested_at, on_screen=False),
        cols.text("收款人", lambda row: row.name),
        cols.money("申请", lambda row: row.gross_fen, note=lambda row: (
            f"退款收回 ¥{yuan_grouped(row.taken_fen)}" if row.taken_fen else ""), sort="gross"),
        cols.money("退款收回", lambda row: row.taken_fen, on_screen=False),
        cols.money("个税", lambda row: row.tax_fen),
        cols.money("手续费", lambda row: row.fee_fen),
        cols.money("到账", lambda row: row.net_fen),
        cols.text("方式", _way),
        cols.state("状态", WITHDRAWAL, lambda row: row.state, badges=_badges,
                   note=lambda row: "待第二人复核" if row.needs_second else ""),
        cols.when("付款时间", lambda row: row.paid_at, on_screen=False),
        cols.act(lambda row: "审核" if row.state == "requested" else "详情"),
    ),
    unit="笔",
    note="超过复核金额的，需要两位同事先后同意",
    href=lambda row: f"{URL}/{row.id}",
    views=(
        View("all", "全部"), *(View(each, WITHDRAWAL[each][0]) for each in STATES),
        View("held", "挂起"), View("uncertain", "不能确定"),
    ),
    filters=(Filter("q", "提现单或微信转账单号（完整）", is_wide=True),),
    tiles=_tiles,
    buttons=(
        Button("工资代发", "/admin/payroll", "payouts.see"),
        Button("个税台账", "/admin/tax", "payouts.see"),
        Button("暂停一切付款", "/admin/brakes", "payouts.stop", tone="danger"),
    ),
    empty=Empty("没有提现", "分销商提现后会出现在这里。"),
    has_file=True,
)  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    """A withdrawal with its amounts and tax, its payee, and whether the reader approved it."""
    found = distribution.withdrawal_detail(ask.id)
    payee = distribution.distributor(found.member_id)
    return {
        "row": found,
        "payee": payee,
        "people": {f"member:{found.member_id}": payee.display_name} if payee else {},
        "is_mine": found.approved_by == ask.actor,
        "me": ask.actor,
    }


DETAIL = DetailSpec(
    ID, "payouts.see", "admin/selling/withdrawal.html", _load, {"shown": "withdrawal"}
)


@routes.post(f"{ID}/approve")
@refuses_if_changed("withdrawal")
@requires("payouts.review", fresh=True)
async def approve(request: web.Request) -> web.StreamResponse:
    """Approve a withdrawal; from the limit on, a second person has to approve too."""
    url = f"/admin/withdrawals/{id_of(request)}"
    row = await read(request, distribution.withdrawal_detail, id_of(request))
    sum_ = f"¥{yuan_grouped(row.payable_fen)}"
    sent = await try_as_shown(
        request, url, distribution.approve_withdrawal, id_of(request), actor(request)
    )
    text = f"已同意 {sum_}，正在付款" if sent else f"已初审 {sum_}，需另一位同事复核后付款"
    if sent and (await read(request, payouts.payout_stop)).is_stopped:
        text = f"已同意 {sum_}；付款已全部暂停，恢复后自动付出"
    await done(request, text, url)


class Hold(NamedTuple):
    """Whether to hold or to resume a withdrawal, the reason, and what its owner reads."""

    is_hold: bool
    reason: str
    told: str


def _hold(form: Form) -> Hold:
    is_hold = form.choice("do", ("hold", "unhold")) == "hold"
    told = form.text("told", most=80, required=False)
    return Hold(is_hold, form.text("reason", most=80), told)


def reject(ask: Ask, why: str) -> str:
    """Reject a withdrawal with a reason that its owner reads; the money returns to the balance."""
    distribution.reject_withdrawal(ask.id, ask.actor, why)
    row = distribution.withdrawal_detail(ask.id)
    return f"已驳回，¥{yuan_grouped(row.gross_fen)} 已退回对方余额"


def hold(ask: Ask, it: Hold) -> str:
    """Hold a withdrawal for a check, or resume it."""
    verb = distribution.pause_withdrawal if it.is_hold else distribution.resume_withdrawal
    verb(ask.id, ask.actor, it.reason, **({"told": it.told} if it.is_hold else {}))
    return "已挂起" if it.is_hold else "已解除挂起"


def give_up(ask: Ask, _: None) -> str:
    """Confirm that an uncertain transfer was never paid, as no bill of WeChat contains it.

    Two people have to confirm; then the money returns to the balance.
    """
    bill_id = distribution.withdrawal_detail(ask.id).bill_id or 0
    is_over = reconcile.give_up_transfer(bill_id, ask.actor)
    return "已确认未付出，金额已退回对方余额" if is_over else "已初次确认，请另一位同事再次确认"


ONE = "/admin/withdrawals/{id}"
STEPS = (
    Step(f"{ID}/reject", "payouts.review", reject, ONE, reason,
         word="驳回", fresh=True, shows="withdrawal"),
    Step(f"{ID}/hold", "payouts.review", hold, ONE, _hold, fresh=True, shows="withdrawal"),
    Step(f"{ID}/give-up", "payouts.review", give_up, ONE, nothing,
         fresh=True, shows="withdrawal"),
)  # fmt: skip


@routes.post(f"{ID}/query")
@requires("payouts.review")
async def query(request: web.Request) -> web.StreamResponse:
    """Query the state of the transfer at WeChat now."""
    url = f"/admin/withdrawals/{id_of(request)}"
    found = await read(request, distribution.withdrawal_detail, id_of(request))
    if found.sent_at is None or found.bill_id is None:
        await done(request, "还没有提交给微信，无需查询", url)
    await payouts.query_bill_at_wechat(
        request.config_dict[STORE], deps_of(request).pay, found.bill_id
    )
    await done(request, "已向微信查询，结果见下方进度", url)


@routes.post(f"{ID}/cancel")
@refuses_if_changed("withdrawal")
@requires("payouts.review", fresh=True)
async def cancel(request: web.Request) -> web.StreamResponse:
    """Cancel a transfer that its payee has not confirmed."""
    url = f"/admin/withdrawals/{id_of(request)}"
    await try_as_shown(request, url, _nothing_more)
    try:
        found = await read(request, distribution.withdrawal_detail, id_of(request))
        if found.bill_id is None:
            raise NotFound("bill_missing")
        await payouts.cancel_bill(
            request.config_dict[STORE], deps_of(request).pay, found.bill_id, actor(request)
        )
    except DomainError as error:
        await done(request, f"未完成：{TEXTS.of(error)}", url)
    await done(request, "已请微信撤回，结果见下方进度", url)


def _nothing_more() -> None:
    """Do nothing: only the shown facts are compared, before the flow ``cancel_bill`` runs."""


@routes.get("/payroll")
@requires("payouts.see")
async def payroll(request: web.Request) -> web.StreamResponse:
    """Show employees' approved withdrawals, which are paid with their wages."""
    rows = await read(request, distribution.list_payroll_withdrawals)
    return await page(request, "admin/selling/payroll.html", rows=rows)


@routes.post("/payroll/export")
@requires("payouts.review", fresh=True)
async def export(request: web.Request) -> web.StreamResponse:
    """Send the payment list as CSV; each export is recorded."""
    await try_step(request, "/admin/payroll", distribution.record_payroll_export, actor(request))
    rows = await read(request, distribution.list_payroll_withdrawals)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["提现单号", "姓名", "金额（元）", "申请时间"])
    for row in rows:
        asked = row.requested_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
        sheet.writerow([row.out_bill_no, plain(row.name), yuan(row.payable_fen), asked])
    day = clock.business_day(clock.now()).isoformat()
    response = web.Response(body=("\ufeff" + out.getvalue()).encode(), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="payroll-{day}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def plain(text: str) -> str:
    """The text for a CSV cell, with an apostrophe if a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


@routes.post("/payroll")
@requires("payouts.review", fresh=True)
async def settle(request: web.Request) -> web.StreamResponse:
    """Book withdrawals as paid with the wages, with a voucher."""
    form = await read_form(request)
    ids = form.ids("ids")
    voucher = form.text("voucher", most=60)
    await refuse_bad(request, form, "/admin/payroll")
    if not ids:
        await done(request, "请先勾选", "/admin/payroll")
    rows = [
        row for row in await read(request, distribution.list_payroll_withdrawals) if row.id in ids
    ]
    total_fen = sum(row.payable_fen for row in rows)
    if confirming.confirmed_fen(form) != total_fen:
        look = confirming.ConfirmPage(
            "核对工资代发", f"共 {len(rows)} 笔，¥{yuan_grouped(total_fen)}",
            [*((row.name, f"¥{yuan_grouped(row.payable_fen)}") for row in rows),
             ("凭证", voucher)],
            f"登记已发放 ¥{yuan_grouped(total_fen)}", "/admin/payroll",
        )  # fmt: skip
        return await confirming.confirm_page(request, form, total_fen, look)
    n = await try_step(
        request, "/admin/payroll", distribution.settle_payroll, ids, actor(request), voucher
    )
    return await done(request, f"已登记 {n} 笔，合计 ¥{yuan_grouped(total_fen)}", "/admin/payroll")


@routes.get("/tax")
@requires("payouts.see")
async def tax(request: web.Request) -> web.StreamResponse:
    """Show each payee's income and withheld tax of a year, for the tax declaration."""
    this = clock.business_day(clock.now()).year
    text = query_param(request, "year")
    known = {str(each): each for each in range(2020, this + 1)}
    year = known.get(text, this)
    rows = await read(request, payouts.payee_years, year, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE, key=lambda row: row.member_id)
    return await page(
        request,
        "admin/selling/tax.html",
        rows=found.items,
        year=year,
        years=[(f"/admin/tax?year={y}", f"{y} 年", "") for y in range(this, this - 5, -1)],
        next=next_url(request, found),
        first=first_url(request),
    )
