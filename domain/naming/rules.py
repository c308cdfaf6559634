"""Whether a public name pretends to be the merchant or WeChat (冒用名称). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kernel.lookalikes import mixes_scripts, skeleton

Verdict = Literal["free", "review", "refused"]

RESERVED = (
    "官方", "官方客服", "官方账号", "官方帐号", "官方旗舰店", "客服", "客服中心", "在线客服",
    "人工客服", "客户服务", "售后客服", "退款客服", "平台客服", "管理员", "系统管理员",
    "系统通知", "系统消息", "微信支付", "微信客服", "微信官方", "微信团队", "微信公众平台",
    "财付通", "腾讯客服", "店主", "老板", "财务", "商家", "工作人员", "admin", "administrator",
    "official", "service", "system", "support", "wechatpay", "weixin",
)  # fmt: skip
REVIEWED = (
    "官方", "客服", "管理员", "微信支付", "微信团队", "财付通", "腾讯", "售后", "退款", "旗舰店",
    "工作人员", "总部", "official", "admin", "administrator", "service", "support", "wechat",
    "weixin",
)  # fmt: skip
# Legal form and place of a company's name; the rest is the name that people know.
_FORM = re.compile(
    r"(?:股份|集团|控股)*(?:有限责任公司|有限公司|公司|合作社|商行|工作室|个体工商户)$"
)
_PLACE = re.compile(
    "^(?:(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|"
    "湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆)[省市]?|.{2,6}?[省市区县])+"
)
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@dataclass(frozen=True)
class Guarded:
    """Words that a name must not claim; ``house`` is the brand and the company behind it."""

    reserved: tuple[str, ...] = RESERVED
    reviewed: tuple[str, ...] = REVIEWED
    house: tuple[str, ...] = ()


def judge_name(name: str, guarded: Guarded) -> Verdict:
    """Judge a name: ``free``, ``review`` by the merchant, or ``refused``.

    Refused are a reserved word or the merchant's own name, look-alikes of them, several such words
    in a row, and such words with digits around. To be reviewed are such words inside a longer
    name, and words that mix scripts.
    """
    whole, core = skeleton(name), skeleton(_ENDS.sub("", name))
    own = {skeleton(each) for each in (*guarded.reserved, *guarded.house)} - {""}
    if whole in own or core in own or _is_made_of(core, own):
        return "refused"
    watched = own | {skeleton(each) for each in guarded.reviewed}
    tokens = {skeleton(token) for token in re.split(r"[\W_]+", name)}
    if any(_claims(each, whole, tokens) for each in watched) or mixes_scripts(name):
        return "review"
    return "free"


def house_names(*configured: str) -> tuple[str, ...]:
    """The configured names, and the company's name without place and legal form."""
    found: dict[str, None] = {}
    for name in configured:
        short = _PLACE.sub("", _FORM.sub("", name))
        found |= dict.fromkeys(each for each in (name, short) if len(each) >= 2)
    return tuple(found)


def _claims(word: str, whole: str, tokens: Iterable[str]) -> bool:
    """True for a Chinese word anywhere in a name, and for a Latin word that stands alone."""
    if len(word) < 2:
        return False
    return word in tokens or word == whole if word.isascii() else word in whole


def _is_made_of(core: str, own: set[str]) -> bool:
    """True if a name consists of reserved words only."""
    words = sorted((re.escape(each) for each in own if len(each) > 1), key=len, reverse=True)
    return bool(words) and re.fullmatch(f"(?:{'|'.join(words)})+", core) is not None
