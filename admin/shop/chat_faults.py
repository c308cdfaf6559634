"""What is wrong with a menu or a keyword answer, and where, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

WRONG = {
    "over_bytes": "太长，最多 {most} 字节（约 {chinese} 个汉字）",
    "page_bad": "“打开商城页面”要填 /m/orders 这样的路径",
    "link_bad": "“打开网址”要以 http:// 或 https:// 开头",
    "entry_missing": "没有子项时，请填写点击后做什么",
    "keyword_bad": "每个词语 1 至 20 个字",
    "answer_empty": "回复不能是空的",
    "string_too_short": "没有填写",
    "too_long": "太多，最多 {max_length} 项",
    "too_short": "至少要有 {min_length} 项",
}
PLACE = {
    "buttons": "菜单 {n}", "items": "子项 {n}", "keywords": "第 {n} 组关键词",
    "answers": "第 {n} 条回复", "name": "名称", "value": "内容", "welcome": "关注后说",
    "closed": "非服务时间", "words": "词语",
}  # fmt: skip


def said(error: ValidationError) -> str:
    """The first mistake of a form that its model refused."""
    first = error.errors()[0]
    facts = dict(first.get("ctx") or {})
    facts["chinese"] = int(facts.get("most", 0)) // 3
    text = WRONG.get(first["type"], "不符合规定").format(**facts)
    return f"{place(first['loc'])}{text}"


def place(steps: Sequence[Any]) -> str:
    """Where in the form: 'buttons, 0, name' → '菜单 1 名称：'."""
    found = []
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step in PLACE:
            n = after + 1 if isinstance(after, int) else ""
            found.append(PLACE[step].format(n=n).strip())
    return f"{' '.join(found)}：" if found else ""
