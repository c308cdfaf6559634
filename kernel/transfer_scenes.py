"""WeChat's rules for a merchant transfer (商家转账) by its scene (转账场景).

For each scene WeChat has a closed list of the report's labels (报备信息) and of the payee's texts
(用户收款感知), and refuses every payout that deviates by one character. The configuration is
therefore checked against the list at start. Source: WeChat Pay's documentation. For scenes that
are not listed only lengths are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REMARK_MOST = 32
CONTENT_MOST = 32
LABEL_MOST = 15
LEAST_FEN = 10
NAME_LEAST_FEN = 30
"""Below this amount WeChat accepts no payee's name."""
NAME_NEEDED_FEN = 200_000
"""From this amount on WeChat requires the payee's name."""

REMARK = "推广佣金"
REPORT = {"岗位类型": "推广人员", "报酬说明": "商品推广佣金"}
"""What a shop sends that has configured nothing, with the labels of scene 1005."""


@dataclass(frozen=True)
class Scene:
    """A scene: its name, the labels that must all be filled in, and the allowed payee's texts."""

    name: str
    labels: tuple[str, ...]
    perceptions: tuple[str, ...]


@dataclass(frozen=True)
class TermsFault:
    """A fault: the configured ``key`` (remark, report, perception), and what is allowed."""

    key: str
    allowed: str


SCENES: Mapping[str, Scene] = {
    "1000": Scene("现金营销", ("活动名称", "奖励说明"), ("活动奖励", "现金奖励")),
    "1002": Scene("行政补贴", ("补贴类型",), ("行政补贴", "行政奖励")),
    "1004": Scene("保险理赔", ("保险产品备案编号", "保险名称", "保险操作单号"), ("保险理赔款",)),
    "1005": Scene(
        "佣金报酬", ("岗位类型", "报酬说明"), ("劳务报酬", "报销款", "企业补贴", "开工利是")
    ),
    "1009": Scene("采购货款", ("采购商品名称",), ("货款",)),
    "1010": Scene("二手回收", ("回收商品名称",), ("二手回收货款",)),
    "1011": Scene("企业赔付", ("赔付原因",), ("退款", "商家赔付")),
    "1013": Scene("公益补助", ("公益活动名称", "公益活动备案编号"), ("公益补助金",)),
}


def transfer_faults(
    scene_id: str, remark: str, report: Mapping[str, str], perception: str = ""
) -> list[TermsFault]:
    """The reasons why WeChat would refuse every transfer with these terms; empty if valid."""
    scene = SCENES.get(scene_id)
    faults = []
    if not _fits(remark, REMARK_MOST):
        faults.append(TermsFault("remark", f"1-{REMARK_MOST} 个字"))
    if scene is not None and set(report) != set(scene.labels):
        faults.append(TermsFault("report", "、".join(scene.labels)))
    for label, content in report.items():
        if not _fits(label, LABEL_MOST) or not _fits(content, CONTENT_MOST):
            faults.append(TermsFault("report", f"{label[:LABEL_MOST]}：1-{CONTENT_MOST} 个字"))
    if not report:
        faults.append(TermsFault("report", "至少一项"))
    if perception and not _fits(perception, CONTENT_MOST):
        faults.append(TermsFault("perception", f"1-{CONTENT_MOST} 个字"))
    elif perception and scene is not None and perception not in scene.perceptions:
        faults.append(TermsFault("perception", "、".join(scene.perceptions)))
    return faults


def _fits(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isprintable() and text == text.strip()
