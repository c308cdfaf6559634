"""Stale tabs: a decision is refused if its subject changed after the page was opened."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from admin.as_shown import SHOWS, SUBJECTS, text_of
from domain import distribution, payouts, settings, staff
from models import Payee, Staff, Withdrawal
from tests.face.desk import Desk, all_routes, hire
from tests.factories.distribution import earn, make_distributor, pass_time, ready_for_payouts
from tests.harness.markup import texts_of, values_of, words_of

CODE = "91350100M000100Y43"
# Steps that carry nothing, with the reason.
CARRIES_NOTHING = {
    "account": "one's own account", "sign_in": "signing in and out",
    "chat": "a form that carries its version", "account_menu": "a form that carries its version",
    "settings": "a form that carries its version", "categories": "undone in the same place",
    "documents": "a form that carries its version; publishing names the save that was shown",
    "freight": "a form that carries its version, or undone in the same place",
    "products": "a form that carries its version, or undone in the same place",
    "pictures": "undone in the same place", "stock": "adds to what is there, whatever that is",
    "lists": "a file of what is there; nothing changes",
    "imports": "each row is compared with what its preview showed, under the lock of its order",
    "push_compose": "a draft, compared when it starts",
    "push_templates": "undone in the same place",
    "texts": "the text never changes; its state is compared, undone in the same place",
    "evidence": "adds, and ends by its word",
    "answers": "a form that carries its version, or undone in the same place",
    "missed": "the sentences never change; what was decided is undone in the same place",
    "tickets": "answers are added, a closed one is opened by its writer",
    "outbox": "rows don't change",
    "places": "a form that carries its version, or undone in the same place",
    "pickups": "a code works once; the state is compared under the order's lock",
    "ages": "a doubt is opened once and decided once", "attributes": "what two typed is merged",
    "matrix": "a form that carries its version", "shelving": "adds, or undone in the same place",
    "leaks": "a form that carries its version, or a step that ends once",
    "impact": "a version is added, none changes",
    "behalf": "adds a request", "clearing.refund_all": "the sums are carried by themselves",
    "stories": "a form that carries its version; a picture counts once it is in the text",
    "requests": "takes over whoever has it; a request is answered once",
    "rules": "a rule never changes; retiring is undone by another",
    "approvals": "a proposal never changes; its step compares what was seen",
    "aftersales.approve": "the sum is carried by itself", "aftersales.received": "as approve",
    "aftersales.instead": "as approve", "aftersales.replace": "no money moves",
    "brakes.stop": "less leaves", "brakes.stop_refunds": "less leaves",
    "brakes.check": "only looks",
    "distributors.decide_name": "the name is carried by itself",
    "distributors.suspend": "less leaves", "distributors.restore": "back to what was reviewed",
    "distributors.appoint": "adds somebody", "distributors.save_grade": "undone in the same place",
    "distributors.identity": "only looks",
    "orders.address": "only looks", "orders.ship": "by the order's state and lines",
    "orders.note": "added", "orders.extend": "added",
    "orders.refund": "the sum is carried by itself",
    "offers": "a version is carried; stopping ends what is new only",
    "payees.freeze": "less leaves",
    "push.pause": "less leaves", "push.resume": "what was started", "push.stop": "less leaves",
    "reconcile.seen": "only says that somebody looked", "reconcile.read_now": "only reads",
    "reconcile.read_day": "only reads", "differences.take": "takes over whoever has it",
    "differences.note": "kept in the log",
    "reconcile.lift": "by the hold's own checks",
    "staff.create": "adds somebody", "staff.disable": "less is possible",
    "staff.reset_code": "of the account that is named",
    "staff.reset_password": "of the account that is named", "staff.sign_out": "less is possible",
    "originals.original": "only looks",
    "withdrawals.query": "only asks", "withdrawals.export": "only looks",
    "withdrawals.settle": "the sum is carried by itself",
}  # fmt: skip


def _steps() -> list[tuple[str, str | None]]:
    """Every step of the merchant's pages, and what it carries."""
    return [
        (f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}",
         getattr(route.handler, SHOWS, None))
        for route in all_routes() if route.method == "POST"
    ]  # fmt: skip


def test_every_step_carries_what_was_seen_or_says_why_not() -> None:
    silent = {
        name for name, subject in _steps()
        if subject is None and not CARRIES_NOTHING.keys() & {name, name.rpartition(".")[0]}
    }  # fmt: skip
    assert silent == set()
    both = {name for name, subject in _steps() if subject is not None} & CARRIES_NOTHING.keys()
    assert both == set(), "it carries something: its reason is no longer one"
    known = {name for name, _ in _steps()} | {name.rpartition(".")[0] for name, _ in _steps()}
    assert CARRIES_NOTHING.keys() - known == set()
    assert {subject for _, subject in _steps() if subject} == set(SUBJECTS)


def _asked(desk: Desk, fen: int = 10_000) -> tuple[int, int]:
    """A requested withdrawal; two days pass, so the owner signs in again."""
    lin = make_distributor()
    earn(lin, fen)
    pass_time(days=2)
    ready_for_payouts()
    settings.change(settings.Distribution, {"review_from_fen": 0})
    desk.sign_in("boss")
    return lin, int(distribution.request_withdrawal(lin, fen)["withdrawal_id"])


@pytest.mark.row("A9")
async def test_a_withdrawal_that_became_smaller_is_not_approved(desk: Desk) -> None:
    _, wd = _asked(desk)
    shown = text_of("withdrawal", wd)
    Withdrawal.update(taken_fen=4000).where(Withdrawal.id == wd).execute()  # as after a refund
    url = f"/admin/withdrawals/{wd}"
    status, place = await desk.post(f"{url}/approve", _shown=shown)
    assert (status, place) == (303, url)
    said = await desk.said()
    assert "金额：¥100.00 → ¥60.00" in said
    assert "没有执行" in said
    assert Withdrawal.get_by_id(wd).state == "requested"
    _, page = await desk.get(url)  # the page asks again, with the present amount
    assert "同意 ¥60.00" in texts_of(page, f"form[action='{url}/approve'] button")
    await desk.post(f"{url}/approve")
    assert Withdrawal.get_by_id(wd).approved_by is not None


@pytest.mark.parametrize("do", ["approve", "reject", "hold", "cancel", "give-up"])
async def test_nothing_is_decided_about_another_payee_than_was_shown(desk: Desk, do: str) -> None:
    lin, wd = _asked(desk)
    shown = text_of("withdrawal", wd)
    payouts.set_payee_type(lin, "company", "staff:cai")
    values = {"reason": "看过", "_typed": "驳回", "do": "hold"}
    await desk.post(f"/admin/withdrawals/{wd}/{do}", _shown=shown, **values)
    assert "收款主体：个人 → " in await desk.said()
    row = Withdrawal.get_by_id(wd)
    assert (row.state, row.is_on_hold, row.approved_by) == ("requested", False, None)


async def test_a_licence_that_was_replaced_meanwhile_is_not_approved(desk: Desk) -> None:
    lin = make_distributor(payee_type="company", identified=False)
    payouts.save_identity(lin, "泉州某某商行", CODE)
    payouts.save_document(lin, "a" * 32)
    shown = text_of("payee", lin)
    payouts.save_document(lin, "b" * 32)
    for decision in ("approve", "reject"):
        await desk.post(f"/admin/payees/{lin}/review", decision=decision, reason="x", _shown=shown)
        assert "营业执照：" in await desk.said()
    assert Payee.get().reviewed_at is None
    assert Payee.get().document == "b" * 32
    await desk.post(f"/admin/payees/{lin}/review", decision="approve")
    assert Payee.get().reviewed_at is not None


async def test_a_freeze_is_not_decided_before_a_new_appeal_is_read(
    desk: Desk,
) -> None:
    lin = make_distributor()
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    shown = text_of("freeze", lin)
    payouts.appeal_against_freeze(lin, "订单都是老顾客")
    answer = {"reason": "已核实", "_typed": "解冻", "decision": "keep", "answer": "记录不全"}
    for do in ("lift", "appeal"):
        await desk.post(f"/admin/payees/{lin}/{do}", _shown=shown, **answer)
        assert "申诉：无 → " in await desk.said()
    found = payouts.freeze_of(lin)
    assert found is not None
    assert (found.lifted_at, found.answer) == (None, None)


async def test_a_stale_tab_does_not_change_a_payee_type(desk: Desk) -> None:
    lin = make_distributor()
    shown = text_of("distributor", lin)
    payouts.set_payee_type(lin, "company", "staff:cai")
    await desk.post(
        f"/admin/distributors/{lin}/terms", payee_type="individual", grade_id="0", _shown=shown
    )
    assert "收款主体：个人 → " in await desk.said()
    assert Payee.get().type == "company"


async def test_a_stop_with_another_reason_than_shown_is_not_lifted(desk: Desk) -> None:
    payouts.stop_payouts("staff:cai", "对账")
    shown = text_of("stop", 0)
    payouts.resume_payouts("staff:cai")
    payouts.stop_payouts("staff:cai", "账号被盗")
    await desk.post("/admin/brakes/resume", _typed="恢复付款", _shown=shown)
    assert "已暂停：对账 → 已暂停：账号被盗" in await desk.said()
    assert payouts.why_payouts_stopped_now()


async def test_levels_that_were_signed_meanwhile_are_not_signed_again(desk: Desk) -> None:
    shown = text_of("levels", 0)
    distribution.sign_levels(0, "王总", "", "staff:owner")
    status, page = await desk.post(
        "/admin/levels", levels="1", signed_name="李总", agreed="1", _shown=shown
    )
    assert status == 422
    assert "1 级 → 0 级" in words_of(page, ".errors li")
    assert distribution.levels_now() == 0


async def test_a_stale_tab_does_not_change_roles(desk: Desk) -> None:
    staff_id = hire("lisa", "operator")
    shown = text_of("roles", staff_id)
    staff.set_roles(staff_id, ["operator", "service"])
    await desk.post(f"/admin/staff/{staff_id}/roles", roles="auditor", _shown=shown)
    assert "角色：" in await desk.said()
    (found,) = [each for each in staff.list_staff() if each.id == staff_id]
    assert sorted(found.roles) == ["operator", "service"]


@pytest.mark.parametrize("shown", ["", "{", "[]", "null", '{"金额": "¥1.00"}'])
async def test_a_form_without_a_valid_carried_text_decides_nothing(desk: Desk, shown: str) -> None:
    _, wd = _asked(desk)
    await desk.post(f"/admin/withdrawals/{wd}/approve", _shown=shown)
    assert "没有执行" in await desk.said()
    assert Withdrawal.get_by_id(wd).approved_by is None


# for each subject a page whose form carries it
PAGES_SHOWN = {
    "withdrawal": "/admin/withdrawals/{withdrawal_id}",
    "distributor": "/admin/distributors/{distributor_id}",
    "binding": "/admin/members/{customer_id}",
    "case": "/admin/aftersales/{case_id}",
    "levels": "/admin/levels",
    "stop": "/admin/brakes",
    "campaign": "/admin/push/{campaign_id}",
    "roles": "/admin/staff",
}


@pytest.mark.parametrize("subject", PAGES_SHOWN)
async def test_the_page_s_form_carries_its_subject_in_words(
    desk: Desk, shop: Any, subject: str
) -> None:
    payouts.stop_payouts("staff:cai", "对账")
    place = PAGES_SHOWN[subject].format(**asdict(shop))
    last = place.rsplit("/", 1)[1]
    _, page = await desk.get(place)
    carried = set(values_of(page, "input[name=_shown]", "value"))
    key = int(last) if last.isdigit() else 0
    expected = {text_of("roles", row.id) for row in Staff.select()} if subject == "roles" else {
        text_of(subject, key)
    }  # fmt: skip
    assert expected <= carried
    for shown in expected:
        assert "None" not in shown
        assert json.loads(shown)
