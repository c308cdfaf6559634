"""What a line of the log changed, in the reader's words: names of fields, states, money, rates.

A field that nobody named shows its own name; what a person typed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from admin import fault_words, words
from admin.offer_forms import KIND_FORMS
from admin.settings_fields import GROUPS
from kernel import clock
from kernel.money import yuan

SHORT = 60
_ACTOR = re.compile(r"(?:staff|member|operator):[\w.-]{1,64}")
_SWITCHES = {f.name: f.label for group in GROUPS for f in group.fields if f.name != "kind"}
FIELD: Mapping[str, str] = {
    "title": "名称", "name": "名称", "subtitle": "卖点", "description": "介绍",
    "usage": "饮用与保存", "strength": "酒精度", "tags": "标签", "position": "排序",
    "category_id": "分类编号", "is_liquor": "酒类", "is_return_exempt": "不支持无理由退货",
    "pictures": "图片编号",
    "state": "状态", "spec_text": "规格", "code": "商家编码", "price_fen": "售价", "stock": "库存",
    "low_stock": "警戒", "weight_g": "重量（克）", "sku_id": "规格编号", "delta": "增减",
    "login": "账号", "roles": "角色", "purpose": "用途", "carrier": "方式",
    "audience": "人群", "count": "人数",
    "why": "原因", "reason": "原因", "note": "说明", "error": "错误", "voucher": "凭证",
    "proof": "凭证", "restock": "退回库存", "tracking_no": "快递单号", "days": "天数",
    "out_refund_no": "退款单", "refund_id": "退款编号", "cause": "事由", "amount_fen": "金额",
    "gross_fen": "申请金额", "owed_fen": "欠款", "fen": "金额", "withdrawal_id": "提现编号",
    "payment_id": "付款编号", "out_trade_no": "付款单", "out_bill_no": "提现单",
    "campaign_id": "群发编号", "upline": "推荐人编号", "upline_id": "推荐人编号", "level": "级",
    "scope": "范围", "target": "对象编号", "grade": "等级编号", "mode": "方式",
    "pool_bp": "佣金池", "shares": "各级", "effective_at": "生效", "levels": "层级",
    "signed_name": "签名", "payee_type": "收款主体", "rows": "行数", "listed": "列出",
    "length": "字数", "first": "初审",
    "subject": "对象", "proposed_by": "申请人", "number": "单号", "appeal": "申诉",
    "answer": "答复", "lifts": "解冻", "file": "照片", "picture": "照片", "is_approved": "通过",
    "names": "名称", "members": "会员编号", "is_stopped": "暂停付款", "stopped_why": "暂停原因",
    "field": "字段", "door": "入口", "from": "来自", "ours": "本店状态", "asked_by": "设置人",
    "payout.code": "微信答复", "refund.why": "微信答复",
    "member_id": "会员编号", "order_id": "订单编号", "order_no": "订单",
    "topic": "任务", "parent_id": "上级分类", "is_active": "启用", "kind": "类型", "url": "链接",
    "label": "买家看到", "starts_at": "开始", "ends_at": "结束", "targets": "商品或规格编号",
    "rules": "规则", "prices": "各规格价格", "rate_bp": "售价的百分之几",
    "tells_carts": "通知购物车会员",
    "buttons": "菜单", "welcome": "关注后说", "closed": "非服务时间", "replies": "关键词回复",
} | _SWITCHES  # fmt: skip
_OPTIONS = {f.name: dict(f.options) for group in GROUPS for f in group.fields if f.options}
# the same word means something else in another field
VALUE: Mapping[str, Mapping[str, str]] = {
    "roles": words.ROLE, "purpose": words.PURPOSE, "carrier": words.CARRIER,
    "scope": words.SCOPE, "mode": words.MODE, "payee_type": words.PAYEE,
    "cause": words.REFUND_CAUSE | words.PROPOSAL_CAUSE,
    "door": {"password": "密码", "code": "登录动态码", "step": "操作动态码", "change": "改密码"},
    "from": {"origin": "网络地址", "device": "常用设备", "session": "已登录的浏览器"},
    "field": {
        "amount": "金额", "currency": "币种", "mchid": "商户号", "appid": "公众号",
        "state": "状态", "openid": "收款人", "scene": "场景", "authorization": "授权号",
        "out_trade_no": "付款单", "out_refund_no": "退款单",
    },
    "ours": {state: name for state, (name, _) in words.WITHDRAWAL.items()},
} | _OPTIONS | {
    "kind": words.POLICY | words.TICKET_KIND | words.CASE_KIND | words.PROPOSAL_KIND
    | words.AUDIENCE | {name: form.title for name, form in KIND_FORMS.items()},
}  # fmt: skip
STATE: Mapping[str, words.Tones] = {
    "product": words.PRODUCT, "order": words.ORDER, "case": words.CASE, "refund": words.REFUND,
    "distributor": words.DISTRIBUTOR, "withdrawal": words.WITHDRAWAL, "campaign": words.CAMPAIGN,
    "ticket": words.TICKET, "proposal": words.PROPOSAL, "payout": words.TRANSFER,
    "offer": {**words.OFFER, "on": ("已上线", "ok")},
}  # fmt: skip
# what stands alone in the log, by the kind of thing it is about
ALONE: Mapping[str, Mapping[str, str]] = {"template": words.PURPOSE, "staff": words.ROLE}


GROUP = {group.switches.KEY: group.title for group in GROUPS} | {
    "chat_menu": "公众号菜单", "chat_texts": "自动回复",
}  # fmt: skip


def diff(target_type: str, value: Any) -> str:
    """A side of a change as text: '名称：陈酿，售价：¥298.00'."""
    if isinstance(value, Mapping):
        said = {key: _said(target_type, key, each) for key, each in value.items()}
        return "，".join(f"{_label(target_type, key)}：{text}" for key, text in said.items())
    names = ALONE.get(target_type, {})
    if isinstance(value, list | tuple):
        return "、".join(names.get(str(each), _plain(each)) for each in value)
    return names.get(str(value), _plain(value))


def _label(target_type: str, key: str) -> str:
    """A field's name; one that means something else for this kind of thing comes first."""
    return FIELD.get(f"{target_type}.{key}") or FIELD.get(key, key)


def _said(target_type: str, key: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_said(target_type, key, each) for each in value) or "无"
    if value is None or isinstance(value, bool):
        return _plain(value)
    if isinstance(value, Mapping):
        return diff(target_type, value)
    if key == "state" and target_type in STATE:
        return words.tone(STATE[target_type], str(value))[0]
    if f"{target_type}.{key}" in FIELD:
        return fault_words.said(str(value))
    for ending, shown in _UNITS:
        if key.endswith(ending):
            return shown(value)
    if _ACTOR.fullmatch(str(value)):
        return words.who(str(value))
    return VALUE.get(key, {}).get(str(value), words.why(_plain(value)))


def _money(value: Any) -> str:
    return f"¥{yuan(value)}" if isinstance(value, int) else str(value)


def _rate(value: Any) -> str:
    return words.rate(value) if isinstance(value, int) else str(value)


def _moment(value: Any) -> str:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


_UNITS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("_fen", _money), ("fen", _money), ("_bp", _rate), ("_at", _moment),
)  # fmt: skip


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"
