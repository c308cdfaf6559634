"""Codes that the domain answers, in the shopper's words: states, reasons, causes."""

from __future__ import annotations

from typing import Any

from kernel.money import yuan
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
    """How a line's commission came about, in one sentence."""
    why, base = entry.why, yuan(entry.base_fen)
    shares = why.get("shares") or []
    mine = shares[entry.level - 1] if entry.level <= len(shares) else 0
    if why.get("mode") == "fixed":
        text = f"每件 ¥{yuan(mine)} × {why.get('quantity', entry.quantity)} 件"
    elif why.get("mode") == "levels":
        text = f"实付 ¥{base} × {_percent(mine)}"
    else:
        pool = _percent(int(why.get("pool_bp", 0)))
        total = sum(shares[: int(why.get("levels", len(shares)))]) or 1
        part = f"，您占 {mine}/{sum(shares)}" if total != mine or len(shares) > 1 else ""
        text = f"实付 ¥{base} × 佣金池 {pool}{part}"
    if why.get("is_capped"):
        text += "（已按单笔上限调整）"
    if entry.taken_fen:
        text += f"；退款收回 ¥{yuan(entry.taken_fen)}"
    return text


def _percent(rate_bp: int) -> str:
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"


FAIL_REASONS = {
    "ACCOUNT_FROZEN": "您的微信支付账户已冻结",
    "REAL_NAME_CHECK_FAIL": "您的微信支付尚未实名",
    "NAME_NOT_CORRECT": "姓名与微信支付实名不一致",
    "OPENID_INVALID": "微信身份已失效，请重新登录",
    "TRANSFER_QUOTA_EXCEED": "超过微信单笔收款限额",
    "DAY_RECEIVED_COUNT_EXCEED": "超过今日收款次数",
    "DAY_RECEIVED_QUOTA_EXCEED": "超过今日收款额度",
    "OVERDUE_CLOSE": "超过 24 小时未确认",
    "MCH_CANCEL": "商家已撤销",
    "PAYEE_ACCOUNT_ABNORMAL": "收款账户异常，请联系微信支付客服",
}

FILTERS = {
    "phase": lambda code: PHASES.get(code, (code, "", "")),
    "withdrawal": lambda code: WITHDRAWALS.get(code, (code, "", "")),
    "cause": lambda code: CAUSES.get(code or "", "—"),
    "refusal": lambda code: REFUSALS.get(code, "不符合绑定规则"),
    "not_mine": lambda code: NOT_MINE.get(code, "没有查到原因，请联系客服"),
    "fail_reason": lambda code: FAIL_REASONS.get(code, "微信未能完成付款"),
    "why_this_much": why_this_much,
    **trade_words.FILTERS,
}
