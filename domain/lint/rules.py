"""Words that a text must not contain by law or by WeChat's rules (广告词检查). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lint = Literal["ad", "liquor", "share", "marketing"]

# Advertising law: absolute terms, promises of gain (广告法、投资)
AD_WORDS = (
    "国家级", "世界级", "最高级", "最佳", "最好", "最优", "最低价", "全网最低", "史上最低",
    "全网第一", "全国第一", "行业第一", "销量第一", "第一品牌", "顶级", "极品", "独一无二",
    "绝无仅有", "特供", "专供", "国宾", "保值", "增值", "升值", "稳赚", "投资", "理财", "原始股",
    "包赚", "零风险",
)  # fmt: skip
# Liquor must neither promise health nor encourage drinking (酒类广告)
LIQUOR_WORDS = (
    "保健", "养生", "治疗", "治病", "百病", "防癌", "抗癌", "降血压", "降血脂", "降血糖",
    "软化血管", "抗衰老", "壮阳", "延年益寿", "有益健康", "不伤身", "不上头", "消除紧张",
    "解除焦虑", "增加体力", "干杯不醉", "一醉方休", "千杯不倒",
)  # fmt: skip
# WeChat forbids rewards for sharing or recruiting (诱导分享、拉人头)
SHARE_WORDS = (
    "分享得", "转发得", "转发抽奖", "集赞", "分享到群", "拉人", "发展下线", "人头费", "邀请好友得",
    "不转不是",
)  # fmt: skip
# WeChat blocks service templates with these words since 2023 (营销词)
MARKETING_WORDS = (
    "优惠", "促销", "折扣", "特价", "秒杀", "红包", "抽奖", "免费", "限时", "抢购", "满减", "立减",
    "福利", "上新", "爆款", "领取", "返现", "大促", "狂欢", "送好礼",
)  # fmt: skip
_LISTS: dict[Lint, tuple[str, ...]] = {
    "ad": AD_WORDS, "liquor": LIQUOR_WORDS, "share": SHARE_WORDS, "marketing": MARKETING_WORDS,
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A word that a text should not contain, and its list."""

    kind: Lint
    word: str


def lint(text: str, *kinds: Lint) -> list[Finding]:
    """The words of these lists that a text contains (广告词检查)."""
    bare = "".join(text.split())
    return [Finding(kind, word) for kind in kinds for word in _LISTS[kind] if word in bare]
