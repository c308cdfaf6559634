"""操作日志: acts of people, with the values before and after; 系统事件: acts of the system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from admin.diffs import GROUP, diff
from admin.event_words import EVENT, part_of
from admin.kit import columns as cols
from admin.kit.lists import Beside, Empty, ListSpec
from admin.kit.wanted import Filter, Wanted
from admin.web import people_of
from admin.words import ACTION, SECTION, who
from domain import audit, staff
from domain.audit import AuditLine


@dataclass(frozen=True)
class LogRow:
    """An entry of a log, and the name of who acted."""

    line: AuditLine
    name: str

    @property
    def change(self) -> str:
        """The change in one line."""
        before, after = self.line.before, self.line.after
        parts = [diff(self.line.target_type, each) for each in (before, after) if each is not None]
        return " → ".join(str(part) for part in parts)


def find(wanted: Wanted) -> Sequence[LogRow]:
    """People's acts, newest first."""
    kind = wanted.choice("kind")
    rows = audit.history(
        kind, wanted.choice("target") if kind else None, before_id=wanted.cursor,
        limit=wanted.limit, actor=wanted.choice("who"),
    )  # fmt: skip
    names = people_of(row.actor for row in rows)
    names |= {f"staff:{each.login}": each.name for each in staff.list_staff()}
    return [LogRow(row, names.get(row.actor, who(row.actor))) for row in rows]


def find_events(wanted: Wanted) -> Sequence[LogRow]:
    """System events, newest first."""
    kind = wanted.choice("kind")
    rows = audit.system_history(
        kind, wanted.choice("target") if kind else None, before_id=wanted.cursor,
        limit=wanted.limit, action=wanted.choice("event"),
    )  # fmt: skip
    return [LogRow(row, part_of(row.actor)) for row in rows]


def _thing(row: LogRow) -> str:
    return SECTION.get(row.line.target_type, row.line.target_type)


def _number(row: LogRow) -> str:
    key = row.line.target_id
    return GROUP.get(key, key) if row.line.target_type == "setting" else key


def _login(row: LogRow) -> str:
    kind, _, login = row.line.actor.partition(":")
    return login if kind == "staff" and login != row.name else ""


AT: cols.Column[LogRow] = cols.when("时间", lambda row: row.line.at)
WHAT: cols.Column[LogRow] = cols.text(
    "操作", lambda row: ACTION.get(row.line.action, row.line.action)
)
THING = cols.text("对象", _thing, note=_number)
NUMBER = cols.code("编号", _number, on_screen=False)
CHANGE: cols.Column[LogRow] = cols.part(
    "变化", "admin/shop/_log_change.html", lambda row: row.change
)
ABOUT = (Filter("kind", "范围", "choice", tuple(SECTION.items())), Filter("target", "编号"))

ACTS = ListSpec[LogRow](
    query=find,
    key=lambda row: row.line.id,
    columns=(
        AT, cols.text("操作人", lambda row: row.name, note=_login),
        cols.text("账号", lambda row: row.line.actor, on_screen=False),
        WHAT, THING, NUMBER, CHANGE,
    ),
    unit="条",
    note="谁、何时、做了什么；不能修改或删除",
    filters=(*ABOUT, Filter("who", "操作人账号（完整）")),
    template="admin/shop/audit.html",
    has_file=True,
)  # fmt: skip
EVENTS = ListSpec[LogRow](
    query=find_events,
    key=lambda row: row.line.id,
    columns=(
        AT, WHAT, THING, NUMBER, CHANGE, cols.text("来源", lambda row: row.name),
    ),
    unit="条",
    note="系统自动做了什么；不能修改，保留三年",
    filters=(*ABOUT, Filter("event", "事件", "choice", tuple(EVENT.items()))),
    empty=Empty("没有系统事件"),
    template="admin/shop/audit.html",
    beside=Beside("audit/system", "系统事件"),
    has_file=True,
)  # fmt: skip
