"""注销前未了的事: what stands in the way, in one list; one step refunds what has not left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from admin import confirming
from admin.approvals import code_from
from admin.guard import may_act, requires
from admin.texts import TEXTS
from admin.web import command_key, done, once, read, refuse_bad
from domain import members, rights
from kernel.errors import DomainError
from kernel.money import yuan_grouped
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
NO = r"/requests/{no:[0-9A-Za-z]{4,40}}"
WHY, TOLD = "会员注销：退还未发货的商品", "您申请注销，未发货的商品为您退款"
PAGES = {
    "order": "/admin/orders/{no}", "case": "/admin/aftersales/{id}",
    "refund": "/admin/refunds?q={no}", "withdrawal": "/admin/withdrawals/{id}",
    "commission": "/admin/distributors/{id}", "debt": "/admin/distributors/{id}",
}  # fmt: skip
"""Where each kind of thing is handled."""


@dataclass
class _Outcome:
    """What became of the orders of one step."""

    begun: int = 0
    fen: int = 0
    proposed: int = 0
    refused: list[str] = field(default_factory=list)

    def add(self, made: dict[str, Any]) -> None:
        """Count an order that was refunded or proposed."""
        if made["proposal_id"] is None:
            self.begun += 1
            self.fen += made["fen"]
        else:
            self.proposed += 1

    def text(self) -> str:
        """The sentence of the next page."""
        said = [f"{self.begun} 单退款 ¥{yuan_grouped(self.fen)} 已发起"] if self.begun else []
        said += [f"{self.proposed} 单已提交审批"] if self.proposed else []
        said += (
            [f"{len(self.refused)} 单未完成（{'；'.join(self.refused)}）"] if self.refused else []
        )
        return "，".join(said)


@routes.post(f"{NO}/refunds")
@requires("refunds.propose", acts="orders.refund")
async def refund_all(request: web.Request) -> web.StreamResponse:
    """Refund all that has not left, order by order, after the sum was confirmed.

    The form names the orders with the sums that the page showed. Each order is a transaction of
    its own, so that one refusal does not stop the others; a second tap gets the first answers.
    """
    form, no = await read_form(request), request.match_info["no"]
    url = f"/admin/requests/{no}"
    wanted, seen = _wanted(form), confirming.confirmed_fen(form)
    form.idem_key()
    await refuse_bad(request, form, url)
    total = sum(wanted.values())
    if seen != total:
        return await _confirm(request, form, no, wanted)
    asked = await code_from(request, total)
    if asked is not None:
        return asked
    outcome, acts = _Outcome(), may_act(request)
    for order_no, fen in wanted.items():
        own = command_key(request, form, f"rights.refund:{order_no}"[:48], [no, order_no, fen])
        try:
            made = await once(
                request, own, rights.refund_unshipped, no, order_no, fen, WHY, told=TOLD,
                may_act=acts,
            )  # fmt: skip
        except DomainError as error:
            outcome.refused.append(f"{order_no} {TEXTS.of(error)}")
        else:
            outcome.add(made)
    return await done(request, outcome.text(), url)


def _wanted(form: Form) -> dict[str, int]:
    """The orders of the form with the fen that the page showed."""
    found: dict[str, int] = {}
    for text in form.all("order"):
        order_no, _, fen = text.partition(":")
        if not fen.isascii() or not fen.isdigit() or len(fen) > 12:
            form.fail("order", "form_expired")
            return {}
        found[order_no] = int(fen)
    if not found:
        form.fail("order", "nothing_unshipped")
    return found


async def _confirm(
    request: web.Request, form: Form, no: str, wanted: dict[str, int]
) -> web.StreamResponse:
    """The page that asks to confirm the sum, its receiver and each order."""
    each = await read(request, rights.request_detail, no)
    buyer = await read(request, members.member_detail, each.member_id)
    facts = [("退给", f"{buyer.masked_name}（原路退回微信支付）"), ("请求", no)]
    facts += [(order_no, f"¥{yuan_grouped(fen)}") for order_no, fen in wanted.items()]
    total = sum(wanted.values())
    said = f"¥{yuan_grouped(total)}"
    look = confirming.ConfirmPage(
        "核对退款", f"{len(wanted)} 单将退款 {said}", facts,
        f"{'确认' if may_act(request) else '申请'}退款 {said}", f"/admin/requests/{no}",
        "只退还没有发出的商品；每一单分别办理，超过上限的由另一位同事审批。",
    )  # fmt: skip
    return await confirming.confirm_page(request, form, total, look)
