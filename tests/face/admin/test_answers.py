"""聊天问答 and 没听懂的话: the chat answers with the merchant's changes within a second."""

from __future__ import annotations

from typing import Any

import pytest

from admin.people import answers
from admin.words import ANSWER_FACT
from bot import choices
from bot.answers import answers_of
from bot.choices import Choices
from bot.intents import INTENTS
from bot.wording import names_of
from domain import chat_answers, pricing
from domain.chat_answers import AnswerForm, AskedBuffer, LiveAnswers
from kernel import clock
from kernel.web.forms import Form
from models import ChatAnswer, ChatDay, ChatExample, MissedSentence
from tests.face.chat import Chat
from tests.face.conftest import OpenChat
from tests.face.desk import Desk, hire, who_did
from tests.factories.catalog import make_product
from tests.factories.chat import missed
from tests.harness.markup import (
    count_of,
    errors_of,
    fields_of,
    forms_of,
    table_of,
    texts_of,
    values_of,
    words_of,
)

BUS = {"title": "有没有班车", "text": "地铁口有班车，半小时一趟。{人工}",
       "sentences": "班车几点\n坐几路公交"}  # fmt: skip


@pytest.fixture(autouse=True)
def _read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat reads the answers again at once, not after a second."""
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


async def typed_now(desk: Desk, url: str) -> dict[str, str]:
    """The fields of the form that a page sends to its own address, as they are shown."""
    _, page = await desk.get(url)
    return fields_of(page, url)


async def reply_to(chat: Chat, sentence: str) -> str:
    """The text of the chat's reply."""
    return (await chat.say(sentence)).text


async def test_an_answer_is_changed_and_then_reverted_to_ours(desk: Desk, chat: Chat) -> None:
    ours = await reply_to(chat, "怎么付款")
    assert "30 分钟内付款" in ours
    values = await typed_now(desk, "/admin/answers/pay_methods")
    assert "{pay_within_minutes}" in values["text"]
    values["text"] = "用微信支付，{pay_within_minutes} 分钟内付。{找客服}"
    assert (await desk.post("/admin/answers/pay_methods", **values))[0] == 303
    theirs = await chat.say("怎么付款")
    assert theirs.text.startswith("用微信支付，30 分钟内付。")
    assert theirs.commands == ["人工"]
    _, page = await desk.get("/admin/answers/pay_methods")
    assert "用微信支付，30 分钟内付。找客服" in texts_of(page, ".chat-text")
    await desk.post("/admin/answers/pay_methods/revert")
    assert await reply_to(chat, "怎么付款") == ours
    assert who_did("chat_answer.revert") == "staff:boss"


async def test_an_answer_that_is_off_is_not_understood(desk: Desk, chat: Chat) -> None:
    await desk.post("/admin/answers/invoice/off")
    reply = await reply_to(chat, "开发票")
    assert "抬头" not in reply
    assert "没有明白" in reply
    _, page = await desk.get("/admin/answers?view=off")
    assert [row[0] for row in table_of(page)] == ["开发票"]
    await desk.post("/admin/answers/invoice/on")
    assert "抬头" in await reply_to(chat, "开发票")


async def test_an_own_answer_answers_its_examples_and_similar_sentences(
    desk: Desk, chat: Chat
) -> None:
    assert "没有明白" in await reply_to(chat, "坐几路公交")
    status, place = await desk.post("/admin/answers/new", **BUS)
    assert (status, place) == (303, "/admin/answers/own_1")
    for said in ("有没有班车？", "坐几路公交", "请问班车几点呀"):
        assert "半小时一趟" in await reply_to(chat, said), said
    await desk.post(f"{place}/remove", _typed="删除")
    assert "没有明白" in await reply_to(chat, "班车几点")
    assert (await desk.get(place))[0] == 404


async def test_a_bad_answer_keeps_what_was_typed_and_names_the_mistake(desk: Desk) -> None:
    status, page = await desk.post("/admin/answers/new", **BUS | {"text": "国家级 {班车}"})
    assert status == 422
    assert "国家级" in errors_of(page)["text"]  # advertising words are checked first
    status, page = await desk.post("/admin/answers/new", **BUS | {"text": "有 {班车}"})
    assert status == 422
    assert "花括号里的“班车”" in errors_of(page)["text"]
    kept = fields_of(page, "/admin/answers/new")
    assert {name: kept[name] for name in BUS} == BUS | {"text": "有 {班车}"}
    assert ChatExample.select().count() == 0


async def test_a_second_editor_sees_what_the_first_changed(desk: Desk) -> None:
    values = await typed_now(desk, "/admin/answers/invoice")
    await desk.post("/admin/answers/invoice", **values | {"text": "在订单页开"})
    status, page = await desk.post("/admin/answers/invoice", **values | {"text": "找客服开"})
    assert status == 422
    assert "刚被别人改为“在订单页开”" in errors_of(page)["text"]
    assert fields_of(page, "/admin/answers/invoice")["text"] == "找客服开"


async def test_examples_are_added_and_removed(desk: Desk, chat: Chat) -> None:
    assert "抬头" not in await reply_to(chat, "红联白联给我")
    url = "/admin/answers/invoice"
    await desk.post(f"{url}/examples", sentences="红联白联给我\n\n 黄联也要 ")
    assert "抬头" in await reply_to(chat, "红联白联给我")
    for row in ChatExample.select():
        await desk.post(f"{url}/examples/{row.id}/remove")
    assert "抬头" not in await reply_to(chat, "红联白联给我")


async def test_another_process_reads_a_change_within_a_second(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process has its own ``Choices``, which reads the database once a second."""
    monkeypatch.setattr(choices, "FRESH_SECONDS", 1.0)
    one, other = Choices(store), Choices(store)
    assert "own_1" not in (await one.now()).answers.intents
    before = (await other.now()).answers
    await store.write(
        chat_answers.answer_missed, (), AnswerForm("可以", "可以停车吗"), ["可以停车吗"], "staff:x"
    )
    assert (await other.now()).answers is before
    other._read_at -= 1.0
    assert "own_1" in (await other.now()).answers.intents
    kept = (await other.now()).answers
    other._read_at -= 1.0
    assert (await other.now()).answers is kept  # without a change the same object is kept


# ---------- what was not understood ----------


async def heard(open_chat: OpenChat, store: Any, *said: str) -> None:
    """People say this to the chat; what was not understood is stored."""
    chat = await open_chat()
    asked = AskedBuffer(store)
    object.__setattr__(chat.deps, "asked", asked)
    for number, each in enumerate(said):
        await chat.of(f"oFan000000000000000000000{number:04}").say(each)
    await asked.flush()


async def test_what_was_not_understood_is_collected_and_counted(
    open_chat: OpenChat, store: Any, desk: Desk
) -> None:
    await heard(open_chat, store, "班车几点", "班车几点？我电话13800138000", "班车几点！",
                "开发票", "帮助", "人工")  # fmt: skip
    rows = {row.sentence: row.times for row in MissedSentence.select()}
    assert rows == {"班车几点": 2, "班车几点?我电话*": 1}
    counted = {(row.outcome, row.intent): row.times for row in ChatDay.select()}
    assert counted == {("unknown", ""): 3, ("understood", "invoice"): 1,
                       ("understood", "help"): 1, ("person", "human"): 1}  # fmt: skip
    _, page = await desk.get("/admin/missed")
    assert len(table_of(page)) == 1
    assert texts_of(page, ".figure")[:1] == ["听懂 33% 近 7 天 2 句"]


async def test_an_answer_is_sent_although_recording_it_fails(open_chat: OpenChat) -> None:
    class Broken:
        def record(self, _: Any) -> None:
            raise RuntimeError

    chat = await open_chat()
    object.__setattr__(chat.deps, "asked", Broken())
    assert "没有明白" in await reply_to(chat, "班车几点")


async def test_a_group_is_made_an_example_and_reopened(desk: Desk, chat: Chat) -> None:
    chat_answers.record_heard({}, [missed("红联白联给我", 3), missed("红联白联给我们", 1)])
    _, page = await desk.get("/admin/missed")
    (row,) = table_of(page)
    assert row[1] == "4"
    (form,) = [f for f in forms_of(page) if f.action == "/admin/missed/example"
               and dict(f.fields).get("other") is not None]  # fmt: skip
    await desk.post("/admin/missed/example", missed=dict(form.fields)["missed"], other="开发票")
    assert "2 句话已设为它的说法" in await desk.said()
    assert "抬头" in await reply_to(chat, "红联白联给我")
    _, page = await desk.get("/admin/missed?view=example")
    assert "成为「开发票」的说法" in table_of(page)[0][0]
    for each in MissedSentence.select():
        await desk.post(f"/admin/missed/{each.id}/reopen")
    assert "抬头" not in await reply_to(chat, "红联白联给我")


async def test_a_new_answer_is_filled_with_the_sentences_of_its_group(desk: Desk) -> None:
    chat_answers.record_heard({}, [missed("可以停车吗", 2), missed("可以停车不")])
    ids = ",".join(str(each.id) for each in MissedSentence.select())
    _, page = await desk.get(f"/admin/answers/new?missed={ids}")
    values = fields_of(page, "/admin/answers/new")
    assert values["sentences"].split() == ["可以停车吗", "可以停车不"]
    status, place = await desk.post("/admin/answers/new", **values | {"text": "可以停"})
    assert (status, place) == (303, "/admin/answers/own_1")
    assert {row.state for row in MissedSentence.select()} == {"answered"}


async def test_a_dismissed_sentence_can_be_reopened(desk: Desk) -> None:
    chat_answers.record_heard({}, [missed("啊啊啊啊")])
    (row,) = MissedSentence.select()
    await desk.post("/admin/missed/dismiss", missed=str(row.id))
    assert "已忽略 1 句" in await desk.said()
    _, page = await desk.get("/admin/missed")
    assert texts_of(page, "#list .empty h2") == ["没有没听懂的话"]
    _, page = await desk.get("/admin/missed?view=dismissed")
    assert texts_of(page, f"form[action='/admin/missed/{row.id}/reopen'] button") == ["恢复"]
    await desk.post("/admin/missed/dismiss", missed=str(row.id))
    assert "已有人处理" in await desk.said()


async def test_a_missed_word_becomes_a_synonym_by_which_goods_are_found(
    desk: Desk, wired: None
) -> None:
    made = make_product("山泉坊·陈酿")
    chat_answers.record_heard({}, [missed("有没有烧刀子")])
    (row,) = MissedSentence.select()
    assert pricing.search("烧刀子") == []
    _, page = await desk.get("/admin/missed")
    assert count_of(page, "form[action='/admin/missed/synonym']") == 1
    typed = {"missed": str(row.id), "word": "烧刀子", "equals": "陈酿"}
    await desk.post("/admin/missed/synonym", **typed | {"equals": "烧刀子"})
    assert await desk.said() == "未完成：两个词是一样的"
    await desk.post("/admin/missed/synonym", **typed)
    assert "已设为同义词" in await desk.said()
    assert [card.id for card in pricing.search("烧刀子")] == [made.product_id]
    assert MissedSentence.get().state == "synonym"
    await desk.post("/admin/missed/synonym", **typed)
    assert "已有人处理" in await desk.said()


async def test_customer_service_sees_the_answers_and_can_t_change_them(desk: Desk) -> None:
    chat_answers.record_heard({}, [missed("啊啊啊啊")])
    hire("helper", "service")
    desk.sign_in("helper")
    for url in ("/admin/answers", "/admin/answers/invoice", "/admin/missed"):
        status, page = await desk.get(url)
        assert status == 200
        posts = [f for f in forms_of(page) if f.action.startswith(("/admin/missed/", url + "/"))]
        assert [f.action for f in posts if f.is_post] == []
    assert (await desk.post("/admin/answers/invoice/off"))[0] == 403


def test_an_address_has_at_most_sixty_ids() -> None:
    form = Form({"missed": ",".join(map(str, range(100)))})
    form.counts("missed", most=60)
    assert not form.is_valid


async def test_the_list_names_facts_in_words_and_cuts_none(desk: Desk) -> None:
    _, page = await desk.get("/admin/answers?q=ship_within_hours")
    shown = str(table_of(page))
    assert "【发货时限（小时）】" in shown
    assert "{" not in "".join(texts_of(page, "td"))
    text = "一" * (answers.SHOWN_MOST - 5) + "{ship_within_hours} 小时内发货"
    assert answers._start(text) == "一" * (answers.SHOWN_MOST - 5)


def test_every_fact_has_a_label() -> None:
    facts = {
        name for each in INTENTS.values() for name, said in names_of(each).items()
        if not said.startswith(("say(", "go("))
    }  # fmt: skip
    assert facts == set(ANSWER_FACT)


@pytest.mark.parametrize(
    ("intent", "said"), [("age", "我17岁能买吗"), ("health", "吃了头孢能喝酒吗")]
)
async def test_age_and_health_are_always_answered(
    desk: Desk, chat: Chat, intent: str, said: str
) -> None:
    url = f"/admin/answers/{intent}"
    _, page = await desk.get(url)
    assert "这条回答不能停用" in words_of(page)
    assert f"{url}/off" not in values_of(page, "form", "action")
    before = (await chat.say(said)).text
    await desk.post(f"{url}/off")
    assert "不能停用" in await desk.said()
    assert (await chat.say(said)).text == before
    ChatAnswer.create(intent=intent, is_off=True, text="", changed_at=clock.now(), changed_by="x")
    assert intent in answers_of(LiveAnswers(1, {}, {}, frozenset({intent}), (), ())).intents
    assert not chat_answers.answer_detail(intent).is_off
