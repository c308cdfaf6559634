"""Pay v3's error codes (微信支付错误码), and the codes of our own checks of its answers."""

from __future__ import annotations

from kernel.refusals.entry import Said

DESK = "微信支付商户平台"
RETRIED = "我们会自动重试，您不用操作。"
ASKED = "正在按原单号查询，不会重复付款，您不用操作。"
_PROGRAM = ("请把这一行发给技术支持核对配置和参数；已提交的不会重复扣款或付款。",)
_KEYS = (
    f"{DESK}「账户中心 → API 安全」查看“微信支付公钥”及公钥 ID（或平台证书序列号）；",
    "填入配置 pay.public_key 与 pay.public_key_id，换证期间新旧都保留，改好后重启；",
    "没有采信的应答会按原单号再查询，不会重复收款或付款。",
)
_ORDINARY = Said("微信的正常答复", urgency="none", scope="item")


def _item(sentence: str, *todo: str, payee: str = "") -> Said:
    return Said(sentence, todo, "none", "item", payee)


_ANSWER = Said(
    "微信支付换了证书或公钥，本店验不过它的应答，暂不采信。",
    _KEYS,
    "now",
    payee=f"付款结果正在核对，{RETRIED}",
)

PAY: dict[str, Said] = {
    "NOT_ENOUGH": Said(
        "商户号余额不足，提现和退款付不出去。",
        (
            f"{DESK}「账户中心 → 充值」为运营账户充值，或调整结算时间；",
            "充值后自动按原单号重试，不用重复操作。",
        ),
        "now",
        payee=f"商家余额不足，{RETRIED}",
    ),
    "NO_AUTH": Said(
        "商户号没有该产品的权限，或权限被收回：{call}。",
        (
            f"{DESK}「产品中心」开通对应产品（JSAPI 支付、商家转账等）并登记服务器 IP；",
            "被收回的，在“站内信”查看原因并申诉。",
        ),
        "now",
        payee="商家的微信付款权限暂不可用，款项没有付出，请稍后再提现或联系客服。",
    ),
    "SIGN_ERROR": Said(
        "微信支付拒绝了本店的签名：服务器时钟、商户证书或证书序列号不对。",
        (
            "校准服务器时钟（启用 NTP）；",
            f"{DESK}「账户中心 → API 安全」核对商户 API 证书的序列号与配置 pay.serial_no、"
            "pay.private_key 是同一张，且没有过期；",
            "恢复后自动按原单号重试。",
        ),
        "now",
        payee=f"商家的付款系统正在调整，{RETRIED}",
    ),
    "clock_apart": Said(
        "服务器时钟与微信相差 {minutes} 分钟，已按微信的时间签名，收付款照常。",
        ("尽快校准服务器时钟（启用 NTP）：相差超过 15 分钟就不能再代为修正。",),
        "now",
    ),
    "APPID_MCHID_NOT_MATCH": Said(
        "公众号与商户号没有绑定，收不了款。",
        (
            f"{DESK}「产品中心 → AppID 账号管理」关联公众号；",
            "再到公众平台「微信支付 → 商户号管理」确认。",
        ),
        "now",
        payee="商家的微信付款暂不可用，款项没有付出，请稍后再提现或联系客服。",
    ),
    "MCH_NOT_EXISTS": Said(
        "商户号不存在。",
        ("核对配置 pay.mchid 与商户平台一致。",),
        "now",
        payee="商家的微信付款暂不可用，请联系客服。",
    ),
    "PARAM_ERROR": Said(
        "微信支付认为参数不对：{call}（{detail}）。",
        _PROGRAM,
        payee="微信没有接受这笔付款，款项没有付出，请联系客服处理。",
    ),
    "INVALID_REQUEST": Said(
        "微信支付不接受这个请求：{call}（{detail}）。",
        _PROGRAM,
        payee="微信没有接受这笔付款，款项没有付出，请联系客服处理。",
    ),
    "FREQUENCY_LIMITED": Said(
        "微信支付要求放慢，稍后自动重试。", (), "note", payee=f"微信暂时繁忙，{RETRIED}"
    ),
    "RULE_LIMIT": Said(
        "触发了微信支付的业务规则或额度：{call}（{detail}）。",
        (
            f"{DESK}「产品中心」查看该产品的单笔、单日额度并申请提额，或分次处理；",
            f"在{DESK}“站内信”查看是否有限制通知。",
        ),
        payee="超过微信付款的额度或规则，款项没有付出，请减少金额或改天再提现。",
    ),
    "REQUEST_BLOCKED": Said(
        "微信支付的风控拦截了：{call}（{detail}）。",
        (f"{DESK}“站内信”和「账户中心 → 商户信息」查看原因，按提示处理。",),
        payee="微信出于安全拦截了这笔付款，款项没有付出，请联系客服。",
    ),
    "ACCOUNT_ERROR": Said(
        "账户异常，微信支付没有办理：{call}（{detail}）。",
        (
            "退款：顾客的账户可能已注销或被冻结，请联系顾客后在退款单上线下处理；",
            f"提现：到{DESK}查看商户账户状态。",
        ),
        payee="收款账户异常，款项没有付出，请在微信「服务 → 钱包」查看账户状态。",
    ),
    "USER_ACCOUNT_ABNORMAL": _item(
        "顾客的支付账户已注销或异常，退不回去。",
        "请联系顾客，另约方式退款并登记凭证。",
        payee="您的微信支付账户异常，请在微信「服务 → 钱包」查看账户状态。",
    ),
    "ACCOUNT_NOT_EXISTS": _item("收款账户不存在。", payee="您的微信支付账户不存在或已注销。"),
    "OPENID_MISMATCH": Said(
        "付款人与公众号不匹配。",
        _PROGRAM,
        "soon",
        "item",
        payee="您的微信身份与商家公众号不匹配，请重新登录后再提现。",
    ),
    "NAME_NEEDED": _item(
        "提现满 2000 元要核对姓名，这位收款人没有登记。",
        payee="这笔提现需要核对姓名，请先补全实名信息，再重新提现。",
    ),
    "TRANSFER_SCENE_INVALID": Said(
        "商户号没有这个转账场景。",
        (f"{DESK}「产品中心 → 商家转账」申请该场景，编号填入 pay.transfer_scene_id。",),
        "now",
        payee="商家的微信付款暂不可用，款项没有付出，请稍后再提现或联系客服。",
    ),
    "answer_serial": _ANSWER,
    "answer_signature": Said(
        "微信支付的应答验签不过，没有采信。", _KEYS, "now", payee=f"付款结果正在核对，{RETRIED}"
    ),
    "answer_headers": Said(
        "微信支付的应答没有签名，没有采信。", _KEYS, "now", payee=f"付款结果正在核对，{RETRIED}"
    ),
    "answer_time": Said(
        "微信支付应答的时间与服务器相差超过 5 分钟，没有采信。",
        ("校准服务器时钟（启用 NTP）。",),
        "now",
        payee=f"付款结果正在核对，{RETRIED}",
    ),
    "ORDER_PAID": _ORDINARY,
    "ORDER_CLOSED": _ORDINARY,
    "ORDER_NOT_EXIST": _ORDINARY,
    "RESOURCE_NOT_EXISTS": _ORDINARY,
    "STATEMENT_CREATING": _ORDINARY,
    "NO_STATEMENT_EXIST": _ORDINARY,
    "USERPAYING": _ORDINARY,
    "CONTRACT_NOT_EXIST": _ORDINARY,
    "SYSTEM_ERROR": _item("微信系统出错，正在按原单号查询。", payee=f"微信系统繁忙，{ASKED}"),
    "BANK_ERROR": _item("银行系统出错，正在按原单号查询。", payee=f"银行系统繁忙，{ASKED}"),
    "OUT_TRADE_NO_USED": _item("单号已经用过，正在查询原单。"),
    "TRADE_ERROR": _item("交易状态不允许这样操作。"),
    "INVALID_TRANSACTIONID": _item("微信支付的订单号不对。"),
    # our own codes, for calls whose outcome is not known or that were not sent
    "no_answer": _item("微信没有回答，正在按原单号查询。"),
    "no_connection": _item("连不上微信，稍后自动重试。", payee=f"暂时连不上微信，{RETRIED}"),
    "busy": _item("与微信的连接都在忙，稍后自动重试。", payee=f"付款排队中，{RETRIED}"),
    "restored_hold": _item(
        "恢复保全中，暂不发出。", payee="商家正在核对账目，付款暂缓，核对后自动付出，您不用操作。"
    ),
}
