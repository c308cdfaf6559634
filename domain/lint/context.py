"""What around a word makes it lawful: a denial, a warning, a complaint, a question. Pure."""

from __future__ import annotations

import re
from functools import cache

from domain.lint.lists import Rule, concept

# A word that denies the claim after it, in the same clause.
_DENIED = re.compile(
    r"(?:不(?![仅但只光止愧错断少醉转限同得二])|没有(?!什么比)|没(?!想到|喝过)|未(?![来满])|"
    r"无(?![比限数敌上论双可与需忧疑])|禁止|严禁|切勿|请勿|勿|拒绝|谢绝|抵制|杜绝|避免|防止|"
    r"谨防|警惕|举报|打击|查处|反对|别(?![人具样致墅错])|非(?![常凡遗物洲同]))[^。，]{0,10}$"
)
# What denies the claim before it: '特供酒都是假的', '拉人不给钱'.
_DENIED_AFTER = re.compile(
    r"[^。，]{0,6}(?:违法|都是假|是假的|是骗|骗局|骗人|不可信|不予|不得|不允许|不给|不发|不存在|"
    r"不可能|无效|等(?:词|字)|字样|字眼|是错的|是谣言|不属实|没有依据)|"
    r"[^。]{0,12}(?:与我[司店们]+无关|均属假冒|都是假|不要相信)"
)
_DENIED_INSIDE = re.compile(
    r"不(?:因|会|给|得|送|能|可|发|要|靠|收|设|算|参与|承诺)|无需|没有任何|无任何"
)
_COMPLAINS = re.compile(
    r"(?<![零0无])(?:投诉|举报|虚假宣传|涉嫌|骗局|骗人|别信|不要信|不要相信|冒充|假冒)"
)
_ASKS = re.compile(
    r"(?:^|。|，)(?!想|你想|还在|你还|要不要|谁不想)(?:[^。]*(?:吗|么|嘛)(?=。|$)|[^。]*"
    r"(?:请问|怎么判断|为什么|能不能|是不是|有没有|会不会|可不可以|如何辨别|管不管|行不行|好不好)"
    r"[^。]*)"
)
_PHISHING = ("authority", "imitation_name")
"""Codes of rules that a complaint or a question does not excuse."""


def is_lawful(text: str, start: int, end: int, rule: Rule) -> bool:
    """Whether what stands around a word in a folded text makes it lawful."""
    if any(_is_inside(text, start, end, lawful) for lawful in rule.unless):
        return True
    if rule.except_before is not None and rule.except_before.search(text[:start]):
        return True
    if rule.code not in _PHISHING and _COMPLAINS.search(text):
        return True
    if _is_inside(text, start, end, _ASKS):
        return True
    return rule.is_negatable and _is_denied(text, start, end, rule)


def _is_denied(text: str, start: int, end: int, rule: Rule) -> bool:
    if rule.is_careful and _warns(text, start, end):
        return True
    if rule.may_deny_inside and _DENIED_INSIDE.search(text, start, end):
        return True
    if _DENIED.search(text[max(0, start - 16) : start]):
        return True
    return _DENIED_AFTER.match(text, end) is not None


def _warns(text: str, start: int, end: int) -> bool:
    """Whether the sentence around a word warns, forbids or denies."""
    first = text.rfind("。", 0, start) + 1
    last = text.find("。", end)
    sentence = text[first : last if last >= 0 else len(text)]
    return _caution().search(sentence) is not None


@cache
def _caution() -> re.Pattern[str]:
    return re.compile(concept("caution"))


def _is_inside(text: str, start: int, end: int, lawful: re.Pattern[str]) -> bool:
    return any(m.start() <= start and end <= m.end() for m in lawful.finditer(text))
