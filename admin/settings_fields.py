"""What each switch is called, its unit and note, for the one form that edits them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from domain import settings
from domain.settings import Switches
from kernel.errors import Invalid
from kernel.money import yuan
from kernel.web.forms import Form

Kind = Literal["int", "fen", "fen_or_none", "bp", "flag", "choice", "words", "ids", "text"]


@dataclass(frozen=True)
class Field:
    """One switch on the page."""

    name: str
    label: str
    kind: Kind = "int"
    unit: str = ""
    note: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """One form of switches; ``right`` may change it."""

    key: str
    title: str
    note: str
    switches: type[Switches]
    fields: tuple[Field, ...]
    see: str
    right: str
    nav: str = "设置"
    back: str = "/admin/settings"


GROUPS = (
    Group("trade", "交易", "订单和售后的时限与数量", settings.Trade, (
        Field("pay_within_minutes", "付款时限", unit="分钟",
              note="5 到 1440；逾期自动关闭并退回库存"),
        Field("receive_within_days", "自动确认收货", unit="天", note="3 到 60"),
        Field("complete_after_days", "收货后完成", unit="天", note="7 到 60；期间可申请售后"),
        Field("refund_answer_hours", "售后答复时限", unit="小时", note="12 到 168；逾期自动同意"),
        Field("max_line_quantity", "单行最多件数", unit="件"),
        Field("max_cart_lines", "购物车最多行数", unit="行"),
    ), "settings.see", "settings.edit"),
    Group("freight", "运费", "统一运费，满额包邮", settings.Freight, (
        Field("flat_fen", "运费", "fen", unit="元"),
        Field("free_from_fen", "满额包邮", "fen_or_none", unit="元", note="留空表示不包邮"),
        Field("remote_provinces", "偏远地区", "words", note="用空格分开，写省级全称"),
        Field("remote_extra_fen", "偏远加收", "fen", unit="元"),
    ), "settings.see", "settings.edit"),
    Group("returns", "退货地址", "同意退换货后告诉买家寄到哪里", settings.Returns, (
        Field("receiver", "收件人", "text"),
        Field("phone", "电话", "text"),
        Field("address", "地址", "text", note="留空时，买家需要打电话或找客服询问"),
    ), "settings.see", "settings.edit"),
    Group("push", "推送规则", "何时、多频繁、何时自己停下来", settings.PushRules, (
        Field("allow_template_promotion", "允许用模板消息发促销", "flag",
              note="微信规定：模板消息仅用于服务通知，不得用于营销；违规可被限制或封禁模板消息能力，风险由店主承担"),
        Field("weekly_cap", "每人每周最多", unit="条", note="0 到 7，仅计促销"),
        Field("quiet_from_hour", "免打扰开始", unit="点"),
        Field("quiet_to_hour", "免打扰结束", unit="点"),
        Field("block_stop_bp", "拒收自动停止", "bp", unit="%", note="拒收比例超过时停止本次群发"),
        Field("per_second", "每秒最多发送", unit="条"),
        Field("alert_member_ids", "异常时通知", "ids",
              note="会员编号，空格分开；付款或群发自动停止时在微信里收到提醒"),
    ), "settings.see", "settings.edit"),
    Group("binding", "绑定规则", "访客怎样成为某位分销商的客户", settings.BindingPolicy, (
        Field("kind", "方式", "choice", options=(
            ("forever", "永久绑定：绑定后不再变化"), ("days", "有效期内绑定：到期可重新绑定"),
            ("last_click", "最后点击：以最后一次打开的链接为准"),
            ("new_members", "仅新会员：老会员不绑定"))),
        Field("days", "有效期", unit="天"),
        Field("protect_days", "保护期", unit="天", note="保护期内不会被他人抢走"),
        Field("touch_days", "点击记录保留", unit="天"),
    ), "distribution.see", "distribution.rules", "分销", "/admin/settings/distribution"),
    Group("distribution", "分销与提现", "谁可以推广、何时结算、怎样提现", settings.Distribution, (
        Field("admission", "准入", "choice", options=(
            ("automatic", "申请即通过"), ("reviewed", "人工审核"), ("appointed", "仅由商家指定"))),
        Field("freeze_days", "收货后冻结", unit="天", note="冻结期满且无售后才可提现"),
        Field("pay_self_purchase", "自购计佣", "flag"),
        Field("missing_levels_go_to_seller", "缺级佣金归直接推荐人", "flag"),
        Field("line_cap_bp", "每行佣金上限", "bp", unit="%", note="占实付金额"),
        Field("withdraw_min_fen", "单笔最低提现", "fen", unit="元"),
        Field("withdraw_max_fen", "单笔最高提现", "fen", unit="元"),
        Field("withdraw_per_day", "每日提现次数", unit="次"),
        Field("withdraw_fee_bp", "提现手续费", "bp", unit="%"),
        Field("review_from_fen", "人工审核起点", "fen", unit="元", note="低于此金额自动付款"),
        Field("tax_method", "个人劳务报酬个税", "choice", note="选定之前，不向个人付款", options=(
            ("unset", "未选定"), ("ordinary", "按次预扣（劳务报酬）"),
            ("cumulative", "累计预扣"))),
    ), "distribution.see", "distribution.rules", "分销", "/admin/settings/distribution"),
    Group("brakes", "付款上限", "超过任何一条，付款自动暂缓并提醒店主", settings.PayoutBrakes, (
        Field("second_person_from_fen", "需第二人复核的金额", "fen", unit="元"),
        Field("per_hour_fen", "每小时最多付出", "fen", unit="元"),
        Field("per_day_fen", "每日最多付出", "fen", unit="元"),
        Field("per_person_day_fen", "每人每日最多", "fen", unit="元"),
        Field("commission_share_bp", "当日佣金占成交额警戒", "bp", unit="%"),
    ), "payouts.see", "payouts.stop", "分销", "/admin/brakes"),
)  # fmt: skip
BY_KEY = {group.key: group for group in GROUPS}


def shown(group: Group, present: Switches) -> dict[str, str]:
    """The switches as the form shows them."""
    return {field.name: _shown(field.kind, getattr(present, field.name)) for field in group.fields}


def _shown(kind: Kind, value: Any) -> str:
    if kind == "flag":
        return "1" if value else ""
    if kind in ("words", "ids"):
        return " ".join(str(each) for each in value)
    if value is None:
        return ""
    return yuan(value) if kind in ("fen", "fen_or_none", "bp") else str(value)


def taken(group: Group, form: Form) -> dict[str, Any]:
    """What was typed, in the form the switches want; mistakes stay in the form."""
    return {field.name: _taken(field, form) for field in group.fields}


def _taken(field: Field, form: Form) -> Any:
    name, kind = field.name, field.kind
    if kind == "flag":
        return form.flag(name)
    if kind == "fen_or_none" and not form.raw(name).strip():
        return None
    if kind in ("fen", "fen_or_none"):
        return form.fen(name)
    if kind == "bp":
        return form.fen(name, most=10_000)
    if kind == "choice":
        return form.choice(name, dict(field.options))
    if kind == "text":
        return form.text(name, most=120, required=False)
    if kind in ("words", "ids"):
        return _list(field, form)
    return form.integer(name, least=0, most=1_000_000)


def _list(field: Field, form: Form) -> tuple[Any, ...]:
    found = form.text(field.name, most=400, required=False).replace("，", " ").split()
    if field.kind == "words":
        return tuple(dict.fromkeys(found))
    if not all(each.isascii() and each.isdigit() and len(each) < 18 for each in found):
        form.errors.setdefault(field.name, Invalid("number_unreadable", field.name))
        return ()
    return tuple(dict.fromkeys(int(each) for each in found))
