"""The fields of all settings forms: each setting's label, kind, unit and note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from admin.picture_fields import PictureNames, picture_of
from admin.texts import TEXTS
from domain import adults, gifts, invitations, legal, members, naming, pickups, search, settings
from domain.settings import Switches
from kernel.errors import DomainError
from kernel.money import yuan
from kernel.text import clean_line
from kernel.web.forms import Form

IDS_MOST = 50
MARKED = "自动加水印后公示，原图不保存"
Kind = Literal[
    "int", "fen", "fen_or_none", "bp", "flag", "choice", "words", "ids", "text", "day", "lines",
    "picture",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A setting's field in the form."""

    name: str
    label: str
    kind: Kind = "int"
    unit: str = ""
    note: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """A form of settings; people with ``right`` may change it."""

    key: str
    title: str
    note: str
    switches: type[Switches]
    fields: tuple[Field, ...]
    see: str
    right: str
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
    Group("service", "服务承诺", "商城、聊天与购物须知里说的时限，以这里为准", settings.Service, (
        Field("ship_within_hours", "付款后发货", unit="小时", note="1 到 720"),
        Field("free_return_days", "无理由退货", unit="天", note="签收后；依法不少于 7，最多 90"),
        Field("send_back_days", "同意退货后寄回", unit="天", note="3 到 30；逾期未寄自动关闭"),
        Field("covers_breakage", "承诺破损包赔", "flag",
              note="关闭后商城不再显示“破损包赔”；法定责任不变"),
        Field("question_answer_hours", "咨询答复", unit="小时", note="1 到 168"),
        Field("complaint_answer_hours", "投诉答复", unit="小时", note="1 到 360"),
        Field("application_answer_days", "分销申请答复", unit="天", note="1 到 15"),
    ), "settings.see", "settings.edit"),
    Group("gifts", "送礼", "买家付款、好友填地址的礼物等多久", gifts.GiftTimes, (
        Field("accept_days", "等好友领取", unit="天", note="1 到 30；到期没人领取自动全额退款"),
        Field("remind_days", "提醒买家", unit="天", note="1 到 30；到时没人领取，提醒一次"),
    ), "settings.see", "settings.edit"),
    Group("storefront", "首页文字", "商城首页上的几句话", settings.Storefront, (
        Field("slogan", "口号", "text", note="30 个字以内，可留空"),
        Field("shelf_title", "商品栏标题", "text", note="12 个字以内"),
        Field("search_hint", "搜索框提示", "text", note="12 个字以内"),
    ), "settings.see", "settings.edit"),
    Group("search", "搜索同义词", "顾客用不同的词找同一样东西，搜索时互相代替",
          search.SearchWords, (
        Field("synonyms", "同义词", "lines",
              note="每行一组，用等号隔开，如 礼盒=送礼=礼品；最多 100 行"),
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
    Group("legal", "法务时限", "写在分销规则与隐私政策里的时限", legal.LegalTimes, (
        Field("announce_days", "分销规则公示", unit="天", note="3 到 60；公布后隔这么久才生效"),
        Field("request_days", "个人信息请求", unit="个工作日", note="1 到 30；自收到之日起"),
    ), "settings.see", "legal.edit"),
    Group("pickups", "到店自提", "备好货以后，多久提醒、多久自动退款", pickups.PickupTimes, (
        Field("remind_after_days", "未取提醒", unit="天",
              note="1 到 30；备好货起，要早于自动退款"),
        Field("refund_after_days", "未取退款", unit="天",
              note="2 到 60；逾期自动全额退款，商品回库"),
    ), "settings.see", "settings.edit"),
    Group("adults", "年龄核验", "年龄存疑的会员怎样证明自己已成年", adults.AdultChecks, (
        Field("tries", "最多核验", unit="次", note="1 到 10；用完后由员工看证件"),
        Field("days", "核验期限", unit="天", note="1 到 30；逾期按未通过处理，已付款的请退还"),
    ), "settings.see", "settings.edit"),
    Group("rights", "个人信息", "注销的冷静期，和依法留存多久", members.RightsTimes, (
        Field("cooling_days", "注销冷静期", unit="天", note="0 到 30；期间会员可以撤回"),
        Field("file_days", "个人数据文件保留", unit="天", note="1 到 30；过期链接失效"),
        Field("order_years", "订单地址封存", unit="年",
              note="3 到 10；自订单结束起，电子商务法第三十一条"),
        Field("tax_years", "实名封存", unit="年", note="5 到 30；自注销起，税收征管要求"),
    ), "settings.see", "legal.edit"),
    Group("business", "证照与联系方式", "显示在商城每一页的底部、证照公示、海报与法律文本里",
          legal.Business, (
        Field("legal_name", "经营者", "text", note="营业执照上的名称"),
        Field("licence_no", "统一社会信用代码", "text"),
        Field("licence_until", "营业执照有效期至", "day", note="长期有效的留空"),
        Field("licence_picture", "营业执照照片", "picture", note=MARKED),
        Field("food_permit", "食品经营许可证", "text", note="编号，以 JY 开头"),
        Field("food_permit_until", "食品经营许可证有效期至", "day", note="到期前 45 天在今日提醒"),
        Field("food_permit_picture", "食品经营许可证照片", "picture", note=MARKED),
        Field("liquor_permit", "酒类许可或备案", "text", note="编号"),
        Field("liquor_permit_until", "酒类许可有效期至", "day", note="到期前 45 天在今日提醒"),
        Field("liquor_permit_picture", "酒类许可照片", "picture", note=MARKED),
        Field("more_licences", "其他证照", "lines", note="每行一项，名称和编号，最多 10 项"),
        Field("icp", "ICP 备案号", "text"),
        Field("police_no", "公安备案号", "text"),
        Field("complaint_phone", "服务与投诉电话", "text"),
        Field("service_hours", "服务时间", "text", note="如 9:00-21:00，聊天按它转人工"),
        Field("email", "电子邮箱", "text"),
        Field("address", "联系地址", "text", note="消费者可以寄信、上门的地址"),
    ), "settings.see", "legal.edit", "/admin/legal/business"),
    Group("names", "名称保护", "会员自己起的名称里，哪些容易被误认为商家或微信", naming.Names, (
        Field("reserved", "不可使用", "words",
              note="空格分开；形近字、全角、繁体、加空格或符号的写法一并拦下，店名与公司名自动包含"),
        Field("reviewed", "包含即需审核", "words",
              note="空格分开；审核通过前，海报与链接显示会员编号"),
    ), "distribution.see", "distribution.rules", "/admin/settings/distribution"),
    Group("binding", "绑定规则", "访客怎样成为某位分销商的客户", settings.BindingPolicy, (
        Field("kind", "方式", "choice", options=(
            ("forever", "永久绑定：绑定后不再变化"), ("days", "有效期内绑定：到期可重新绑定"),
            ("last_click", "最后点击：以最后一次打开的链接为准"),
            ("new_members", "仅新会员：老会员不绑定"))),
        Field("days", "有效期", unit="天"),
        Field("protect_days", "保护期", unit="天", note="保护期内不会被他人抢走"),
        Field("touch_days", "点击记录保留", unit="天"),
    ), "distribution.see", "distribution.rules", "/admin/settings/distribution"),
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
    ), "distribution.see", "distribution.rules", "/admin/settings/distribution"),
    Group("invitations", "推荐邀请", "满意的顾客只邀请一次；转发、加入都没有奖励，拒绝后不再邀请",
          invitations.Invitations, (
        Field("is_on", "邀请满意的顾客", "flag",
              note="仅在可以申请分销、且只付一级佣金时邀请；聊天里只发给同意接收优惠消息的人"),
        Field("after_days", "确认收货后", unit="天", note="0 到 90；期间没有售后才邀请"),
    ), "distribution.see", "distribution.rules", "/admin/settings/distribution"),
    Group("brakes", "付款上限", "超过任何一条，付款自动暂缓并提醒店主", settings.PayoutBrakes, (
        Field("second_person_from_fen", "需第二人复核的金额", "fen", unit="元"),
        Field("per_hour_fen", "每小时最多付出", "fen", unit="元"),
        Field("per_day_fen", "每日最多付出", "fen", unit="元"),
        Field("per_person_day_fen", "每人每日最多", "fen", unit="元"),
        Field("commission_share_bp", "当日佣金占成交额警戒", "bp", unit="%"),
        Field("granted_bill_fen", "免确认收款单笔上限", "fen", unit="元",
              note="超过则须对方确认；填 0 不启用"),
        Field("granted_person_day_fen", "免确认收款每人每日", "fen", unit="元",
              note="超过则须对方确认；填 0 不启用"),
    ), "payouts.see", "payouts.stop", "/admin/brakes"),
    Group("ceilings", "员工操作上限", "超过任何一条，须由另一位同事审批", settings.StaffCeilings, (
        Field("refund_code_from_fen", "退款需动态码的金额", "fen", unit="元",
              note="达到此金额，退款前再输一次动态码"),
        Field("refund_single_fen", "单笔退款上限", "fen", unit="元", note="超过则须审批"),
        Field("refunds_person_day", "每人每日退款", unit="笔", note="填 0 表示每笔都要审批"),
        Field("refund_fen_person_day", "每人每日退款金额", "fen", unit="元"),
        Field("refunds_shop_day", "全店每日退款", unit="笔"),
        Field("refund_fen_shop_day", "全店每日退款金额", "fen", unit="元"),
        Field("rebindings_person_day", "每人每日改绑", unit="次"),
        Field("rebindings_shop_day", "全店每日改绑", unit="次"),
        Field("sends_person_day", "每人每日群发", unit="人", note="按收件人计"),
        Field("sends_shop_day", "全店每日群发", unit="人", note="按收件人计"),
        Field("proposal_days", "申请有效期", unit="天", note="1 到 30；逾期自动作废"),
    ), "approvals.see", "staff.manage", "/admin/settings/ceilings"),
    Group("refund_brakes", "退款上限", "超过任何一条，退款自动排队", settings.RefundBrakes, (
        Field("per_hour_fen", "每小时最多退款", "fen", unit="元"),
        Field("per_day_fen", "每日最多退款", "fen", unit="元"),
    ), "payouts.see", "payouts.stop", "/admin/brakes"),
)  # fmt: skip
BY_KEY = {group.key: group for group in GROUPS}


def field_texts(group: Group, present: Switches) -> dict[str, str]:
    """The values of a group's settings in the form."""
    return {field.name: _shown(field.kind, getattr(present, field.name)) for field in group.fields}


def choices(group: Group) -> dict[str, Mapping[str, str]]:
    """The labels of the values of choices, ticks and pictures, by field."""
    ticks = {"1": "开启", "": "关闭"}
    of_kind: dict[str, Mapping[str, str]] = {"flag": ticks, "picture": PictureNames()}
    return {
        field.name: of_kind.get(field.kind, dict(field.options))
        for field in group.fields
        if field.kind in ("flag", "choice", "picture")
    }


def setting_error_text(group: Group, error: DomainError) -> str:
    """The text for a refused setting; a value out of bounds is answered with the bounds."""
    field = next((f for f in group.fields if f.name == error.field), None)
    least, most = error.facts.get("least"), error.facts.get("most")
    if error.code != "setting_bad" or field is None or (least is None and most is None):
        return TEXTS.of(error)
    low, high = (_shown(field.kind, each) + field.unit for each in (least, most))
    if least is None:
        return f"最多 {high}"
    return f"应在 {low} 到 {high} 之间" if most is not None else f"至少 {low}"


def _shown(kind: Kind, value: Any) -> str:
    if kind == "flag":
        return "1" if value else ""
    if kind == "lines":
        return "\n".join(value)
    if kind in ("words", "ids"):
        return " ".join(str(each) for each in value)
    if value is None:
        return ""
    return yuan(value) if kind in ("fen", "fen_or_none", "bp") else str(value)


def parse_group(group: Group, form: Form) -> dict[str, Any]:
    """The typed values as the settings need them; mistakes are noted in the form."""
    return {field.name: _parse_field(field, form) for field in group.fields}


_PLAIN: dict[Kind, Callable[[Form, str], Any]] = {
    "flag": Form.flag, "fen": Form.fen, "bp": Form.rate, "picture": picture_of,
    "text": lambda form, name: form.text(name, most=120, required=False),
    "lines": lambda form, name: tuple(
        clean_line(each) for each in form.raw(name).splitlines() if each.strip()
    ),
}  # fmt: skip
"""How a kind is read that needs nothing but the field's name."""


def _parse_field(field: Field, form: Form) -> Any:
    name, kind = field.name, field.kind
    if kind == "fen_or_none" and not form.raw(name).strip():
        return None
    if kind == "fen_or_none":
        return form.fen(name)
    if kind in _PLAIN:
        return _PLAIN[kind](form, name)
    if kind == "choice":
        return form.choice(name, dict(field.options))
    if kind == "day":
        return _day(name, form)
    if kind in ("words", "ids"):
        return _list(field, form)
    return form.count(name, least=0, most=1_000_000)


def _day(name: str, form: Form) -> str:
    """The typed day in ISO form, such as 2030-12-31; '' if the field is empty."""
    text = form.raw(name).strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        form.fail(name, "date_bad")
        return ""


def _list(field: Field, form: Form) -> tuple[Any, ...]:
    if field.kind == "ids":
        return tuple(form.counts(field.name, most=IDS_MOST))
    found = form.text(field.name, most=2000, required=False).replace("，", " ").split()
    return tuple(dict.fromkeys(found))
