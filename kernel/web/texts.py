"""Catalogues: the text of each error code, with its facts filled in."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import DomainError
from kernel.money import yuan

# Codes of kernel.web and those that the web faces share; a face adds its own and may override.
COMMON: Mapping[str, str] = {
    "field_missing": "请填写此项",
    "text_too_long": "最多 {limit} 个字",
    "text_too_heavy": "表情或特殊字符太多，请少用几个",
    "number_unreadable": "请输入整数",
    "number_out_of_range": "请输入 {least} 到 {most} 之间的数",
    "amount_out_of_range": "金额应在 ¥{least} 到 ¥{most} 之间",
    "rate_out_of_range": "请填写 0 到 {most} 之间的百分比",
    "too_many_rows": "一次最多选择 {limit} 项",
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
    "picture_too_large": "图片太大，请选择 20 MB 以内的图片",
    "picture_unreadable": "这张图片打不开或不完整，请换一张 JPG、PNG、WebP 或 HEIC 图片",
    "picture_cut_off": "这张图片没有传完整，请重新选择；从微信转来的请先点“查看原图”再保存",
    "picture_heic": "这张 HEIC 图片打不开，请截图后上传，或将相机格式设为“兼容性最佳”后重拍",
    "picture_is_cut": "末尾缺少一部分数据，已按能看到的内容保存，请检查图片，不完整请重新上传",
    "picture_too_many_pixels": "图片尺寸太大，请用手机相册裁剪或缩小后再传",
    "picture_too_long": "图片太长，请裁剪后再传",
}


# Texts for the refusals of ``kernel.typed``: what is wrong and what to type instead.
_AMOUNT_LIKE = "，例如 12.50"
_RATE_LIKE = "，例如 12.5"
_COUNT_LIKE = "，例如 12"
_REFUSED: Mapping[str, str] = {
    "empty": "请输入{what}{like}",
    "commas": "逗号位置不对：小数请用小数点，千位逗号后须有三位数字",
    "spaced": "数字中间有空格，请去掉",
    "point": "小数点前后都要有数字{like}",
    "points": "只能有一个小数点",
    "exponent": "请写完整的数字，不要用 e 表示",
    "negative": "不能是负数",
    "sign": "请去掉加减号，只填一个数",
    "not_a_number": "请填写数字{like}",
    "currency": "只支持人民币，请去掉其他货币符号",
    "letters": "请输入{what}{like}，不要带字母或其他文字",
    "words": "请用阿拉伯数字填写{like}",
    "digits": "请用 0 到 9 的数字填写{like}",
    "unit": "看不懂这个单位，请只填数字{like}",
    "huge": "数字太大，请核对",
    "unreadable": "请输入{what}{like}",
}
TYPED: Mapping[str, str] = {
    f"{kind}_{why}": text.format(what=what, like=like)
    for kind, what, like in (("amount", "金额", _AMOUNT_LIKE), ("rate", "百分比", _RATE_LIKE),
                             ("count", "整数", _COUNT_LIKE))
    for why, text in _REFUSED.items()
} | {
    "amount_decimals": "金额最多两位小数（精确到分）",
    "amount_huge": "金额最多 ¥{limit}，请核对",
    "rate_decimals": "百分比最多两位小数",
    "rate_above": "请填写 0 到 {limit} 的百分比，例如 12.5",
    "count_not_whole": "请填写整数，不要小数",
}  # fmt: skip


class Texts:
    """A face's catalogue."""

    def __init__(self, *catalogues: Mapping[str, str]) -> None:
        self._texts: dict[str, str] = {}
        for catalogue in (COMMON, TYPED, *catalogues):
            self._texts |= catalogue

    def __contains__(self, code: str) -> bool:
        return code in self._texts

    def of(self, error: DomainError) -> str:
        """The text of an error."""
        return self.text(error.code, **error.facts)

    def text(self, code: str, **facts: object) -> str:
        """The text of a code; a fact ``name_fen`` is also available as ``name`` in yuan."""
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
