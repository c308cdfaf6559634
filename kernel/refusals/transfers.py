"""Reasons why a merchant transfer failed (转账失败原因), for the merchant and for the payee."""

from __future__ import annotations

from kernel.refusals.entry import Said

AGAIN = "处理好后可重新提现。"
OF_THE_IDENTITY = frozenset({"NAME_NOT_CORRECT", "ID_CARD_NOT_CORRECT", "NAME_NEEDED"})
"""Mended by the payee in what they registered with the shop (实名信息)."""


def _theirs(sentence: str, payee: str) -> Said:
    """A reason that the payee can remedy."""
    return Said(sentence, (), "none", "person", payee)


def _ours(sentence: str, *todo: str) -> Said:
    """A reason that only the merchant can remedy."""
    return Said(
        sentence,
        todo,
        "now",
        "account",
        "商家的付款功能受限，不是您的问题；商家处理好后可重新提现。",
    )


_SCENE = (
    "微信支付商户平台「产品中心 → 商家转账」核对转账场景，编号与配置 pay.transfer_scene_id 一致。"
)
_RISK = _theirs(
    "微信认为这笔转账有风险，已拦截。",
    "微信出于安全拦截了这笔付款。请在微信「服务 → 钱包」查看账户提示，或联系客服。",
)
_NAME = _theirs(
    "姓名与微信支付实名不一致。",
    f"您登记的姓名与微信支付的实名不一致，请在“实名信息”里改正，{AGAIN}",
)
_MONTH = _theirs("超过对方本月收款限额。", "超过您微信本月的收款限额，下月可重新提现。")

TRANSFERS: dict[str, Said] = {
    "ACCOUNT_FROZEN": _theirs(
        "对方微信支付账户已冻结。",
        f"您的微信支付账户已冻结，请在微信「服务 → 钱包 → 帮助中心」解冻，{AGAIN}",
    ),
    "REAL_NAME_CHECK_FAIL": _theirs(
        "对方微信支付尚未实名。",
        f"您的微信支付还没有实名，请在微信「服务 → 钱包 → 身份信息」完成实名，{AGAIN}",
    ),
    "NAME_NOT_CORRECT": _NAME,
    "ID_CARD_NOT_CORRECT": _theirs(
        "身份证号与微信支付实名不一致。",
        f"您登记的身份证号与微信支付的实名不一致，请改正，{AGAIN}",
    ),
    "OPENID_INVALID": _theirs(
        "对方微信身份已失效。", f"您的微信身份已失效，请在微信里重新打开商城登录，{AGAIN}"
    ),
    "ACCOUNT_NOT_EXIST": _theirs(
        "对方没有微信支付账户。", f"您还没有开通微信支付，请先绑定银行卡并实名，{AGAIN}"
    ),
    "TRANSFER_QUOTA_EXCEED": _theirs(
        "超过对方单笔收款限额。", "超过您微信单笔收款的限额，请减少金额，分几次提现。"
    ),
    "DAY_RECEIVED_COUNT_EXCEED": _theirs(
        "超过对方今日收款次数。", "您今天在微信的收款次数已满，明天可重新提现。"
    ),
    "DAY_RECEIVED_QUOTA_EXCEED": _theirs(
        "超过对方今日收款额度。", "您今天在微信的收款额度已满，明天可重新提现。"
    ),
    "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED": _theirs(
        "对方账户收款受限。", f"您的微信账户收款受限，请在微信「服务 → 钱包」查看详情，{AGAIN}"
    ),
    "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH": _MONTH,
    "BLOCK_B2C_USERLIMITAMOUNT_MONTH": _MONTH,
    "NEVER_ARRIVED": _theirs("两人核对微信账单，确认没有付出。", "这笔付款没有发出，可重新提现。"),
    "OVERDUE_CLOSE": _theirs(
        "对方超过 24 小时未确认。", "您没有在 24 小时内确认收款，可重新提现并及时确认。"
    ),
    "CANCELLED": _theirs("付款已撤回。", "这笔付款已撤回，需要时可重新提现。"),
    "MCH_CANCEL": _theirs("商家已撤回。", "商家撤回了这笔付款，有疑问请联系客服。"),
    "PAYEE_ACCOUNT_ABNORMAL": _theirs(
        "对方收款账户异常。",
        "您的收款账户异常，请在微信「服务 → 钱包 → 身份信息」补全信息，"
        f"或拨打微信支付客服 95017，{AGAIN}",
    ),
    "TRANSFER_RISK": _RISK,
    "RISK": _RISK,
    "PRODUCT_AUTH_CHECK_FAIL": _ours(
        "商家转账没有开通，或权限被冻结。",
        "微信支付商户平台「产品中心 → 商家转账」开通；被冻结的在“站内信”查看原因并申诉。",
    ),
    "PAYER_ACCOUNT_ABNORMAL": _ours(
        "商户账户付款受限。", "登录微信支付商户平台，按首页或“站内信”的指引解除限制。"
    ),
    "TRANSFER_SCENE_UNAVAILABLE": _ours("转账场景暂不可用。", _SCENE),
    "TRANSFER_SCENE_INVALID": _ours("商户号没有这个转账场景。", _SCENE),
    "RECEIVE_ACCOUNT_NOT_PERMMIT": _ours("没有把这位用户配置为转账收款人。", _SCENE),
    "RECEIVE_ACCOUNT_NOT_CONFIGURE": _ours("没有配置转账收款人。", _SCENE),
    "TRANSFER_REMARK_SET_FAIL": _ours(
        "转账备注设置失败。", "请把转账备注改成不含特殊字符和敏感词的文字。"
    ),
    "MERCHANT_REJECT": _ours("商户平台的验密人驳回了转账。", "请与验密人核对后再付。"),
    "MERCHANT_NOT_CONFIRM": _ours(
        "商户平台的验密人超时没有确认。", "请验密人及时确认，或关闭转账验密。"
    ),
    "FAIL": _theirs(
        "微信没有说明原因。", "微信没有付成，也没有说明原因，可重新提现，再失败请联系客服。"
    ),
    "OTHER_FAIL_REASON_TYPE": _theirs(
        "其他原因。", "微信没有付成，可重新提现，再失败请联系客服。"
    ),
}
