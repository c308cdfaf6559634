"""Parcel carriers (快递公司) by the names and codes that people type."""

from __future__ import annotations

from kernel.text import clean_line

_KNOWN = {
    "顺丰速运": ("顺丰", "顺丰快递", "sf", "sfexpress", "shunfeng"),
    "京东物流": ("京东", "京东快递", "jd", "jdl", "jdwl"),
    "中通快递": ("中通", "zto", "zhongtong"),
    "圆通速递": ("圆通", "圆通快递", "yto", "yt", "yuantong"),
    "申通快递": ("申通", "sto", "shentong"),
    "韵达快递": ("韵达", "韵达速递", "yd", "yunda"),
    "极兔速递": ("极兔", "极兔快递", "jt", "jtsd", "jtexpress"),
    "邮政EMS": ("ems", "邮政特快", "邮政速递", "中国邮政速递"),
    "邮政快递包裹": ("邮政", "中国邮政", "邮政包裹", "邮政小包", "yzpy", "youzheng"),
    "德邦快递": ("德邦", "德邦物流", "dbl", "dbkd", "deppon", "debang"),
    "菜鸟速递": ("丹鸟", "菜鸟", "cainiao", "dnwl", "danniao"),
    "百世快递": ("百世", "百世汇通", "htky", "best"),
    "安能物流": ("安能", "ane", "annto"),
    "跨越速运": ("跨越", "kye", "kysy"),
    "中通快运": ("ztoky", "zto56"),
    "顺丰快运": ("sfky", "sffreight"),
}
COMPANIES = tuple(_KNOWN)
"""The carriers that a form offers; another one may be typed."""

_BY_WORD = {
    word: name
    for name, words in _KNOWN.items() for word in (name.casefold(), *words)
}  # fmt: skip


def company_named(text: str) -> str:
    """A carrier's usual name for a name, short name or code; another carrier stays as typed."""
    typed = clean_line(text)
    return _BY_WORD.get("".join(typed.casefold().split()), typed)
