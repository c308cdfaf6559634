"""聊天问答: the merchant changes, switches off, reverts and adds answers of the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.forms import FormSpec, Present
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, nothing
from admin.kit.wanted import Filter, View, Wanted
from admin.people import answer_follows
from admin.picture_fields import PictureNames, picture_of
from admin.uploads import WithPicture
from admin.web import page, read
from admin.words import ANSWER, ANSWER_FACT
from domain import audit, chat_answers
from domain.chat_answers import AnswerForm, AnswerView
from kernel.text import shortened
from kernel.web.forms import Form

routes = web.RouteTableDef()
SEE, EDIT = "answers.see", "answers.edit"
URL = "/admin/answers"
KEY = r"{key:[a-z0-9_]{1,40}}"
ONE = f"{URL}/{{key}}"
TEXT_MOST = 500
SHOWN_MOST = 60
SENTENCES_MOST = 4000
MISSED_MOST = 60


class Row(NamedTuple):
    """An answer with its position in the list."""

    place: int
    answer: AnswerView


def find(wanted: Wanted) -> Sequence[Row]:
    """The merchant's own answers, then the program's."""
    words = wanted.text("q").lower()
    found = [
        each for each in chat_answers.list_answers()
        if wanted.view in ("", "all", each.state)
        and (words in each.title.lower() or words in each.said.lower())
    ]  # fmt: skip
    first = wanted.cursor or 0
    return [Row(first + n, each) for n, each in
            enumerate(found[first : first + wanted.limit], start=1)]  # fmt: skip


def _said(row: Row) -> str:
    answer = row.answer
    is_partly = bool(answer.said) and not answer.text and not answer.is_whole
    said = answer.said or "按每个人的情况回答"
    return f"{_followed(answer)}{'（分情况）' if is_partly else ''}{said}"


def _followed(answer: AnswerView) -> str:
    """What follows the text, as the list says it."""
    picture, cards = answer.follows.picture, len(answer.follows.products)
    return ("［图片］" if picture else "") + (f"［{cards} 张卡片］" if cards else "")


def _start(text: str) -> str:
    """The start of a text, which ends before a name in braces rather than inside."""
    start = shortened(text, SHOWN_MOST, SHOWN_MOST)
    opened = start.rfind("{")
    return start[:opened].rstrip() if start.rfind("}") < opened else start


def _readable(text: str) -> str:
    """A text with what it names in words: 【发货时限（小时）】 for {ship_within_hours}."""
    return chat_answers.NAMED.sub(lambda found: f"【{ANSWER_FACT.get(found[1], found[1])}】", text)


LIST = ListSpec[Row](
    query=find,
    key=lambda row: row.place,
    columns=(
        cols.text("问题", lambda row: row.answer.title),
        cols.text("回答", lambda row: _readable(_start(_said(row))), in_file=False),
        cols.text("回答", lambda row: _readable(_said(row)), on_screen=False),
        cols.state("状态", ANSWER, lambda row: row.answer.state),
        cols.number("近 30 天问到", lambda row: row.answer.asked),
        cols.number("添加的说法", lambda row: row.answer.examples),
        cols.when("改动", lambda row: row.answer.changed_at, on_screen=False),
        cols.act(lambda row: "查看"),
    ),
    unit="条",
    note="聊天里自动回答的问题；改动 1 秒内生效",
    href=lambda row: f"{URL}/{row.answer.intent}",
    views=(
        View("all", "全部"), *(View(each, ANSWER[each][0]) for each in ("own", "changed", "off")),
    ),
    filters=(Filter("q", "问题或回答里的字", is_wide=True),),
    buttons=(
        Button("没听懂的话", "/admin/missed", SEE),
        Button("写新的问答", f"{URL}/new", EDIT, tone="primary"),
    ),
    empty=Empty("没有这样的问答", "自己写的、改过的和停用的问答会出现在这里。"),
    has_file=True,
)  # fmt: skip


class Typed(NamedTuple):
    """The typed values of an answer; ``title`` is empty for the program's answers."""

    title: str
    text: str
    picture: str
    cards: tuple[str, ...]

    def form(self) -> AnswerForm:
        """With the products that were chosen. Raises Invalid('chat_card_unknown')."""
        return AnswerForm(
            self.text, self.title, self.picture, answer_follows.products_of(self.cards)
        )


def _typed(form: Form, *, is_new: bool = False) -> Typed:
    return Typed(
        form.public("title", most=20, required=is_new),
        form.public_prose("text", most=TEXT_MOST, required=is_new),
        picture_of(form),
        answer_follows.typed_cards(form),
    )


@routes.get(f"/answers/{KEY}")
@requires(SEE)
async def detail(request: web.Request) -> web.StreamResponse:
    """Show an answer: its text, the facts that it may name, its examples, and a preview."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    found = await read(request, _found, request.match_info["key"], values)
    return await page(
        request, "admin/people/answer.html", status=422 if errors else 200, errors=errors, **found
    )


def _found(key: str, typed: dict[str, str]) -> dict[str, Any]:
    answer, chat = chat_answers.answer_detail(key), chat_answers.knowledge()
    present = _shown(answer)
    values = dict(present.values) | present.carried | typed
    return answer_follows.shown(values) | {
        "answer": answer, "names": chat.facts(key), "shown": chat.shown(key, answer.text),
        "cards": answer_follows.cards_of(answer.follows.products),
        "kept_picture": answer_follows.picture(answer.follows.picture),
        "examples": chat_answers.list_examples(key),
        "log": audit.timeline("chat_answer", key, limit=12),
    }  # fmt: skip


def _shown(answer: AnswerView) -> Present:
    """The values of the form: the merchant's text, or the program's if it can be edited whole."""
    text = answer.text or (answer.ours if answer.is_whole else "")
    values = {"text": text, "picture": answer.follows.picture}
    values |= answer_follows.values_of(answer.follows.products)
    if answer.is_own:
        values["title"] = answer.title
    return Present(values, answer.edition, {"picture": PictureNames()})


def _present(ask: Ask) -> Present:
    return _shown(chat_answers.answer_detail(ask.places["key"]))


def change(ask: Ask, it: Typed, edition: int) -> None:
    """Replace an answer's text and what follows it."""
    chat_answers.change_answer(ask.places["key"], it.form(), edition, ask.actor)


class New(NamedTuple):
    """The typed values of an own answer, and the missed sentences that it answers."""

    answer: Typed
    sentences: tuple[str, ...]
    missed: tuple[int, ...]


def lines_of(form: Form, *, required: bool = True) -> tuple[str, ...]:
    """The typed example sentences, one per line."""
    text = form.prose("sentences", most=SENTENCES_MOST, required=required)
    return tuple(line for line in text.split("\n") if line.strip())


def _new(form: Form) -> New:
    return New(
        _typed(form, is_new=True),
        lines_of(form),
        tuple(form.counts("missed", most=MISSED_MOST)),
    )


@routes.get("/answers/new")
@requires(EDIT)
async def new(request: web.Request) -> web.StreamResponse:
    """Show the form of a new answer; missed sentences in the address become its examples."""
    missed = Form(request.query).counts("missed", most=MISSED_MOST)[:MISSED_MOST]
    said = await read(request, chat_answers.sentences_of, missed)
    values = {"sentences": "\n".join(said), "missed": ",".join(map(str, missed)),
              "title": shortened(said[0], 20, 20) if said else ""}  # fmt: skip
    return await _new_page(request, values, {})


async def _new_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    found = await read(request, answer_follows.shown, values)
    return await page(
        request, "admin/people/answer_new.html", status=422 if errors else 200, errors=errors,
        **found,
    )  # fmt: skip


def add(ask: Ask, it: New, _: int) -> int:
    """Add an own answer."""
    return chat_answers.answer_missed(it.missed, it.answer.form(), it.sentences, ask.actor)


def switch_off(ask: Ask, _: None) -> str:
    """Switch an answer off; the chat then treats its question as not understood."""
    chat_answers.switch_answer(ask.places["key"], True, ask.actor)
    return "已停用，1 秒内生效"


def switch_on(ask: Ask, _: None) -> str:
    """Switch an answer on again."""
    chat_answers.switch_answer(ask.places["key"], False, ask.actor)
    return "已启用，1 秒内生效"


def revert(ask: Ask, _: None) -> str:
    """Restore the program's text of an answer."""
    chat_answers.revert_answer(ask.places["key"], ask.actor)
    return "已恢复系统的回答，1 秒内生效"


def remove(ask: Ask, _: None) -> str:
    """Remove an own answer with its examples."""
    chat_answers.remove_own_answer(ask.places["key"], ask.actor)
    return "问答已删除"


def add_sentences(ask: Ask, sentences: tuple[str, ...]) -> str:
    """Add example sentences to an answer."""
    chat_answers.add_examples(ask.places["key"], sentences, ask.actor)
    return "说法已添加，1 秒内生效"


def remove_sentence(ask: Ask, _: None) -> str:
    """Remove an example sentence from an answer."""
    chat_answers.remove_example(ask.id, ask.actor)
    return "说法已移除，1 秒内生效"


NEW = WithPicture(FormSpec[New](
    "/answers/new", EDIT, _new, add, _new_page, "问答已添加，1 秒内生效", f"{URL}/own_{{new}}",
))  # fmt: skip
SAVE = WithPicture(FormSpec[Typed](
    f"/answers/{KEY}", EDIT, _typed, change, _page, "已保存，1 秒内生效", ONE,
    present=_present, moved=frozenset({"chat_answer_moved"}),
))  # fmt: skip
STEPS = (
    Step(f"/answers/{KEY}/off", EDIT, switch_off, ONE, nothing),
    Step(f"/answers/{KEY}/on", EDIT, switch_on, ONE, nothing),
    Step(f"/answers/{KEY}/revert", EDIT, revert, ONE, nothing),
    Step(f"/answers/{KEY}/remove", EDIT, remove, ONE, nothing, word="删除", done_at=URL),
    Step(f"/answers/{KEY}/examples", EDIT, add_sentences, f"{ONE}#examples", lines_of),
    Step(
        f"/answers/{KEY}/examples/{ID}/remove", EDIT, remove_sentence, f"{ONE}#examples", nothing
    ),
)
