"""Texts for the codes that the domain returns: states, reasons, causes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel.money import sum_shown, yuan
from kernel.refusals import is_of_the_identity, payee_words
from mall_h5 import trade_words

PHASES = {
    "planned": ("待付款", "", "买家付款后计入"),
    "pending": ("待结算", "warn", "买家收货后开始计算冻结期"),
    "frozen": ("冻结中", "warn", ""),
    "ready": ("待入账", "warn", "将在下一次结算时转为可提现"),
    "blocked": ("售后中", "warn", "售后处理完再结算"),
    "released": ("可提现", "ok", "已转入可提现余额"),
    "taken_back": ("已扣回", "", "订单已退款"),
    "void": ("已失效", "", "订单已取消"),
}

WITHDRAWALS = {
    "requested": ("待审核", "warn", "商家审核后付款"),
    "approved": ("待付款", "warn", "已通过，正在安排付款"),
    "paying": ("付款中", "warn", "正在通过微信付款"),
    "awaiting_user": ("待您确认", "brand", "请在 24 小时内确认收款，过期会退回余额"),
    "paid": ("已到账", "ok", "款项已进入您的微信零钱"),
    "rejected": ("未通过", "", "金额已退回可提现余额"),
    "failed": ("未成功", "", "金额退回可提现余额，可重新提现"),
    "expired": ("已过期", "", "未在规定时间内确认，金额退回可提现余额"),
    "cancelling": ("撤销中", "warn", "正在撤销，请稍候"),
    "cancelled": ("已撤销", "", "金额退回可提现余额"),
    "returned": ("已退回", "", "金额已退回可提现余额"),
}

CAUSES = {
    "follow": "扫 TA 的码关注了公众号",
    "scan": "扫了 TA 的推广码",
    "link": "打开了 TA 分享的链接或海报",
    "order": "通过 TA 的链接下单",
    "merchant": "商家人工调整",
    "expired": "关系到期",
    "refused": "未变更",
}

REFUSALS = {
    "oneself": "不能成为自己的推荐人",
    "descendant": "对方是您的客户",
    "suspended": "对方的分销资格已暂停",
    "protected": "原推荐人仍在保护期内",
    "already_bound": "已有推荐人",
    "not_new": "仅限新会员",
    "not_a_distributor": "对方不是分销商",
}

UNFIT = "不符合绑定规则"

NOT_MINE = {
    "yours": "这笔订单已计在您名下，可在佣金明细里查看。",
    "never_met": "买家从未打开过您的链接或海报。",
    "not_bound": "买家打开过您的链接，但下单时没有推荐人。",
    "bound_to_other": "下单时买家的推荐人是别人。",
    "bound_later": "买家在下单之后才成为您的客户。",
    "binding_ended": "下单时您与买家的绑定已经到期。",
    "suspended": "下单时您的分销资格处于暂停。",
    "own_purchase": "自己购买不计佣金。",
    "no_rule": "所购商品没有设置佣金。",
    "level_not_paid": "商城没有开启这一层级的佣金。",
    "nothing_paid": "这笔订单实付为零。",
    "not_paid_yet": "买家尚未付款。",
}


def why_this_much(entry: Any) -> str:
    """How a line's commission was calculated, in one sentence."""
    why = entry.why
    if why.get("mode") == "fixed":
        each = (why.get("shares") or [0])[entry.level - 1]
        text = f"每件 ¥{yuan(each)} × {why.get('quantity', entry.quantity)} 件"
    else:
        text = f"实付 {sum_shown(entry.base_fen, entry.rates, entry.amount_fen)}"
    if why.get("is_capped"):
        text += "（已按单笔上限调整）"
    if entry.taken_fen:
        text += f"；退款收回 ¥{yuan(entry.taken_fen)}"
    return text


def withdrawal_log(steps: Iterable[Any]) -> list[tuple[Any, str, str]]:
    """A withdrawal's steps for the timeline as (instant, title, detail), newest first."""
    moves = [step for step in steps if step.from_state != step.to_state]
    moves.sort(key=lambda step: step.at, reverse=True)
    return [(step.at, WITHDRAWALS.get(step.to_state, (step.to_state,))[0], "") for step in moves]


def upline_log(history: Iterable[Any]) -> list[tuple[Any, str, str]]:
    """What happened to a member's binding, for the timeline as (instant, title, detail)."""
    return [(h.at, _new_upline(h), _cause_of_binding(h)) for h in history]


def _new_upline(h: Any) -> str:
    return f"没有变更为 {h.to_name or ''}" if h.refusal else h.to_name or "无推荐人"


def _cause_of_binding(h: Any) -> str:
    cause = CAUSES.get(h.cause or "", "—")
    return f"{cause}：{REFUSALS.get(h.refusal, UNFIT)}" if h.refusal else cause


FILTERS = {
    "phase": lambda code: PHASES.get(code, (code, "", "")),
    "withdrawal": lambda code: WITHDRAWALS.get(code, (code, "", "")),
    "cause": lambda code: CAUSES.get(code or "", "—"),
    "refusal": lambda code: REFUSALS.get(code, UNFIT),
    "not_mine": lambda code: NOT_MINE.get(code, "没有查到原因，请联系客服"),
    "fail_reason": lambda code: payee_words(code, is_open=False),
    "open_reason": lambda code: payee_words(code, is_open=True),
    "is_of_the_identity": is_of_the_identity,
    "why_this_much": why_this_much,
    "withdrawal_log": withdrawal_log,
    "upline_log": upline_log,
    **trade_words.FILTERS,
}
