"""What people type in the chat and in forms: staff read no phone, document or card in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from domain import aftersales, chat_answers, orders, payouts, rights, service_desk
from domain.aftersales import CaseForm
from domain.chat_answers import MissedReport
from kernel import clock
from kernel.web.browsers import Browser
from models import AfterSale, AuditEntry, Order, PayeeFreeze, ServiceTicket
from tests.arch.source import modules
from tests.face.desk import COOKIE, Desk, hire
from tests.factories.distribution import make_distributor
from tests.factories.members import make_member
from tests.factories.orders import paid_order, received_order
from tests.harness.markup import is_nowhere, words_of

PHONE, IDENTITY, CARD = "13800138000", "11010519491231002X", "6222020200012345678"
TYPED = f"打{PHONE}，身份证{IDENTITY}，退到{CARD}"
SHOWN = "打138****8000，身份证110105***********X，退到6222***********5678"
KEPT = f"打{PHONE}，身份证110105***********X，退到6222***********5678"
SECRET = re.compile(f"{PHONE}|{IDENTITY}|{CARD}")


def _ticket() -> list[str]:
    number = service_desk.open_ticket(make_member("小王"), TYPED, "complaint")
    assert ServiceTicket.get().text == KEPT
    return [f"/admin/tickets/{number}", "/admin/tickets", f"/admin/search?q={number}", "/admin/"]


def _request() -> list[str]:
    number = rights.open_request(make_member("小王"), "objection", TYPED)
    return [f"/admin/requests/{number}", "/admin/requests"]


def _asked_on() -> list[str]:
    wang = make_member("小王")
    number = service_desk.open_ticket(wang, "坏了")
    service_desk.answer_ticket(number, "怎么联系您？", "staff:boss")
    service_desk.reopen_ticket(number, wang, TYPED)
    assert ServiceTicket.get().text == f"坏了\n—\n{KEPT}"
    return [f"/admin/tickets/{number}", "/admin/tickets"]


def _note_of_an_order() -> list[str]:
    bought = paid_order(note=TYPED)
    assert Order.get().note == KEPT
    return [f"/admin/orders/{bought.order_no}", "/admin/orders?view=all",
            f"/admin/members/{bought.member_id}"]  # fmt: skip


def _note_of_a_case() -> list[str]:
    bought = received_order()
    line = ((bought.line_ids[0], 1),)
    form = CaseForm(bought.member_id, bought.order_no, "return", line, "quality", TYPED)
    case_id = aftersales.request_case(form)["case_id"]
    assert AfterSale.get().note == KEPT
    return [f"/admin/aftersales/{case_id}", "/admin/aftersales",
            f"/admin/orders/{bought.order_no}"]  # fmt: skip


def _appeal() -> list[str]:
    lin = make_distributor()
    payouts.freeze_payee(lin, "staff:boss", "刷单嫌疑")
    payouts.appeal_against_freeze(lin, TYPED)
    assert PayeeFreeze.get().appeal == SHOWN  # the person is known: nobody needs the number
    return [f"/admin/distributors/{lin}", "/admin/payees", "/admin/audit"]


def _missed() -> list[str]:
    said = chat_answers.masked(TYPED)
    report = MissedReport(said, said, "unknown", 1, clock.now())
    chat_answers.record_heard({}, (report,))
    return ["/admin/missed"]


DOORS: dict[str, Callable[[], list[str]]] = {
    "mall_h5/me/complaint.py": _ticket,
    "mall_h5/me/rights.py": _request,
    "bot/tickets.py": _ticket,
    "bot/handlers/human.py": _asked_on,
    "mall_h5/trade/checkout.py": _note_of_an_order,
    "mall_h5/trade/aftersales.py": _note_of_a_case,
    "mall_h5/seller/identity.py": _appeal,
    "bot/heard.py": _missed,
}
"""The files through which what people type gets to staff, and how; the pages that show it."""

NOBODY_ELSE_READS_IT = {
    "bot/call.py", "bot/handlers/questions.py", "bot/understanding/matcher.py",
}  # fmt: skip
_READS = re.compile(r"\.prose\(|\.raw\(\"appeal\"\)|\bcall\.(?:typed|spoken)\b|as_typed\(")


@pytest.mark.source
def test_every_door_is_tried() -> None:
    found = {m.name for face in ("mall_h5", "bot") for m in modules(face) if _READS.search(m.text)}
    assert found - NOBODY_ELSE_READS_IT == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
async def test_no_page_shows_a_number(desk: Desk, door: str) -> None:
    pages = DOORS[door]()
    desk.sign_in("boss")
    texts = [(await desk.get(page))[1] for page in pages]
    assert not [page for page, text in zip(pages, texts, strict=True) if SECRET.search(text)]
    if door != "bot/heard.py":
        assert SHOWN in words_of(texts[0])


@pytest.mark.parametrize(
    ("door", "key"), [("bot/tickets.py", "tickets"), ("mall_h5/trade/checkout.py", "orders")]
)
async def test_no_file_holds_a_number(desk: Desk, door: str, key: str) -> None:
    DOORS[door]()
    desk.sign_in("boss")
    view = {"tickets": "open", "orders": "all"}[key]
    data = {"format": "csv", "view": view, "_csrf": Browser.csrf_of(desk.cookie)}
    answer = await desk.client.post(
        f"/admin/{key}/file", data=data, headers={"Cookie": f"{COOKIE}={desk.cookie}"}
    )
    sheet = (await answer.read()).decode()
    assert "138****8000" in sheet
    assert SECRET.search(sheet) is None


@pytest.mark.parametrize(
    ("door", "action"),
    [("bot/tickets.py", "ticket.text_seen"), ("mall_h5/trade/aftersales.py", "case.note_seen")],
)
async def test_who_has_to_call_sees_the_phone_and_the_look_is_on_record(
    desk: Desk, door: str, action: str
) -> None:
    page = DOORS[door]()[0]
    desk.sign_in("boss")
    status, opened = await desk.post(f"{page}/original")
    assert (status, PHONE in words_of(opened)) == (200, True)
    assert is_nowhere(opened, IDENTITY, CARD)
    assert AuditEntry.select().where(AuditEntry.action == action).get().actor == "staff:boss"
    hire("eve", "finance")
    desk.sign_in("eve")
    assert (await desk.post(f"{page}/original"))[0] == 403
    assert "查看完整号码" not in words_of((await desk.get(page))[1])


async def test_the_phone_in_an_order_s_note_is_shown_with_the_address(desk: Desk) -> None:
    page = _note_of_an_order()[0]
    desk.sign_in("boss")
    _, opened = await desk.post(f"{page}/address")
    assert KEPT in words_of(opened)


def test_the_sheet_of_parcels_has_the_phone_with_the_address_only(db: Any, wired: None) -> None:
    paid_order(note=TYPED)
    assert [each.note for each in orders.list_to_ship()] == [SHOWN]
    assert [each.note for each in orders.list_to_ship(with_address=True)] == [KEPT]


def test_who_wrote_it_reads_it_as_kept(db: Any) -> None:
    wang = make_member("小王")
    number = service_desk.open_ticket(wang, TYPED)
    assert service_desk.ticket_detail(number, wang).text == KEPT
    assert [each.text for each in service_desk.list_tickets_of_member(wang)] == [KEPT]
