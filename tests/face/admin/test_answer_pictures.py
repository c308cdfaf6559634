"""An answer's picture and cards on 聊天问答: uploaded, chosen, previewed, taken away."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

import bot.late
import bot.webhook
from bot import choices
from domain import catalog, chat_answers
from domain.chat_answers import AnswerForm
from kernel.web.browsers import Browser
from models import ChatAnswer, Picture
from tests.face.chat import Chat
from tests.face.chat_desk import settled
from tests.face.desk import Desk, hire
from tests.factories.catalog import make_product
from tests.harness.markup import count_of, forms_of, table_of, texts_of, values_of
from tests.harness.waiting import PATIENCE

URL = "/admin/answers/invoice"
FOLLOWS = {"picture": "", "card_1": "", "card_2": "", "card_3": ""}
NEW = {"title": "有没有班车", "text": "半小时一趟。", "sentences": "班车几点"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat reads changes at once, sends at once what follows, and is never late."""
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(bot.late, "REST_SECONDS", 0.0)
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", PATIENCE)


def png(color: str = "red") -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), color).save(out, "PNG")
    return out.getvalue()


async def send(
    desk: Desk, url: str, values: dict[str, str], file: bytes | None = None
) -> tuple[int, str]:
    """Send the form as a browser does; answers the status and the page or where it leads."""
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie), "_idem": "key-for-one-form"} | values)
    form.add_field("picture_file", io.BytesIO(file or b""), filename="a.png" if file else "")
    answer = await desk.client.post(url, data=form, headers=desk._headers(), allow_redirects=False)
    return answer.status, answer.headers.get("Location") or await answer.text()


async def fields(desk: Desk, url: str = URL) -> dict[str, str]:
    """The fields of a page's own form, as they stand."""
    _, html = await desk.get(url)
    return fields_of(html, url)


def fields_of(html: str, url: str = URL) -> dict[str, str]:
    """The fields of a page's own form."""
    (form,) = [each for each in forms_of(html) if each.action == url]
    return {name: value for name, value in form.fields if name != "picture_file"}


def errors_at(html: str) -> list[str]:
    """What is said beside the fields."""
    return texts_of(html, ".field .error")


async def test_an_uploaded_picture_is_shown_and_follows_the_answer(desk: Desk, chat: Chat) -> None:
    before = await chat.say("开发票")
    assert (await send(desk, URL, await fields(desk), png()))[0] == 303
    stored = Picture.get().digest
    assert (await fields(desk))["picture"] == stored
    _, html = await desk.get(URL)
    (thumb,) = values_of(html, ".shot img", "src")
    assert stored in thumb
    assert values_of(html, "img.chat-image", "src") == [thumb, thumb]  # now, and as edited
    assert (await chat.say("开发票")).text == before.text
    await settled(chat)
    assert [kind for _, kind, _ in chat.messenger.sent] == ["image"]
    _, html = await desk.get("/admin/answers?view=changed")
    (row,) = table_of(html)
    assert row[1].startswith("［图片］")


async def test_a_picture_is_taken_away(desk: Desk) -> None:
    await send(desk, URL, await fields(desk), png())
    assert (await send(desk, URL, await fields(desk) | {"picture_gone": "1"}))[0] == 303
    assert (await fields(desk))["picture"] == ""
    assert chat_answers.answer_detail("invoice").state == "ours"


async def test_a_new_picture_wins_over_the_tick_that_took_the_old_one_away(desk: Desk) -> None:
    await send(desk, URL, await fields(desk), png())
    old = (await fields(desk))["picture"]
    await send(desk, URL, await fields(desk) | {"picture_gone": "1"}, png("blue"))
    assert (await fields(desk))["picture"] not in ("", old)


async def test_a_file_that_is_no_picture_is_refused_beside_its_field(desk: Desk) -> None:
    status, html = await send(desk, URL, await fields(desk) | {"text": "在订单页开"}, b"hello")
    assert status == 422
    assert errors_at(html) == ["这张图片打不开或不完整，请换一张 JPG、PNG、WebP 或 HEIC 图片"]
    assert fields_of(html)["text"] == "在订单页开"
    assert (Picture.select().count(), ChatAnswer.select().count()) == (0, 0)


async def test_a_picture_stays_when_the_text_is_refused(desk: Desk) -> None:
    status, html = await send(desk, URL, await fields(desk) | {"text": "有 {班车}"}, png())
    assert status == 422
    kept = fields_of(html)
    assert kept["picture"] == Picture.get().digest
    assert count_of(html, ".shot:not([hidden]) img") == 1
    assert (await send(desk, URL, kept | {"text": "在订单页开"}))[0] == 303
    assert chat_answers.answer_detail("invoice").follows.picture == kept["picture"]


async def test_a_made_up_picture_is_refused(desk: Desk) -> None:
    for odd in ("a" * 64, "../../etc", "A" * 64):
        status, html = await send(desk, URL, await fields(desk) | {"picture": odd})
        assert (status, errors_at(html)) == (422, ["图片不存在，请刷新页面"]), odd


async def test_products_are_chosen_by_number_or_name_and_previewed(desk: Desk) -> None:
    wine = make_product("山泉坊·陈酿", price_fen=29800, strength="52%vol").product_id
    cups, jar = make_product("酒杯").product_id, make_product("分酒器").product_id
    typed = {"card_1": f"{wine} 山泉坊·陈酿", "card_2": "分酒器", "card_3": str(cups)}
    assert (await send(desk, URL, await fields(desk) | typed))[0] == 303
    assert chat_answers.answer_detail("invoice").follows.products == (wine, jar, cups)
    shown = await fields(desk)
    assert [shown[f"card_{n}"] for n in (1, 2, 3)] == [
        f"{wine} 山泉坊·陈酿", f"{jar} 分酒器", f"{cups} 酒杯",
    ]  # fmt: skip
    _, html = await desk.get(URL)
    assert texts_of(html, ".chat-card:not([data-card]) b")[0] == "山泉坊·陈酿 ¥298"
    assert texts_of(html, ".chat-card:not([data-card]) small")[0] == "52%vol"
    assert texts_of(html, ".chat-card[data-card=card_2] b") == ["分酒器 ¥298"]
    assert f"{cups} 酒杯" in values_of(html, "#shelf option", "value")


async def test_a_product_that_nobody_knows_is_refused_beside_its_field(desk: Desk) -> None:
    make_product("山泉坊·陈酿")
    make_product("山泉坊·小酒")
    for odd in ("威士忌", "山泉坊", "999999", "9" * 40):
        status, html = await send(desk, URL, await fields(desk) | {"card_2": odd})
        assert status == 422, odd
        assert errors_at(html) == ["没有找到这件商品，请输入编号或名称，从列表里选"], odd
        assert values_of(html, "#f-card_2[aria-invalid=true]", "value") == [odd]


async def test_a_product_off_the_shelf_says_so_and_is_no_card(desk: Desk) -> None:
    wine = make_product("山泉坊·陈酿").product_id
    form = AnswerForm("", products=(wine,))
    chat_answers.change_answer("invoice", form, 0, "staff:boss")
    catalog.set_state(wine, "take_off_shelf")
    _, html = await desk.get(URL)
    assert texts_of(html, "#h-card_1") == ["这件商品已下架，不会发出"]
    assert count_of(html, ".chat-card:not([hidden])") == 0
    assert (await send(desk, URL, fields_of(html)))[0] == 303  # other changes can be saved


async def test_a_second_editor_is_told_of_the_picture_and_the_cards(desk: Desk) -> None:
    wine = make_product("山泉坊·陈酿").product_id
    mine = await fields(desk)
    await send(desk, URL, mine | {"card_1": str(wine)}, png())
    status, html = await send(desk, URL, mine | {"text": "找客服开"})
    assert status == 422
    assert errors_at(html) == [
        "刚被别人改为“一张图片”，已带入", f"刚被别人改为“{wine} 山泉坊·陈酿”，已带入",
    ]  # fmt: skip
    assert (await send(desk, URL, fields_of(html)))[0] == 303
    found = chat_answers.answer_detail("invoice")
    assert (found.text, found.follows.products) == ("找客服开", (wine,))
    assert found.follows.picture


async def test_a_new_answer_has_a_picture_and_a_card_at_once(desk: Desk, chat: Chat) -> None:
    wine = make_product("山泉坊·陈酿").product_id
    values = NEW | FOLLOWS | {"card_1": str(wine), "missed": ""}
    status, place = await send(desk, "/admin/answers/new", values, png())
    assert (status, place) == (303, "/admin/answers/own_1")
    await chat.say("班车几点")
    await settled(chat, 2)
    assert [kind for _, kind, _ in chat.messenger.sent] == ["image", "news"]
    _, html = await desk.get(place)
    assert any("商品编号" in each for each in texts_of(html, ".timeline li"))


async def test_who_may_not_edit_stores_no_picture(desk: Desk) -> None:
    values: dict[str, Any] = await fields(desk)
    for login, role in (("helper", "service"), ("money", "finance")):
        hire(login, role)
        desk.sign_in(login)
        for url in (URL, "/admin/answers/new"):
            assert (await send(desk, url, values, png()))[0] == 403, (role, url)
    assert (Picture.select().count(), ChatAnswer.select().count()) == (0, 0)


async def test_the_page_says_what_wechat_allows(desk: Desk) -> None:
    for url in (URL, "/admin/answers/new"):
        _, html = await desk.get(url)
        said = texts_of(html, "form > .hint")
        assert said == [
            "文字先回复，图片和卡片随后各发一条。微信的一条消息只能带一张卡片；"
            "对方每说一句话，48 小时内最多收到 5 条。",
            "所以最多 1 张图片、3 张卡片。下架的商品不发。",
        ]
