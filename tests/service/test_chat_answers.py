"""The merchant's answers in the chat, and the sentences that were not understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import catalog, chat_answers
from domain.chat_answers import (
    CARDS_MOST,
    AnswerForm,
    AskedBuffer,
    Follows,
    Heard,
    buffer,
    heard,
    service,
)
from domain.chat_answers.service import EXAMPLES_OF_ONE_MOST, TEXT_BYTES_MOST
from kernel import clock
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.pictures import StoredPicture
from kernel.store import Store
from models import AuditEntry, ChatDay, ChatExample, MissedSentence
from tests.factories.catalog import make_product
from tests.factories.chat import Knowledge, missed

LISA = "staff:lisa"


@pytest.fixture(autouse=True)
def _the_chat() -> Iterator[None]:
    chat_answers.install_knowledge(Knowledge())
    yield
    chat_answers.install_knowledge(None)


def live() -> Any:
    """Everything that the merchant changed in the chat's answers."""
    found = chat_answers.live_answers(-1)
    assert found is not None
    return found


def own(title: str = "可以停车吗", *sentences: str) -> str:
    """The intent of an own answer."""
    number = chat_answers.answer_missed(
        (), AnswerForm("楼下有车位。{人工}", title), sentences, LISA
    )
    return f"own_{number}"


# ---------- answers ----------


def test_an_answer_is_changed_reverted_and_on_record(db: Any) -> None:
    chat_answers.change_answer("dispatch", AnswerForm("{hours} 小时内发出，节日顺延"), 0, LISA)
    assert live().texts == {"dispatch": "{hours} 小时内发出，节日顺延"}
    assert chat_answers.answer_detail("dispatch").state == "changed"
    chat_answers.revert_answer("dispatch", LISA)
    assert live().texts == {}
    assert chat_answers.answer_detail("dispatch").state == "ours"
    acts = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts == ["chat_answer.change", "chat_answer.revert"]


def test_saving_the_program_s_text_is_no_change(db: Any) -> None:
    """Otherwise a merchant who only pressed save would not get a later release's text."""
    chat_answers.change_answer(
        "dispatch", AnswerForm("付款后 {hours} 小时内发货。\n{订单}"), 0, LISA
    )
    assert live().texts == {}


def test_two_editors_of_one_answer_do_not_overwrite_each_other(db: Any) -> None:
    chat_answers.change_answer("dispatch", AnswerForm("一天内"), 0, LISA)
    with pytest.raises(Conflict, match="chat_answer_moved"):
        chat_answers.change_answer("dispatch", AnswerForm("两天内"), 0, "staff:wang")
    chat_answers.change_answer("dispatch", AnswerForm("两天内"), 1, "staff:wang")
    assert live().texts == {"dispatch": "两天内"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("{weight}", "chat_name_unknown"), ("{}", "chat_name_unknown"),
     ("酒" * (TEXT_BYTES_MOST // 3 + 1), "chat_text_long")],
)  # fmt: skip
def test_a_text_that_cannot_be_sent_is_refused(db: Any, text: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        chat_answers.change_answer("dispatch", AnswerForm(text), 0, LISA)
    assert live().edition == 0


def test_an_unknown_intent_has_no_answer_to_change(db: Any) -> None:
    for change in (
        lambda: chat_answers.change_answer("nobody", AnswerForm("好"), 0, LISA),
        lambda: chat_answers.switch_answer("own_7", True, LISA),
        lambda: chat_answers.revert_answer("nobody", LISA),
        lambda: chat_answers.add_examples("nobody", ["可以停车吗"], LISA),
        lambda: chat_answers.remove_example(7, LISA),
    ):
        with pytest.raises(NotFound):
            change()


def test_the_chat_knows_which_answers_are_off(db: Any) -> None:
    chat_answers.switch_answer("dispatch", True, LISA)
    parking = own()
    chat_answers.switch_answer(parking, True, LISA)
    found = live()
    assert (found.off, found.own) == ({"dispatch", parking}, ())
    chat_answers.switch_answer(parking, False, LISA)
    assert [each.intent for each in live().own] == [parking]


def test_each_change_gives_the_chat_a_new_edition(db: Any) -> None:
    seen = [live().edition]
    parking = own("可以停车吗", "有车位吗")
    steps = (
        lambda: chat_answers.change_answer(parking, AnswerForm("可以", "可以停车吗"), 1, LISA),
        lambda: chat_answers.switch_answer("dispatch", True, LISA),
        lambda: chat_answers.revert_answer("dispatch", LISA),
        lambda: chat_answers.add_examples("dispatch", ["啥时候走货"], LISA),
        lambda: chat_answers.remove_example(ChatExample.get().id, LISA),
        lambda: chat_answers.remove_own_answer(parking, LISA),
    )
    for step in steps:
        step()
        assert chat_answers.live_answers(seen[-1]) is not None
        seen.append(live().edition)
    assert chat_answers.live_answers(seen[-1]) is None
    assert seen == sorted(set(seen))


def test_a_title_is_a_question_of_one_answer_only(db: Any) -> None:
    for title in ("多久发货", " 多久 发货？", "", "长" * 21, "？！"):
        with pytest.raises(Invalid, match="chat_title"):
            own(title)
    parking = own()
    with pytest.raises(Invalid, match="chat_title_taken"):
        own("可以停车吗？")
    chat_answers.change_answer(parking, AnswerForm("可以", "可以停车吗"), 1, LISA)


def test_own_answers_and_examples_are_bounded(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "OWN_MOST", 1)
    own()
    with pytest.raises(LimitReached, match="chat_own_most"):
        own("能参观吗")
    many = [f"说法{n}" for n in range(EXAMPLES_OF_ONE_MOST + 1)]
    with pytest.raises(LimitReached, match="chat_examples_most"):
        chat_answers.add_examples("dispatch", many, LISA)
    monkeypatch.setattr(service, "EXAMPLES_MOST", 2)
    with pytest.raises(LimitReached, match="chat_examples_most"):
        chat_answers.add_examples("dispatch", many[:3], LISA)


def test_an_example_belongs_to_one_intent_and_moves(db: Any) -> None:
    chat_answers.add_examples("dispatch", ["啥时候 走货", "啥时候走货？"], LISA)
    chat_answers.add_examples("commission", ["啥时候走货"], LISA)
    assert live().examples == (("commission", "啥时候走货"),)
    for odd in ("好", "！？！", "长" * 101):
        with pytest.raises(Invalid, match="chat_example_short"):
            chat_answers.add_examples("dispatch", [odd], LISA)
    with pytest.raises(Invalid, match="field_missing"):
        chat_answers.add_examples("dispatch", ["  "], LISA)


# ---------- missed sentences ----------


def test_the_same_sentence_is_counted_once(db: Any) -> None:
    first = clock.now()
    chat_answers.record_heard({}, [missed("可以停车吗", 2)])
    clock.set_offset(clock.offset() + timedelta(hours=1))
    chat_answers.record_heard({}, [missed("可以停车吗"), missed("能参观吗")])
    rows = {row.sentence: row for row in MissedSentence.select()}
    parking = rows["可以停车吗"]
    assert (parking.times, rows["能参观吗"].times) == (3, 1)
    assert parking.first_at - first < timedelta(minutes=1) < parking.last_at - parking.first_at


def test_sentences_become_examples_of_an_intent_and_are_taken_back(db: Any) -> None:
    chat_answers.record_heard({}, [missed("啥时候走货", 3), missed("啥时候能走"), missed("别的")])
    (group, _) = chat_answers.open_groups()
    assert (group.times, len(group.ids)) == (4, 2)
    assert chat_answers.make_examples(group.ids, "多久发货？", LISA) == 2
    assert {intent for intent, _ in live().examples} == {"dispatch"}
    (one, two) = chat_answers.list_decided("example")
    assert (one.intent, one.decided_by, two.state) == ("dispatch", LISA, "example")
    with pytest.raises(Conflict, match="missed_moved"):
        chat_answers.make_examples(group.ids, "commission", LISA)
    chat_answers.reopen_missed(one.id, LISA)
    assert [sentence for _, sentence in live().examples] == [two.sentence]
    assert len(chat_answers.open_groups()) == 2


def test_sentences_of_an_own_answer_are_open_again_after_its_removal(db: Any) -> None:
    chat_answers.record_heard({}, [missed("可以停车吗"), missed("可以带狗吗")])
    ids = chat_answers.open_groups()[0].ids
    said = chat_answers.sentences_of(ids)
    number = chat_answers.answer_missed(ids, AnswerForm("可以停", "停车"), said, LISA)
    assert [row.state for row in MissedSentence.select()] == ["answered"] * 2
    assert len(live().examples) == 2
    chat_answers.remove_own_answer(f"own_{number}", LISA)
    assert [row.state for row in MissedSentence.select()] == ["open"] * 2
    assert (live().examples, live().own) == ((), ())


def test_a_dismissed_sentence_is_still_counted_and_can_be_reopened(db: Any) -> None:
    chat_answers.record_heard({}, [missed("啊啊啊")])
    (row,) = MissedSentence.select()
    assert chat_answers.dismiss_missed([row.id], LISA) == 1
    chat_answers.record_heard({}, [missed("啊啊啊")])
    (kept,) = chat_answers.list_decided("dismissed")
    assert (kept.times, chat_answers.open_groups()) == (2, [])
    chat_answers.reopen_missed(row.id, LISA)
    assert len(chat_answers.open_groups()) == 1
    with pytest.raises(Conflict, match="missed_moved"):
        chat_answers.reopen_missed(row.id, LISA)


def test_a_flood_does_not_fill_the_table(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "MISSED_MOST", 4)
    monkeypatch.setattr(heard, "ROOM", 2)
    for n in range(8):
        chat_answers.record_heard({}, [missed(f"没用的话{n}", 2 if n == 0 else 1)])
    assert MissedSentence.select().count() == 4
    chat_answers.record_heard({}, [missed("没用的话0")])  # a known sentence is still counted
    assert heard.forget_old() == 2
    left = {row.sentence: row.times for row in MissedSentence.select()}
    assert left == {"没用的话0": 3, "没用的话3": 1}


def test_old_sentences_and_counts_are_forgotten(db: Any) -> None:
    today = clock.business_day(clock.now()).isoformat()
    chat_answers.record_heard({(today, "unknown", ""): 1}, [missed("可以停车吗")])
    assert heard.forget_old() == 0
    clock.set_offset(clock.offset() + timedelta(days=91))
    assert (heard.forget_old(), MissedSentence.select().count()) == (1, 0)
    clock.set_offset(clock.offset() + timedelta(days=310))
    assert (heard.forget_old(), ChatDay.select().count()) == (1, 0)


def test_days_are_counted_by_outcome_and_intent(db: Any) -> None:
    now = clock.business_day(clock.now())
    today, before = now.isoformat(), (now - timedelta(days=7)).isoformat()
    chat_answers.record_heard(
        {(today, "understood", "dispatch"): 3, (today, "unknown", ""): 1,
         (today, "choices", ""): 1, (today, "person", "human"): 2,
         (before, "understood", "dispatch"): 9}, [],
    )  # fmt: skip
    chat_answers.record_heard({(today, "understood", "dispatch"): 1}, [])
    week = chat_answers.week_figures()
    assert (week.understood, week.choices, week.unknown, week.person) == (4, 1, 1, 2)
    assert chat_answers.answer_detail("dispatch").asked == 13


# ---------- the buffer ----------


async def test_the_buffer_writes_sentences_without_personal_data(store: Store) -> None:
    asked = AskedBuffer(store)
    for said in ("我电话13800138000可以停车吗", "我电话13900139000，可以停车吗？"):
        asked.record(Heard("unknown", "", said, 7))
    asked.record(Heard("understood", "dispatch"))
    await asked.flush()
    await asked.flush()
    (row,) = await store.read(lambda: list(MissedSentence.select()))
    assert (row.times, "138" in row.sentence, "139" in row.sentence) == (2, False, False)
    assert await store.read(ChatDay.select().count) == 2


async def test_the_buffer_keeps_its_rows_after_a_database_error(store: Store) -> None:
    class Away:
        async def write(self, *_: Any) -> None:
            raise ConnectionError

    asked = AskedBuffer(store)
    asked._store = Away()  # type: ignore[assignment]
    asked.record(Heard("unknown", "", "可以停车吗", 7))
    with pytest.raises(ConnectionError):
        await asked.flush()
    asked.record(Heard("unknown", "", "可以停车吗", 7))
    await asked.close()
    asked._store = store
    await asked.flush()
    (row,) = await store.read(lambda: list(MissedSentence.select()))
    assert row.times == 2


async def test_the_buffer_is_bounded_by_person_and_in_total(store: Store) -> None:
    asked = AskedBuffer(store)
    for n in range(buffer.OF_ONE_MOST + 5):
        asked.record(Heard("unknown", "", f"一个人说的第{n}句", 1))
    assert len(asked._missed) == buffer.OF_ONE_MOST
    for n in range(buffer.MISSED_MOST + 50):
        asked.record(Heard("unknown", "", f"很多人说的第{n}句", 100 + n))
    assert len(asked._missed) == buffer.MISSED_MOST
    for n in range(buffer.KINDS_MOST + 50):
        asked.record(Heard("understood", f"intent{n}"))
    assert len(asked._counts) == buffer.KINDS_MOST
    await asked.flush()
    assert await store.read(MissedSentence.select().count) == buffer.MISSED_MOST


# ---------- what follows an answer ----------

PICTURE = "a" * 64


def stored(picture: str = PICTURE) -> str:
    """The id of a stored picture."""
    catalog.save_picture(StoredPicture(picture, 750, 500, "#aabbcc", (375, 750)))
    return picture


def test_a_picture_and_products_follow_an_answer_until_it_is_reverted(db: Any) -> None:
    wine, cups = make_product().product_id, make_product().product_id
    form = AnswerForm("", picture=stored(), products=(cups, wine, cups))
    chat_answers.change_answer("dispatch", form, 0, LISA)
    assert live().follows == {"dispatch": Follows(PICTURE, (cups, wine))}
    assert live().texts == {}
    assert chat_answers.answer_detail("dispatch").state == "changed"
    chat_answers.revert_answer("dispatch", LISA)
    assert live().follows == {}
    acts = {row.action: row for row in AuditEntry.select()
            if row.action.startswith("chat_answer.")}  # fmt: skip
    kept = {"pictures": [PICTURE[:12]], "products": [cups, wine]}
    assert acts["chat_answer.change"].after == {"text": ""} | kept
    assert acts["chat_answer.revert"].before == {"text": ""} | kept


def test_a_change_of_the_text_alone_is_logged_alone(db: Any) -> None:
    form = AnswerForm("一天内", picture=stored())
    chat_answers.change_answer("dispatch", form, 0, LISA)
    chat_answers.change_answer("dispatch", replace(form, text="两天内"), 1, LISA)
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (last.before, last.after) == ({"text": "一天内"}, {"text": "两天内"})


def test_an_own_answer_goes_with_what_followed_it(db: Any) -> None:
    form = AnswerForm("楼下有车位。", "可以停车吗", stored())
    parking = f"own_{chat_answers.answer_missed((), form, ['可以停车吗'], LISA)}"
    assert live().follows == {parking: Follows(PICTURE)}
    chat_answers.remove_own_answer(parking, LISA)
    assert live().follows == {}


def test_what_does_not_exist_or_is_too_much_can_t_follow(db: Any) -> None:
    many = tuple(make_product().product_id for _ in range(CARDS_MOST + 1))
    for form, code in (
        (AnswerForm("", picture="b" * 64), "picture_missing"),
        (AnswerForm("", products=(10**9,)), "chat_card_unknown"),
        (AnswerForm("", products=many), "chat_cards_most"),
    ):
        with pytest.raises((Invalid, LimitReached), match=code):
            chat_answers.change_answer("dispatch", form, 0, LISA)
    assert live().edition == 0
