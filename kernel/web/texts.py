"""Catalogues: the text of each error code for people, with its facts filled in."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import DomainError
from kernel.money import yuan

# What kernel.web itself raises, and what the web faces say alike; each adds its own and may
# override these.
COMMON: Mapping[str, str] = {
    "field_missing": "请填写此项",
    "text_too_long": "最多 {limit} 个字",
    "number_unreadable": "请输入整数",
    "number_out_of_range": "请输入 {least} 到 {most} 之间的数",
    "amount_unreadable": "请输入金额，例如 12.50",
    "amount_out_of_range": "金额应在 ¥{least} 到 ¥{most} 之间",
    "choice_unknown": "请重新选择",
    "form_expired": "页面已过期，请刷新后重试",
    "csrf_bad": "页面已过期，请刷新后重试，内容不会丢失",
    "too_many": "操作太频繁，请稍后再试",
    "command_reused": "这次提交的内容和上次不同，请核对后重新提交",
    "upload_too_large": "内容太大，请压缩后重试",
    "http_405": "请返回上一页重试",
    "balance_too_low": "可提现余额不足",
    "not_for_sale": "商品已下架",
    "same_person": "需要由另一位同事复核",
    "quantity_bad": "数量应在 1 到 {limit} 之间",
    "case_items_bad": "请选择要退的商品",
    "ticket_kind_unknown": "请选择类型",
    "picture_too_large": "图片太大，请选择 10 MB 以内的图片",
    "picture_unreadable": "这张图片打不开，请换一张",
    "picture_too_long": "图片太长，请裁剪后再传",
}


class Texts:
    """A face's catalogue."""

    def __init__(self, *catalogues: Mapping[str, str]) -> None:
        self._texts: dict[str, str] = {}
        for catalogue in (COMMON, *catalogues):
            self._texts |= catalogue

    def __contains__(self, code: str) -> bool:
        return code in self._texts

    def of(self, error: DomainError) -> str:
        """What to tell the person."""
        return self.text(error.code, **error.facts)

    def text(self, code: str, **facts: object) -> str:
        """The text of a code; ``*_fen`` facts are also offered as yuan without the ending."""
        shown = dict(facts)
        for name, value in facts.items():
            if name.endswith("_fen") and isinstance(value, int):
                shown[name.removesuffix("_fen")] = yuan(value)
            if isinstance(value, list | tuple):
                shown[name] = "、".join(str(each) for each in value)
        template = self._texts.get(code)
        if template is None:
            return f"操作未完成（{code}）"
        try:
            return template.format(**shown)
        except (KeyError, IndexError):
            return template
