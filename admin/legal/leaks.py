"""信息泄露: a leak of personal data with its clocks, people concerned, notices and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.forms import FormSpec, Present
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, ask_of, nothing, reason
from admin.kit.wanted import View, Wanted
from admin.moments import typed_moment
from admin.web import page, read
from admin.words import LEAK, who
from domain import audit, leaks
from domain.leaks import WHO, LeakForm, LeakView
from kernel.text import shortened
from kernel.web.forms import Form

routes = web.RouteTableDef()
RIGHT, SEE = "legal.edit", "settings.see"
URL, ONE = "/admin/leaks", "/admin/leaks/{id}"
TEXTS = ("what", "cause", "harm", "measures", "advice")
MOST = 500


def find(wanted: Wanted) -> Sequence[LeakView]:
    """Leaks of a view, newest first."""
    return leaks.list_leaks(wanted.view, wanted.cursor, wanted.limit)


def _late(row: LeakView) -> list[cols.Badge]:
    found: list[cols.Badge] = [("报告超时", "brand")] if row.is_authority_late else []
    return found + ([("告知超时", "brand")] if row.is_people_late else [])


LIST = ListSpec[LeakView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.code("编号", lambda row: row.leak_no, note=lambda row: row.found_at),
        cols.text("泄露的信息", lambda row: shortened(row.what, 60, 60)),
        cols.number("受影响", lambda row: row.people),
        cols.number("已告知", lambda row: row.counts.get("reached", 0)
                    + row.counts.get("by_hand", 0)),
        cols.number("没联系上", lambda row: row.counts.get("not_reached", 0)),
        cols.state("状态", LEAK, lambda row: row.state, badges=_late),
        cols.when("结案", lambda row: row.closed_at, on_screen=False),
        cols.text("登记人", lambda row: who(row.opened_by), on_screen=False),
        cols.act(lambda row: "处理" if row.state == "open" else "查看"),
    ),
    unit="件",
    note="发现泄露后立即补救，报告主管部门并告知本人（个人信息保护法第五十七条）",
    href=lambda row: f"{URL}/{row.id}",
    views=(View("open", "处理中"), View("closed", "已结案"), View("all", "全部")),
    buttons=(Button("登记泄露", f"{URL}/new", RIGHT, tone="primary"),),
    empty=Empty("没有泄露", "发现个人信息泄露、篡改或丢失时，在这里登记。"),
    has_file=True,
)  # fmt: skip


@routes.get("/leaks/new")
@requires(RIGHT)
async def new(request: web.Request) -> web.StreamResponse:
    """The form of a new leak."""
    return await _new(request, {}, {})


async def _new(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    return await page(
        request, "admin/legal/leak_new.html", status=422 if errors else 200, values=values,
        errors=errors, authority=leaks.AUTHORITY_WITHIN, people=leaks.PEOPLE_WITHIN,
    )  # fmt: skip


@routes.get(f"/leaks/{ID}")
@requires(SEE)
async def detail(request: web.Request) -> web.StreamResponse:
    """A leak: its clocks, texts, people, those not reached, and what is to be done next."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    found = await read(request, _load, ask_of(request))
    present: Present = found.pop("present")
    return await page(
        request, "admin/legal/leak.html", status=422 if errors else 200, errors=errors,
        values=dict(present.values) | present.carried | values, **found,
    )  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    found = leaks.leak_detail(ask.id)
    return {
        "each": found, "present": _shown(found), "missed": leaks.people_not_reached(ask.id),
        "log": audit.timeline("leak", ask.id, limit=20),
    }  # fmt: skip


def _shown(found: LeakView) -> Present:
    values: Mapping[str, Any] = {name: getattr(found, name) for name in (*TEXTS, "contact")}
    return Present(values, found.edition, {})


def _typed(form: Form) -> LeakForm:
    return LeakForm(
        what=form.public_prose("what", most=MOST),
        cause=form.public_prose("cause", most=MOST),
        harm=form.public_prose("harm", most=MOST),
        measures=form.public_prose("measures", most=MOST),
        advice=form.public_prose("advice", most=MOST),
        contact=form.public("contact", most=100),
        found_at=typed_moment(form, "found_at", required=False),
    )


def record(ask: Ask, it: LeakForm, _: int) -> int:
    """Record a leak; the clocks run from its discovery."""
    return leaks.open_leak(it, ask.actor)


def amend(ask: Ask, it: LeakForm, edition: int) -> None:
    """Change the texts before anybody is told."""
    leaks.amend_leak(ask.id, it, edition, ask.actor)


class Chosen(NamedTuple):
    """The people who are to be added."""

    who: str
    numbers: str
    days: int | None


def _chosen(form: Form) -> Chosen:
    days = form.count("days", least=1, most=3650) if form.raw("days").strip() else None
    numbers = form.prose("numbers", most=40_000, required=False)
    return Chosen(form.choice("who", WHO), numbers, days)


def choose(ask: Ask, it: Chosen) -> str:
    """Add the people whom the leak concerns."""
    added = leaks.choose_people(ask.id, it.who, it.numbers, it.days, ask.actor)  # type: ignore[arg-type]
    return f"已加入 {added} 人" if it.who == "listed" else "正在加入，人数会陆续更新"


def _edition(form: Form) -> int:
    return form.integer("version", least=1, most=2**31)


def announce(ask: Ask, edition: int) -> str:
    """Tell the people; their notices leave one by one."""
    leaks.announce(ask.id, edition, ask.actor)
    return "已开始告知，结果会陆续更新"


def again(ask: Ask, _: None) -> str:
    """Try once more for those whom no message reached."""
    return f"{leaks.tell_again(ask.id, ask.actor)} 人重新发送"


def untold(ask: Ask, why: str) -> str:
    """Record why the people need not be told."""
    leaks.need_not_tell(ask.id, why, ask.actor)
    return "已记录不告知的理由"


def _proof(form: Form) -> str:
    return form.prose("proof", most=200)


def authority(ask: Ask, proof: str) -> str:
    """Record that the authority was told."""
    leaks.tell_authority(ask.id, proof, ask.actor)
    return "已记录报告"


def by_hand(ask: Ask, note: str) -> str:
    """Record how somebody was told by call or letter."""
    leaks.told_by_hand(ask.id, ask.number("person"), note, ask.actor)
    return "已记录"


def _note(form: Form) -> str:
    return form.text("note", most=150)


def close(ask: Ask, proof: str) -> str:
    """Close a leak with its evidence."""
    leaks.close_leak(ask.id, proof, ask.actor)
    return "已结案"


def _present(ask: Ask) -> Present:
    return _shown(leaks.leak_detail(ask.id))


ADD = FormSpec[LeakForm](
    "/leaks/new", RIGHT, _typed, record, _new, "已登记，请尽快报告和告知", "/admin/leaks/{new}",
)  # fmt: skip
SAVE = FormSpec[LeakForm](
    f"/leaks/{ID}", RIGHT, _typed, amend, _page, "已保存", ONE, present=_present,
    moved=frozenset({"leak_moved"}),
)  # fmt: skip
STEPS = (
    Step(f"/leaks/{ID}/people", RIGHT, choose, ONE, _chosen),
    Step(f"/leaks/{ID}/announce", RIGHT, announce, ONE, _edition, word="告知", fresh=True),
    Step(f"/leaks/{ID}/again", RIGHT, again, ONE, nothing),
    Step(f"/leaks/{ID}/untold", RIGHT, untold, ONE, reason),
    Step(f"/leaks/{ID}/authority", RIGHT, authority, ONE, _proof),
    Step(f"/leaks/{ID}/people/{{person:\\d{{1,18}}}}", RIGHT, by_hand, ONE, _note),
    Step(f"/leaks/{ID}/close", RIGHT, close, ONE, _proof, word="结案"),
)
