"""Texts about orders and after-sales for shoppers: states, steps, reasons, prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.aftersales import Ask
from domain.orders import LogView, OrderCard, Tab
from domain.pricing import Quote
from kernel.clock import SHANGHAI
from kernel.money import yuan
from kernel.web.templates import picture_view

# state → title, tone of its badge
ORDERS = {
    "awaiting_payment": ("待付款", "brand"),
    "closing": ("关闭中", ""),
    "cancelled": ("已取消", ""),
    "paid": ("待发货", "warn"),
    "partly_shipped": ("部分发货", "warn"),
    "shipped": ("待收货", "warn"),
    "received": ("已收货", "ok"),
    "completed": ("已完成", "ok"),
    "refunded": ("已退款", ""),
}
TABS: tuple[tuple[Tab, str], ...] = (
    ("all", "全部"), ("to_pay", "待付款"), ("to_ship", "待发货"), ("to_receive", "待收货"),
    ("refunding", "售后中"), ("done", "已结束"),
)  # fmt: skip
STEPS = ("付款", "发货", "收货", "完成")
STEP_OF = {"awaiting_payment": 0, "paid": 1, "partly_shipped": 1, "shipped": 2, "received": 3,
           "completed": 4}  # fmt: skip
CANCELLED = {"buyer": "您取消了订单", "timeout": "超时未付款，订单自动取消"}
LOG = {
    "awaiting_payment": "提交订单", "closing": "订单开始关闭", "cancelled": "订单已取消",
    "paid": "付款成功", "partly_shipped": "部分商品已发出", "shipped": "商品已全部发出",
    "received": "已确认收货", "completed": "交易完成", "refunded": "款项已全部退回",
}  # fmt: skip

GIVEN = {"gift": "赠品", "reward": "奖品"}
KINDS: dict[Ask, tuple[str, str]] = {
    "refund_only": ("仅退款", "未收到货，或与商家协商不退货"),
    "part": ("退部分金额", "商品留着用，只退一部分，例如一瓶有破损"),
    "return": ("退货退款", "已收到货，寄回后退款"),
    "exchange": ("换货", "已收到货，寄回后换新"),
}
REASONS = (
    ("no_reason", "七天无理由"), ("not_wanted", "不想要了、拍错了"), ("damaged", "破损、漏液"),
    ("wrong_goods", "发错货"), ("missing", "少发、漏发"), ("quality", "质量问题"),
    ("not_as_described", "与描述不符"),
    ("late", "迟迟未发货、未送达"), ("other", "其他原因"),
)  # fmt: skip
FREIGHT_BY = {"merchant": "商家承担", "buyer": "您承担"}
# state → title, tone, what happens next, what happens automatically at the deadline
CASES = {
    "requested": ("等待商家处理", "warn", "商家会在时限内答复。", "逾期未答复将自动同意"),
    "approved": ("请寄回商品", "brand", "商家已同意，请寄回并填写单号。", "逾期未寄回将自动撤销"),
    "returning": (
        "等待商家收货",
        "warn",
        "商家收到商品后为您处理。",
        "逾期未确认将转商家负责人核实",
    ),
    "unconfirmed": (
        "等待核实收货",
        "warn",
        "商家逾期未确认收到商品，已转负责人核实，确认收到后退款；如有异议可提交投诉。",
        "未答复将再次催办",
    ),
    "received_back": ("商家已收到商品", "warn", "商家正在为您处理。", "逾期未处理将自动退款"),
    "refunding": ("退款中", "brand", "款项正在通过微信原路退回，一般几分钟内到账。", ""),
    "abnormal": ("退款处理中", "warn", "微信未能直接退回，商家会人工核对并联系您。", ""),
    "refunded": ("退款成功", "ok", "款项已原路退回您的微信支付账户。", ""),
    "settled_by_hand": ("退款成功", "ok", "款项已由商家线下退还。", ""),
    "exchanged": ("换货已发出", "ok", "新商品已发出，请留意查收。", ""),
    "rejected": ("商家未同意", "", "如有异议，可修改后重新申请，或提交投诉。", ""),
    "withdrawn": ("已撤销", "", "申请已撤销，收货期限内可重新申请。", ""),
}
CASE_LOG = {
    "requested": "提交申请", "approved": "商家同意，等待寄回", "returning": "您已寄回商品",
    "unconfirmed": "逾期未确认收货，转负责人核实",
    "received_back": "商家收到商品", "refunding": "退款已发起", "abnormal": "退款转人工核对",
    "refunded": "退款到账", "settled_by_hand": "商家线下退款", "exchanged": "换货已发出",
    "rejected": "商家未同意", "withdrawn": "申请已撤销",
}  # fmt: skip
TICKETS = {
    "open": ("处理中", "", "已收到，我们会在时限内答复。"),
    "answered": ("已答复", "ok", "如仍有疑问，可以继续追问。"),
    "closed": ("已结束", "quiet", "感谢您的反馈。"),
}
COMPANIES = (
    "顺丰速运", "京东快递", "中通快递", "圆通速递", "申通快递", "韵达快递", "极兔速递", "邮政EMS",
    "德邦快递", "其他",
)  # fmt: skip
ADJUSTMENTS = {
    "unit_price": "活动价", "reduction": "店铺满减", "coupon": "优惠券", "points": "积分抵现",
}  # fmt: skip
CHOICES = {"coupon_id": "优惠券", "points": "积分", "gift": "赠品"}
UNUSED = {
    "below_threshold": "还差 ¥{missing} 可用",
    "lost_by_price": "专享价后未达门槛，还差 ¥{missing}，少减 ¥{lost}",
    "no_matching_goods": "所选商品不适用",
    "not_combinable": "不与已用优惠同享",
    "better_offer": "已用更优惠的活动",
    "better_price": "已有更低的价格",
    "one_per_order": "每单限用一张，已选更优惠的",
    "nothing_left": "没有可抵扣的金额",
    "more_pieces": "再选 {pieces} 件可享",
}


def offers_off(adjustments: Iterable[Any]) -> list[tuple[str, str, int]]:
    """The reductions by offers as (step, name, fen), summed; of a quote or of a stored line."""
    sums: dict[tuple[str, str], int] = {}
    for each in adjustments:
        a = each if isinstance(each, dict) else vars(each)
        key = (str(a["step"]), str(a["label"]))
        sums[key] = sums.get(key, 0) + int(a["fen"])
    return [(step, label, fen) for (step, label), fen in sums.items()]


def line_note(adjustments: Iterable[Any]) -> str:
    """The reductions of one line by offers, in one sentence."""
    return "，".join(f"{label} −¥{yuan(fen)}" for _, label, fen in offers_off(adjustments))


def quote_rows(quote: Quote, province: str | None) -> list[tuple[str, int, str]]:
    """The rows of a quote's price breakdown as (label, fen, note)."""
    pieces = sum(line.quantity for line in quote.lines)
    rows = _rows(quote.goods_fen, pieces, [a for x in quote.lines for a in x.adjustments])
    note = "" if province else "按收货地区核算，偏远地区另加"
    if quote.freight_fen == 0 and province:
        note = "包邮"
    elif quote.free_freight_missing_fen:
        note = f"再买 ¥{yuan(quote.free_freight_missing_fen)} 免基础运费"
    return [*rows, ("运费", quote.freight_fen, note)]


def order_rows(order: OrderCard) -> list[tuple[str, int, str]]:
    """The rows of an order's price breakdown as (label, fen, note)."""
    adjustments = [a for line in order.lines for a in line.adjustments]
    rows = _rows(order.goods_fen, order.count, adjustments)
    return [*rows, ("运费", order.freight_fen, "" if order.freight_fen else "包邮")]


def _rows(goods_fen: int, pieces: int, adjustments: Sequence[Any]) -> list[tuple[str, int, str]]:
    rows = [("商品金额", goods_fen, f"{pieces} 件")]
    rows += [(label, -fen, ADJUSTMENTS.get(step, "")) for step, label, fen in
             offers_off(adjustments)]  # fmt: skip
    return rows


def why_unused(offer: Any) -> str:
    """Why an offer is not applied."""
    text = UNUSED.get(offer.reason, "暂不可用")
    return text.format(
        missing=yuan(offer.missing_fen), lost=yuan(offer.lost_fen), pieces=offer.missing_pieces
    )


def order_log(log: Sequence[LogView]) -> list[tuple[Any, str, str]]:
    """An order's steps for the timeline as (instant, title, detail), newest first."""
    return [(g.at, _log_title(g), _log_detail(g)) for g in reversed(log)]


def _log_title(entry: LogView) -> str:
    if entry.why == "extended":
        return "收货时间延长 3 天"
    if entry.to_state == "received" and entry.why == "timeout":
        return "到期自动确认收货"
    return LOG.get(entry.to_state, "状态更新")


def _log_detail(entry: LogView) -> str:
    facts = entry.facts or {}
    if facts.get("tracking_no"):
        return f"{facts.get('company', '')} {facts['tracking_no']}"
    if entry.to_state == "cancelled":
        return CANCELLED.get(entry.why, "")
    return ""


def card_lines(lines: Iterable[Any], pics: Any, price: str = "unit_price_fen") -> list[Any]:
    """The lines of an order or a case as its card in a list draws them."""
    return [
        {
            "name": line.title, "spec": line.spec_text, "price_fen": getattr(line, price),
            "quantity": line.quantity,
            "picture": picture_view(pics.get(line.picture_id), line.title),
        }
        for line in lines
    ]  # fmt: skip


def line_marks(line: Any) -> list[str]:
    """What is marked at an order's line: given away, paid back or claimed, not to be returned."""
    marks = [GIVEN[line.kind]] if line.is_given else []
    if line.refunded:
        marks.append(f"已退 {line.refunded} 件 ¥{yuan(line.refunded_fen)}")
    elif line.claimed:
        marks.append(f"售后中 {line.claimed} 件")
    return [*marks, "不支持无理由退货"] if line.is_return_exempt else marks


def sku_options(skus: Iterable[Any]) -> list[dict[str, Any]]:
    """The SKUs of a product as its sheet offers them."""
    return [
        {
            "id": sku.id, "label": sku.spec_text or "标准", "price_fen": sku.price_fen,
            "available": not sku.is_sold_out,
            "note": "，".join(filter(None, (sku.label, sku.is_low and f"仅剩 {sku.left} 件"))),
        }
        for sku in skus
    ]  # fmt: skip


def case_kind(case: Any) -> str:
    """What a case asks for; a refund of no pieces is a refund of an amount."""
    is_part = case.kind == "refund_only" and not any(line.quantity for line in case.lines)
    asked: Ask = "part" if is_part else case.kind
    return KINDS[asked][0]


def case_log(log: Sequence[Any]) -> list[tuple[Any, str, str]]:
    """A case's steps for the timeline as (instant, title, detail), newest first."""
    return [(g.at, CASE_LOG.get(g.to_state, "状态更新"), _by_itself(g)) for g in reversed(log)]


def _by_itself(entry: Any) -> str:
    return "到期自动处理" if entry.actor == "system" and entry.why == "timeout" else ""


def moment(instant: datetime) -> str:
    """An instant in Shanghai as people say it: 11月30日 20:00."""
    local = instant.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "order_word": lambda state: ORDERS.get(state, (state, "")),
    "case_word": lambda state: CASES.get(state, (state, "", "", "")),
    "case_kind": case_kind,
    "freight_by": lambda who: FREIGHT_BY[who],
    "case_reason": lambda code: dict(REASONS).get(code, "商家主动退款"),
    "card_lines": card_lines,
    "line_marks": line_marks,
    "line_note": line_note,
    "sku_options": sku_options,
    "ticket_word": lambda state: TICKETS.get(state, (state, "", "")),
    "why_unused": why_unused,
}
