"""What went wrong behind the shop's back, in the merchant's words: calls to WeChat, troubles.

A merchant wants to know three things: what happened, what is being done about it, and whether
money can go twice. Codes are WeChat's and ours; one that nobody named shows itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.overview import Trouble
from domain.refusals import OpenRefusal
from kernel.refusals import TRANSFERS, explain, is_listed, said_of_transfer

SAID = {
    "no_answer": "微信没有回答", "no_connection": "连不上微信", "busy": "与微信的连接都在忙",
    "not_json": "微信的应答不完整", "SYSTEM_ERROR": "微信系统出错", "BANK_ERROR": "银行系统出错",
    "SIGN_ERROR": "微信拒绝了签名（服务器时钟或证书不对）",
    "FREQUENCY_LIMITED": "微信要求稍后再试",
    "no_key": "没有可用的微信支付公钥或平台证书，暂不发出",
    "USERPAYING": "买家正在付款，过一会儿再关",
    "NOT_ENOUGH": "商户号余额不足", "restored_hold": "恢复保全中，暂不发出",
}  # fmt: skip
FIELDS = {
    "amount": "金额", "mchid": "商户号", "appid": "公众号", "currency": "币种",
    "out_trade_no": "单号", "out_refund_no": "单号",
}  # fmt: skip
TONES = ("bad", "warn", "")
URGENCY = {"now": "bad", "soon": "warn", "note": "", "none": ""}
ASKING = "正在按原单号查询，不会重复"
ASK_STAFF = "请先不要发货或退款，也不要手改数据，把单号交给技术人员（doctor orders 会列出差额）。"
COUNT_AGAIN = "请盘点实物，并让技术人员运行 doctor stock 查明原因；查清前先调低可售数量。"
# what the look at orders and stock found: a code → what differs
CHECKUP: Mapping[str, str] = {
    "order_paid": "实付金额与状态、应付金额不符",
    "order_state": "是否已退款与退款金额不符",
    "order_lines": "商品与运费合计不等于应付",
    "order_refunded": "已退金额与退款单、商品行不符",
    "order_payment": "收款记录与订单实付不符",
    "order_refunding": "收款单的在退金额与退款单不符",
    "order_stray": "有一笔收款既不是付这张订单，也没有退回",
    "order_booked": "收款或退款与账本分录不符",
    "order_cases": "售后占用与售后单不符",
    "order_shipped": "已发件数与包裹不符",
    "order_stock": "退回或换出的件数与库存占用不符",
    "stock_sum": "库存、占用、已售之和与入库不符",
    "stock_held": "占用件数与待付款订单不符",
    "stock_sold": "已售件数与已付款订单不符",
    "kept_day": "当日合计与订单、访问不符",
    "kept_push": "各状态人数与发送明细不符",
}
# code → tone, text, where to look, the right that it takes to see it
TROUBLES: Mapping[str, tuple[str, str, str, str]] = {
    "payouts_uncertain": (
        "bad", "{count} 笔付款是否到达微信不能确定：款项不会退回，也不会重复付。"
        "请打开查看并跟进。",
        "/admin/withdrawals?view=uncertain", "payouts.see",
    ),
    "disk": (
        "bad", "服务器磁盘已满，新的订单和修改都存不下来；请立即联系技术人员腾出空间。", "",
        "today.see",
    ),
    "redis": ("warn", "Redis 不可用，已降级：下单、付款、聊天照常，只是稍慢。", "", "today.see"),
    "jobs_stalled": (
        "bad", "后台任务已停 {minutes} 分钟：退款、提现、通知都在等，请联系技术人员。",
        "/admin/outbox", "outbox.replay",
    ),
    "clock_slow": (
        "bad", "服务器 {machine} 的时钟比微信慢 {minutes} 分钟。15 分钟以内按微信的时间签名，"
        "收款、退款与提现照常；再多微信会拒绝。请校准时钟（启用 NTP）。", "", "today.see",
    ),
    "clock_fast": (
        "bad", "服务器 {machine} 的时钟比微信快 {minutes} 分钟。15 分钟以内按微信的时间签名，"
        "收款、退款与提现照常；再多微信会拒绝。请校准时钟（启用 NTP）。", "", "today.see",
    ),
    "staff_guessed": (
        "bad", "有人在试 {who} 的密码或动态码：近 24 小时输错 {count} 次。登录过的设备不受影响；"
        "如非本人，请重置其密码。", "/admin/staff", "staff.manage",
    ),
    "payments_unanswered": (
        "warn", "{count} 笔付款微信没有明确回答，" + ASKING + "收款。",
        "/admin/orders?view=to_pay",
        "orders.see",
    ),
    "refunds_unanswered": (
        "warn", "{count} 笔退款微信没有明确回答，" + ASKING + "退款。", "/admin/refunds",
        "orders.see",
    ),
    "payouts_unanswered": (
        "warn", "{count} 笔提现微信没有明确回答，" + ASKING + "付款。",
        "/admin/withdrawals?view=paying", "payouts.see",
    ),
    "notices_missing": (
        "warn", "近 24 小时有 {count} 笔付款的微信通知没有送到，已由查询得知，账目不受影响。"
        "经常出现请技术人员检查通知地址。", "", "orders.see",
    ),
    "tasks_retried": (
        "warn", "{count} 个后台任务还没成功，正在自动重试。", "/admin/outbox", "outbox.replay",
    ),
    **{
        code: (
            "bad", f"{{count}} 个订单{text}：{{which}}。{ASK_STAFF}", "/admin/orders", "orders.see"
        )
        for code, text in CHECKUP.items() if code.startswith("order_")
    },
    **{
        code: (
            "bad", f"{{count}} 个规格{text}：{{which}}。{COUNT_AGAIN}", "/admin/stock",
            "products.see",
        )
        for code, text in CHECKUP.items() if code.startswith("stock_")
    },
    "kept_day": (
        "warn", "{count} 天的成交合计曾与订单不符，已重新合计：{which}。", "", "orders.see",
    ),
    "kept_push": (
        "warn", "{count} 次群发的人数曾与发送明细不符，已重新统计：编号 {which}。", "/admin/push",
        "push.see",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One notice of the first page: what is wrong, what to do step by step, since when."""

    tone: str
    text: str
    href: str
    todo: tuple[str, ...] = ()
    since: datetime | None = None
    count: int = 0
    code: str = ""
    until: str = ""


def lines(found: Iterable[Trouble], ailing: Mapping[str, Any], may: Any) -> list[Line]:
    """What ails this process and the shop, for somebody with these rights; the gravest first."""
    parts = [Trouble(name, 1) for name, what in ailing.items() if what and name in TROUBLES]
    told = []
    for each in sorted((*parts, *found), key=lambda t: TROUBLES[t.code][0] != "bad"):
        tone, text, href, right = TROUBLES[each.code]
        if may(right):
            facts = {n: "、".join(v) if isinstance(v, tuple) else v for n, v in each.facts.items()}
            told.append(Line(tone, text.format(count=each.count, **facts), href))
    return told


def refused(found: Iterable[OpenRefusal], templates: Mapping[str, str], may: Any) -> list[Line]:
    """What WeChat refuses, the longest first; ``templates`` are titles by id.

    The same about several calls is one line, since the first and counted together.
    """
    told: dict[str, Line] = {}
    for one in found:
        title = templates.get(one.subject, one.subject)
        words = explain(one.side, one.code, call=one.call, detail=one.detail, template=title)
        is_template = words.scope == "template"
        if not may("push.see" if is_template else "today.see"):
            continue
        before = told.get(words.sentence)
        told[words.sentence] = Line(
            URGENCY[words.urgency],
            words.sentence,
            "/admin/templates" if is_template else "",
            words.todo,
            min(one.first_at, before.since or one.first_at) if before else one.first_at,
            one.count + (before.count if before else 0),
            one.code,
            "一天后自动消失" if words.scope in ("person", "item") else "恢复后自动消失",
        )
    return list(told.values())


def by_urgency(told: Iterable[Line]) -> list[Line]:
    """The gravest first, each kind in its own order."""
    return sorted(told, key=lambda line: TONES.index(line.tone))


def said(text: str | None) -> str:
    """How the last call to WeChat ended: 'no_answer ServerDisconnected' → '微信没有回答'."""
    text = (text or "").removeprefix("no result: ").removeprefix("not closed: ")
    code, _, rest = text.partition(" ")
    code = code.rstrip(":")
    if code in SAID:
        return SAID[code]
    if code in TRANSFERS or (is_listed("pay", code) and not code.startswith("answer_")):
        return said_of_transfer(code).sentence.rstrip("。")
    if code.startswith("answer_"):
        return "微信应答的签名验不过，没有采信"
    if code.startswith("http_5"):
        return "微信系统出错"
    if code == "mismatch":
        return f"微信所说与本店记录不符（{FIELDS.get(rest, rest)}），没有入账"
    return f"微信返回 {text}" if text else ""
