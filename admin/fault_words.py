"""What went wrong behind the shop's back, in the merchant's words: calls to WeChat, troubles.

A merchant wants to know three things: what happened, what is being done about it, and whether
money can go twice. Codes are WeChat's and ours; one that nobody named shows itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.overview import Trouble

SAID = {
    "no_answer": "微信没有回答", "no_connection": "连不上微信", "busy": "与微信的连接都在忙",
    "not_json": "微信的应答不完整", "SYSTEM_ERROR": "微信系统出错", "BANK_ERROR": "银行系统出错",
    "SIGN_ERROR": "微信拒绝了签名（服务器时钟或证书不对）",
    "FREQUENCY_LIMITED": "微信要求稍后再试",
    "NOT_ENOUGH": "商户号余额不足", "restored_hold": "恢复保全中，暂不发出",
}  # fmt: skip
FIELDS = {
    "amount": "金额", "mchid": "商户号", "appid": "公众号", "currency": "币种",
    "out_trade_no": "单号", "out_refund_no": "单号",
}  # fmt: skip
ASKING = "正在按原单号查询，不会重复"
# code → tone, text, where to look, the right that it takes to see it
TROUBLES: Mapping[str, tuple[str, str, str, str]] = {
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
        "bad", "服务器 {machine} 的时钟比微信慢 {minutes} 分钟；超过 5 分钟，微信会拒绝"
        "收款、退款与提现，请校准时间。已提交的会按原单号补上。", "", "today.see",
    ),
    "clock_fast": (
        "bad", "服务器 {machine} 的时钟比微信快 {minutes} 分钟；超过 5 分钟，微信会拒绝"
        "收款、退款与提现，请校准时间。已提交的会按原单号补上。", "", "today.see",
    ),
    "payments_unanswered": (
        "warn", "{count} 笔付款微信没有明确回答，" + ASKING + "收款。", "/admin/orders?tab=to_pay",
        "orders.see",
    ),
    "refunds_unanswered": (
        "warn", "{count} 笔退款微信没有明确回答，" + ASKING + "退款。", "/admin/refunds",
        "orders.see",
    ),
    "payouts_unanswered": (
        "warn", "{count} 笔提现微信没有明确回答，" + ASKING + "付款。",
        "/admin/withdrawals?state=paying", "payouts.see",
    ),
    "notices_missing": (
        "warn", "近 24 小时有 {count} 笔付款的微信通知没有送到，已由查询得知，账目不受影响。"
        "经常出现请技术人员检查通知地址。", "", "orders.see",
    ),
    "tasks_retried": (
        "warn", "{count} 个后台任务还没成功，正在自动重试。", "/admin/outbox", "outbox.replay",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One notice of the first page."""

    tone: str
    text: str
    href: str


def lines(found: Iterable[Trouble], ailing: Mapping[str, Any], may: Any) -> list[Line]:
    """What ails this process and the shop, for somebody with these rights; the gravest first."""
    parts = [Trouble(name, 1) for name, what in ailing.items() if what and name in TROUBLES]
    told = []
    for each in sorted((*parts, *found), key=lambda t: TROUBLES[t.code][0] != "bad"):
        tone, text, href, right = TROUBLES[each.code]
        if may(right):
            told.append(Line(tone, text.format(count=each.count, **each.facts), href))
    return told


def said(text: str | None) -> str:
    """How the last call to WeChat ended: 'no_answer ServerDisconnected' → '微信没有回答'."""
    text = (text or "").removeprefix("no result: ").removeprefix("not closed: ")
    code, _, rest = text.partition(" ")
    code = code.rstrip(":")
    if code in SAID:
        return SAID[code]
    if code.startswith("answer_"):
        return "微信应答的签名验不过，没有采信"
    if code.startswith("http_5"):
        return "微信系统出错"
    if code == "mismatch":
        return f"微信所说与本店记录不符（{FIELDS.get(rest, rest)}），没有入账"
    return f"微信返回 {text}" if text else ""
