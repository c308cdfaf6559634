"""广告审查: texts that the lint refused, and texts that somebody let pass with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, reason
from admin.kit.wanted import View, Wanted
from admin.words import LINT, RULING, who
from domain import audit, public_texts
from domain.public_texts import RulingView
from kernel.text import shortened

URL = "/admin/texts"


def find(wanted: Wanted) -> Sequence[RulingView]:
    """Refused texts, newest first; texts that were let pass have a view of their own."""
    return public_texts.list_rulings(wanted.view, wanted.cursor, wanted.limit)


def _words(row: RulingView) -> str:
    return "、".join(each["word"] for each in row.words)


def _grounds(row: RulingView) -> str:
    return "、".join(dict.fromkeys(LINT[each["ground"]] for each in row.words))


LIST = ListSpec[RulingView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("文字", lambda row: shortened(row.text, 60, 60), in_file=False,
                  note=lambda row: row.page),
        cols.text("文字", lambda row: row.text, on_screen=False),
        cols.text("触发的词", _words, note=_grounds),
        cols.text("提交人", lambda row: who(row.asked_by), note=lambda row: row.asked_at),
        cols.state("状态", RULING, lambda row: row.state, note=lambda row: row.reason),
        cols.text("决定人", lambda row: who(row.decided_by) if row.decided_by else ""),
        cols.when("决定时间", lambda row: row.decided_at),
        cols.act(lambda row: "查看"),
    ),
    unit="条",
    note="保存时被拦下的文字；放行后，同一段文字不再拦",
    href=lambda row: f"{URL}/{row.id}",
    views=(View("refused", "未放行"), View("passed", "已放行")),
    empty=Empty("没有记录", "商品、活动、群发、自动回复里的文字，保存时都会检查。"),
    has_file=True,
)  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    """A refused text with its words and its decisions."""
    found = public_texts.ruling_detail(ask.id)
    return {"ruling": found, "log": audit.timeline("text", found.id, limit=12)}


DETAIL = DetailSpec(f"/texts/{ID}", "texts.see", "admin/marketing/text.html", _load)


def let_pass(ask: Ask, why: str) -> str:
    """Let a text pass, with a reason."""
    public_texts.let_pass(ask.id, why, ask.actor)
    return "已放行，请回到原来的页面再保存一次"


def take_back(ask: Ask, why: str) -> str:
    """Refuse a text again that was let pass."""
    public_texts.take_back(ask.id, why, ask.actor)
    return "已撤回，下次保存这段文字会被拦下"


ONE = f"{URL}/{{id}}"
STEPS = (
    Step(f"/texts/{ID}/pass", "texts.decide", let_pass, ONE, reason),
    Step(f"/texts/{ID}/take-back", "texts.decide", take_back, ONE, reason),
)
