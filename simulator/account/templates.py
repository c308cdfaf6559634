"""模板: the public library, typed values, and words for which WeChat intercepts a message."""

from __future__ import annotations

import re
from typing import Any

from simulator.account import template_values
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import Sim
from simulator.world import Template

FIELD = re.compile(r"\{\{(\w+)\.DATA\}\}")
MARKETING = (
    "优惠", "特价", "秒杀", "抢购", "促销", "大促", "红包", "免费领", "限时", "折扣", "清仓",
    "爆款", "拼团", "砍价", "中奖", "抽奖", "赚钱", "返利", "点击领取", "买一送一",
)  # fmt: skip
TYPES_BY_WORD = (
    ("时间", "time"),
    ("日期", "date"),
    ("金额", "amount"),
    ("价", "amount"),
    ("单号", "character_string"),
    ("编号", "character_string"),
    ("车牌", "car_number"),
    ("姓名", "name"),
    ("手机", "phone_number"),
    ("电话", "phone_number"),
    ("状态", "phrase"),
    ("数量", "number"),
)
LIBRARY = {
    "43216": ("订单支付成功通知", ["订单编号", "商品名称", "支付金额", "支付时间"]),
    "42984": ("订单发货通知", ["订单编号", "商品名称", "快递公司", "快递单号"]),
    "46232": ("退款成功通知", ["订单编号", "商品名称", "退款金额", "退款时间"]),
    "49372": ("售后进度通知", ["订单编号", "处理状态", "备注"]),
    "45070": ("收益到账通知", ["收益金额", "收益来源", "到账时间"]),
    "50557": ("提现结果通知", ["提现金额", "处理状态", "处理时间"]),
    "47942": ("预约提醒", ["预约事项", "预约时间", "预约地点"]),
    "48058": ("新订单提醒", ["订单编号", "商品名称", "订单金额", "下单时间"]),
    "51012": ("会员等级变更通知", ["会员等级", "变更时间"]),
    "44001": ("待办事项提醒", ["事项名称", "提交时间", "处理状态"]),
}


def from_library(short_id: str, keywords: list[str]) -> Template:
    """A template from the public library, by its number, with the chosen keywords."""
    if short_id not in LIBRARY:
        raise WxError(40037)
    title, offered = LIBRARY[short_id]
    chosen = keywords or offered
    if unknown := [word for word in chosen if word not in offered]:
        raise WxError(40035, f"keyword {unknown[0]}")
    return Template(random_id(43), title, compose(chosen), short_id)


def compose(keywords: list[str]) -> str:
    """The content lines for keywords; each keyword's name decides its type."""
    lines = []
    for number, word in enumerate(keywords, 1):
        kind = next((k for part, k in TYPES_BY_WORD if part in word), "thing")
        lines.append(f"{word}:{{{{{kind}{number}.DATA}}}}")
    return "\n".join(lines)


def add(sim: Sim, data: dict[str, Any]) -> Template:
    """Add a template from the settings or from `/_sim/templates`."""
    template = Template(
        id=str(data.get("id") or random_id(43)),
        title=str(data["title"]),
        content=str(data.get("content") or compose(list(data.get("keywords") or []))),
        short_id=str(data.get("short_id", "")),
        kind=str(data.get("kind", "template")),
        category=str(data.get("category", "")),
        choices={str(k): [str(c) for c in v] for k, v in dict(data.get("choices") or {}).items()},
    )
    sim.world.templates[template.id] = template
    return template


def find(sim: Sim, template_id: Any, kind: str) -> Template:
    """The account's template with that id and kind; 40037 if there is none."""
    found = sim.world.templates.get(str(template_id))
    if found is None or found.kind != kind:
        raise WxError(40037)
    return found


def fill(template: Template, data: Any) -> list[dict[str, str]]:
    """The lines that the person reads; 47003 names the first value that does not fit its type."""
    if not isinstance(data, dict):
        raise WxError(47003, "data")
    lines = []
    for line in template.content.splitlines():
        match = FIELD.search(line)
        if match is None:
            continue
        key = match.group(1)
        part = data.get(key)
        value = part.get("value") if isinstance(part, dict) else None
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise WxError(47003, f"data.{key}.value is empty")
        if not str(value).strip():
            raise WxError(47003, f"data.{key}.value is empty")
        if not template_values.fits(
            template_values.kind_of(key), str(value), template.choices.get(key, ())
        ):
            raise WxError(47003, f"data.{key}.value invalid")
        label = line[: match.start()].strip().rstrip(":：")
        lines.append({"label": label, "key": key, "value": str(value)})
    return lines


def marketing_word(lines: list[dict[str, str]]) -> str:
    """The first marketing word in the values, or ""; WeChat intercepts such a message."""
    text = " ".join(line["value"] for line in lines)
    return next((word for word in MARKETING if word in text), "")


def of_kind(sim: Sim, kind: str) -> list[Template]:
    """The account's templates of messages (`template`) or of notices (`subscribe`)."""
    return [t for t in sim.world.templates.values() if t.kind == kind]


def bubble(
    template: Template, lines: list[dict[str, str]], body: dict[str, Any]
) -> dict[str, Any]:
    """The message as a phone shows it."""
    mini = body.get("miniprogram") or None
    return {
        "template_id": template.id,
        "title": template.title,
        "lines": lines,
        "url": "" if mini else str(body.get("url") or body.get("page") or ""),
        "miniprogram": mini,
    }
