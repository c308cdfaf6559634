"""Complaints: each gets a number and a due time, and only its author can see it."""

from __future__ import annotations

import pytest

from domain import service_desk
from models import ServiceTicket
from tests.face.shoppers import Shopper
from tests.factories.orders import paid_order
from tests.harness.markup import count_of, is_nowhere, texts_of, values_of

PATH = "/m/complaint"


async def said(shopper: Shopper, text: str, **more: str) -> str:
    """Send a complaint; returns the address of its page."""
    fields = (await shopper.get(PATH)).fields(PATH)
    done = await shopper.post(PATH, fields, text=text, **more)
    assert done.status == 303, done.text
    return done.location


@pytest.mark.row("C6")
async def test_a_complaint_has_a_number_and_a_time_limit(lin: Shopper) -> None:
    order_no = paid_order(lin.member_id or 0).order_no
    shown = await lin.get(f"{PATH}?order={order_no}")
    fields = shown.fields(PATH)
    assert dict(fields)["order"] == order_no
    done = await lin.post(PATH, fields, kind="complaint", text="瓶盖渗漏😀")
    ticket = ServiceTicket.get()
    assert done.location == f"{PATH}/{ticket.ticket_no}"
    assert (ticket.kind, ticket.text, ticket.order_no) == ("complaint", "瓶盖渗漏😀", order_no)
    page = await lin.get(done.location)
    assert texts_of(page.text, ".prose p") == ["瓶盖渗漏😀"]
    assert f"/m/orders/{order_no}" in values_of(page.text, "main a", "href")
    assert count_of(page.text, ".state [data-countdown]") == 1
    records = values_of((await lin.get(PATH)).text, "a.weui-cell", "href")
    assert records == [f"{PATH}/{ticket.ticket_no}"]


@pytest.mark.parametrize("order_no", ["", "ORD261122ABCDEFGHJKMNPQRS"])
async def test_a_complaint_under_an_order_of_another_member_is_refused(
    lin: Shopper, wang: Shopper, order_no: str
) -> None:
    """The page once took any order number, and the desk read the ticket as the buyer's."""
    foreign = order_no or paid_order(wang.member_id or 0).order_no
    shown = await lin.get(f"{PATH}?order={foreign}")
    assert is_nowhere(shown.text, foreign)
    refused = await lin.post(PATH, shown.fields(PATH), order=foreign, text="这单有问题")
    assert refused.status == 422
    assert texts_of(refused.text, ".errors li") == ["没有找到这笔订单"]
    assert dict(refused.fields(PATH))["text"] == "这单有问题"
    assert ServiceTicket.select().count() == 0
    assert (await lin.post(PATH, refused.fields(PATH))).status == 303


async def test_an_order_of_another_member_in_a_text_gets_no_link(
    lin: Shopper, wang: Shopper
) -> None:
    foreign = paid_order(wang.member_id or 0).order_no
    where = await said(lin, f"[订单 {foreign}] 退款到我这里")
    assert is_nowhere((await lin.get(where)).text, f"/m/orders/{foreign}")


async def test_the_same_form_sent_twice_opens_one_ticket(lin: Shopper) -> None:
    fields = (await lin.get(PATH)).fields(PATH)
    first = await lin.post(PATH, fields, text="发货时间")
    second = await lin.post(PATH, fields, text="发货时间")
    assert first.location == second.location != ""
    assert ServiceTicket.select().count() == 1


async def test_an_empty_text_is_an_error_at_its_field(lin: Shopper) -> None:
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields, text="  ", kind="complaint")
    assert refused.status == 422
    assert texts_of(refused.text, "#e-text") == ["请填写此项"]
    assert dict(refused.fields(PATH))["kind"] == "complaint"
    assert ServiceTicket.select().count() == 0


async def test_a_sixth_open_ticket_is_refused(lin: Shopper) -> None:
    for number in range(5):
        service_desk.open_ticket(lin.member_id or 0, f"第 {number} 件")
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields, text="再来一件")
    assert refused.status == 422
    (error,) = texts_of(refused.text, ".errors li")
    assert error.startswith("您有 5 条还在处理")
    assert ServiceTicket.select().count() == 5


async def test_an_answered_ticket_is_reopened_and_closed(lin: Shopper) -> None:
    where = await said(lin, "什么时候发货")
    number = where.rsplit("/", 1)[1]
    service_desk.answer_ticket(number, "明天发出", "staff:1")
    page = await lin.get(where)
    assert texts_of(page.text, ".prose p") == ["什么时候发货", "明天发出"]
    more = await lin.post(f"{where}/more", page.fields(f"{where}/more"), text="能今天吗")
    assert more.location == where
    assert ServiceTicket.get().state == "open"
    service_desk.answer_ticket(number, "可以", "staff:1")
    assert (await lin.post(f"{where}/close")).location == where
    assert ServiceTicket.get().state == "closed"
    assert (await lin.post(f"{where}/more", text="还有")).status == 409
    assert ServiceTicket.get().state == "closed"


async def test_a_ticket_of_another_member_is_not_found(lin: Shopper, wang: Shopper) -> None:
    where = await said(wang, "我的事")
    service_desk.answer_ticket(where.rsplit("/", 1)[1], "好的", "staff:1")
    assert (await lin.get(where)).status == 404
    assert (await lin.post(f"{where}/more", text="x")).status == 404
    assert (await lin.post(f"{where}/close")).status == 404
    assert (await lin.post(f"{where}/close", _csrf="x")).status == 403
    assert ServiceTicket.get().state == "answered"
    assert is_nowhere((await lin.get(PATH)).text, "我的事")
