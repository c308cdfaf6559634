"""没听懂的话: missed sentences in groups; a group becomes examples of an answer, or a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from admin.kit import columns as cols
from admin.kit.lists import Empty, ListSpec, Tile
from admin.kit.steps import ID, Ask, Step, nothing
from admin.kit.wanted import View, Wanted
from admin.people.answers import EDIT, MISSED_MOST
from admin.words import MISSED, MISSED_OUTCOME, who
from domain import chat_answers
from domain.chat_answers import MissedGroup, MissedView
from kernel.web.forms import Form

URL = "/admin/missed"
SHOWN = 5
SUGGESTED = 3
OF_A_GROUP_MOST = 400


@dataclass(frozen=True)
class Row:
    """A group of similar sentences, its position in the list, and suggested intents."""

    place: int
    group: MissedGroup
    suggested: tuple[tuple[str, str], ...] = ()  # intent, title
    became: str = ""

    @property
    def leader(self) -> MissedView:
        """The group's most frequent sentence."""
        return self.group.sentences[0]

    @property
    def others(self) -> tuple[MissedView, ...]:
        """The further sentences that a row shows."""
        return self.group.sentences[1:SHOWN]

    @property
    def is_open(self) -> bool:
        """True if somebody has to decide about the group."""
        return self.leader.state == "open"

    @property
    def ids(self) -> str:
        """The sentences' ids, as a form carries them."""
        return ",".join(map(str, self.group.ids))

    @property
    def first_ids(self) -> str:
        """The ids of as many sentences as a new answer accepts."""
        return ",".join(map(str, self.group.ids[:MISSED_MOST]))


def find(wanted: Wanted) -> Sequence[Row]:
    """Open sentences in groups, the most frequent first, or decided sentences, newest first."""
    titles = chat_answers.answer_titles()
    if wanted.view not in ("", "open"):
        decided = chat_answers.list_decided(wanted.view, wanted.cursor, wanted.limit)
        return [
            Row(each.id, MissedGroup((each,)), became=titles.get(each.intent, ""))
            for each in decided
        ]
    first, chat = wanted.cursor or 0, chat_answers.knowledge()
    groups = chat_answers.open_groups()[first : first + wanted.limit]
    found = []
    for place, group in enumerate(groups, start=first + 1):
        near = chat.nearest(group.sentences[0].sentence, SUGGESTED)
        found.append(Row(place, group, tuple((each, titles[each]) for each in near)))
    return found


def _tiles(_: Wanted) -> Sequence[Tile]:
    week = chat_answers.week_figures()
    total = week.total

    def tile(label: str, figure: int, note: str, is_due: bool = False) -> Tile:
        share = f"{figure * 100 / total:.0f}%" if total else "–"
        return Tile(label, share, f"{note} {figure:,} 句", is_due=is_due)

    return (
        tile("听懂", week.understood, "近 7 天"),
        tile("给出选择", week.choices, "拿不准，请对方选"),
        tile("没听懂", week.unknown, "没有答案", is_due=total > 0 and week.unknown * 10 > total),
        tile("转人工", week.person, "找了客服"),
    )


def _more(_: Wanted, __: Sequence[Row]) -> Mapping[str, Any]:
    return {"titles": chat_answers.answer_titles()}


LIST = ListSpec[Row](
    query=find,
    key=lambda row: row.place,
    columns=(
        cols.part("说的话", "admin/people/_missed_said.html",
                  lambda row: "；".join(each.sentence for each in row.group.sentences)),
        cols.number("次数", lambda row: row.group.times),
        cols.when("最近一次", lambda row: row.group.last_at),
        cols.state("当时", MISSED_OUTCOME, lambda row: row.leader.outcome),
        cols.text("成为", lambda row: row.became, on_screen=False),
        cols.text("处理人", lambda row: who(row.leader.decided_by or ""), on_screen=False),
        cols.part("处理", "admin/people/_missed_steps.html", lambda row: "", in_file=False),
    ),
    unit="组",
    note="电话、证件号、单号、链接和地址存下来以前就已去掉；90 天没人再说的会自动删除",
    views=tuple(View(key, name) for key, (name, _) in MISSED.items()),
    tiles=_tiles,
    more=_more,
    empty=Empty("没有没听懂的话", "聊天里没有找到答案的话会出现在这里。"),
    template="admin/people/missed.html",
    has_file=True,
)  # fmt: skip


class Chosen(NamedTuple):
    """The ids of a group's sentences, and the intent that was chosen, or its title."""

    ids: tuple[int, ...]
    named: str


def _ids(form: Form) -> tuple[int, ...]:
    return tuple(form.counts("missed", most=OF_A_GROUP_MOST))


def _chosen(form: Form) -> Chosen:
    named = form.text("intent", most=60, required=False) or form.text("other", most=60)
    return Chosen(_ids(form), named)


def example(ask: Ask, it: Chosen) -> str:
    """Make the sentences examples of an answer."""
    count = chat_answers.make_examples(it.ids, it.named, ask.actor)
    return f"{count} 句话已设为它的说法，1 秒内生效；可在“已设为说法”里撤销"


class Equal(NamedTuple):
    """The ids of a group's sentences, a word that was said, and a word that products have."""

    ids: tuple[int, ...]
    word: str
    equals: str


def _equal(form: Form) -> Equal:
    return Equal(_ids(form), form.text("word", most=20), form.text("equals", most=20))


def synonym(ask: Ask, it: Equal) -> str:
    """Make a word that was said equal to a word of products."""
    chat_answers.make_synonym(it.ids, it.word, it.equals, ask.actor)
    return f"“{it.word}”和“{it.equals}”已设为同义词，商城和聊天里都按它找商品"


def dismiss(ask: Ask, ids: tuple[int, ...]) -> str:
    """Mark the sentences as needing no answer."""
    count = chat_answers.dismiss_missed(ids, ask.actor)
    return f"已忽略 {count} 句，可在“已忽略”里恢复"


def reopen(ask: Ask, _: None) -> str:
    """Undo a decision about a sentence."""
    chat_answers.reopen_missed(ask.id, ask.actor)
    return "已恢复为待处理"


STEPS = (
    Step("/missed/example", EDIT, example, URL, _chosen),
    Step("/missed/synonym", EDIT, synonym, URL, _equal),
    Step("/missed/dismiss", EDIT, dismiss, URL, _ids),
    Step(f"/missed/{ID}/reopen", EDIT, reopen, URL, nothing),
)
