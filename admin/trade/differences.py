"""对账差异: differences between WeChat's bills and the ledger, each with an owner and an end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Beside, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, nothing
from admin.kit.wanted import Filter, View, Wanted
from admin.words import BILL_DIFFERENCE, BILL_KIND, who
from domain import audit, reconcile
from domain.reconcile import DifferenceFilter, DifferenceView
from kernel.text import number_of
from kernel.web.forms import Form

URL = "/admin/reconcile/differences"
ONE = f"{URL}/{{id}}"
ENDS = ("booked", "explained")


def find(wanted: Wanted) -> Sequence[DifferenceView]:
    """Differences of a view, newest first; the default view is open ones."""
    chosen = DifferenceFilter(
        wanted.view, wanted.actor, wanted.choice("kind"), number_of(wanted.text("q")),
        wanted.text("from"), wanted.text("to"),
    )  # fmt: skip
    return reconcile.list_differences(chosen, before_id=wanted.cursor, limit=wanted.limit)


def _fen(row: DifferenceView) -> int:
    return (row.theirs_fen or 0) - (row.ours_fen or 0)


LIST = ListSpec[DifferenceView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.code("单号", lambda row: row.out_number,
                  note=lambda row: BILL_KIND.get(row.kind, row.kind)),
        cols.text("类型", lambda row: BILL_KIND.get(row.kind, row.kind), on_screen=False),
        cols.text("账单日", lambda row: row.day,
                  href=lambda row: f"/admin/reconcile/days/{row.day}"),
        cols.money("微信", lambda row: row.theirs_fen),
        cols.money("本店", lambda row: row.ours_fen),
        cols.money("相差", _fen),
        cols.state("情况", BILL_DIFFERENCE, lambda row: row.stands),
        cols.text("负责人", lambda row: who(row.owner) if row.owner else "",
                  note=lambda row: row.note),
        cols.text("备注", lambda row: row.note, on_screen=False),
        cols.when("发现", lambda row: row.opened_at),
        cols.when("了结", lambda row: row.ended_at, on_screen=False),
        cols.text("了结人", lambda row: who(row.closed_by) if row.closed_by else "",
                  on_screen=False),
        cols.text("依据", lambda row: row.closed_reason, on_screen=False),
        cols.act(lambda row: "处理" if row.is_open else "查看"),
    ),
    unit="处",
    note="微信账单与本店账本对不上的每一笔，由谁负责、如何了结",
    href=lambda row: f"{URL}/{row.id}",
    views=(View("open", "未平"), View("mine", "我负责的"), View("ended", "已了结"),
           View("all", "全部")),
    counts=lambda wanted: {"open": len(reconcile.list_differences(limit=100))},
    filters=(
        Filter("q", "单号"), Filter("kind", "类型", "choice", tuple(BILL_KIND.items())),
        Filter("from", "账单日自", "day"), Filter("to", "至", "day"),
    ),
    empty=Empty("没有差异", "只说已经核对过的账单；哪些天没有核对，看对账页。", "/admin/reconcile",
                "看每一天"),
    has_file=True,
    beside=Beside("reconcile/differences", "对账差异"),
)  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    """A difference, the page of the order or withdrawal that it is about, and its log."""
    found = reconcile.difference_detail(ask.id)
    return {
        "row": found,
        "diff_fen": _fen(found),
        "page_of": reconcile.page_of_line(found.kind, found.out_number),
        "log": audit.timeline("bill_line", found.id, limit=30),
        "is_mine": found.owner == ask.actor,
    }


DETAIL = DetailSpec(
    f"/reconcile/differences/{ID}", "payouts.see", "admin/trade/difference.html", _load,
    carries={"shown": "difference"},
)  # fmt: skip


def take(ask: Ask, _: None) -> str:
    """Become the owner of a difference."""
    reconcile.take_difference(ask.id)
    return "已由您负责"


def note(ask: Ask, text: str) -> str:
    """Save a note about a difference."""
    reconcile.note_difference(ask.id, text)
    return "备注已保存"


def close(ask: Ask, said: tuple[str, str]) -> str:
    """Close a difference, with its kind of end and the reason."""
    how, ground = said
    reconcile.close_difference(ask.id, how, ground)
    return "差异已了结"


def _note(form: Form) -> str:
    return form.text("note", most=200, required=False)


def _end(form: Form) -> tuple[str, str]:
    return form.choice("how", ENDS), form.text("reason", most=200)


STEPS = (
    Step(f"/reconcile/differences/{ID}/take", "payouts.review", take, ONE, nothing),
    Step(f"/reconcile/differences/{ID}/note", "payouts.review", note, ONE, _note),
    Step(f"/reconcile/differences/{ID}/close", "payouts.review", close, ONE, _end,
         fresh=True, shows="difference"),
)  # fmt: skip
