"""收款人: reviews of licences, freezes and their appeals, payouts of uncertain outcome."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from domain import payouts
from models import Payee, PayeeFreeze, PayoutBill
from tests.face.desk import Desk, hire
from tests.face.shoppers import Shopper
from tests.factories.distribution import earn, make_distributor, ready_for_payouts
from tests.factories.transfers import bill_of, put_into
from tests.harness.markup import errors_of, facts_of, lines_of, texts_of, values_of, words_of

NOW = "1"
CODE = "91350100M000100Y43"


@pytest.fixture(autouse=True)
def _people(db: object) -> None:
    """Besides the owner: finance, who may do this, and two roles that may not."""
    for login, role in (("cai", "finance"), ("lisa", "operator"), ("zhang", "service")):
        hire(login, role)


def _company() -> int:
    lin = make_distributor(payee_type="company", identified=False)
    payouts.save_identity(lin, "泉州某某商行", CODE)
    payouts.save_document(lin, "a" * 64)
    return lin


@pytest.mark.row("A2")
async def test_finance_approves_a_licence(desk: Desk) -> None:
    lin = _company()
    desk.sign_in("cai")
    status, shown = await desk.get("/admin/payees")
    assert status == 200
    assert "待审核的营业执照" in texts_of(shown, "h2")
    registered = facts_of(shown)["登记"]
    assert "泉***" in registered or "9135" in registered
    status, _ = await desk.post(f"/admin/payees/{lin}/review", decision="reject")
    assert Payee.get().document is not None  # a refusal without a reason changes nothing
    await desk.post(f"/admin/payees/{lin}/review", decision="approve", reason="")
    assert Payee.get().reviewed_by == "staff:cai"
    assert "没有待审核的营业执照" in texts_of((await desk.get("/admin/payees"))[1], ".empty h2")


async def test_a_freeze_its_appeal_and_its_end_on_the_distributor_s_page(desk: Desk) -> None:
    lin = make_distributor()
    desk.sign_in("cai")
    await desk.post(f"/admin/payees/{lin}/freeze", reason="刷单嫌疑", _typed="冻结")
    assert payouts.is_frozen(lin)
    shown = (await desk.get(f"/admin/distributors/{lin}"))[1]
    assert texts_of(shown, "#freeze .card-head h2") == ["佣金已冻结"]
    assert "刷单嫌疑" in texts_of(shown, "#freeze .facts dd")
    payouts.appeal_against_freeze(lin, "订单都是老顾客，可以提供记录")
    assert "有申诉待答复" in texts_of((await desk.get("/admin/payees"))[1], ".badge")
    await desk.post(f"/admin/payees/{lin}/appeal", decision="keep", answer="记录不全")
    assert PayeeFreeze.get().answer == "记录不全"
    await desk.post(f"/admin/payees/{lin}/lift", reason="已核实", _typed="解冻")
    assert not payouts.is_frozen(lin)


@pytest.mark.parametrize("who", ["lisa", "zhang", ""])
async def test_nobody_else_reviews_freezes_lifts_or_gives_up(desk: Desk, who: str) -> None:
    lin = _company()
    if who:
        desk.sign_in(who)
    else:
        desk.use("")
    steps = {
        f"/admin/payees/{lin}/review": {"decision": "approve"},
        f"/admin/payees/{lin}/freeze": {"reason": "x", "_typed": "冻结"},
        f"/admin/payees/{lin}/lift": {"reason": "x", "_typed": "解冻"},
        f"/admin/payees/{lin}/appeal": {"decision": "lift", "answer": "x"},
        "/admin/withdrawals/1/give-up": {},
        "/admin/brakes/refunds/stop": {"reason": "x"},
        "/admin/brakes/refunds/resume": {"_typed": "恢复退款"},
    }
    for path, values in steps.items():
        status, _ = await desk.post(path, **values)
        assert status == 403, path
    row = Payee.get()
    assert (row.reviewed_at, row.is_frozen) == (None, False)


@pytest.mark.row("A9")
async def test_an_uncertain_payout_is_shown_and_can_t_be_given_up_without_bills(
    desk: Desk,
) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    ready_for_payouts()
    from domain import distribution
    from kernel import clock

    wd = distribution.request_withdrawal(lin, 4_000)["withdrawal_id"]
    put_into(wd, "paying")
    PayoutBill.update(uncertain_at=clock.now(), sent_at=clock.now()).where(
        PayoutBill.id == bill_of(wd)
    ).execute()
    desk.sign_in("cai")
    _, today = await desk.get("/admin/")
    assert "是否到达微信不能确定" in lines_of(today, ".notice")
    _, listed = await desk.get("/admin/withdrawals?view=uncertain")
    assert "不能确定" in texts_of(listed, "tbody .badge")
    _, shown = await desk.get(f"/admin/withdrawals/{wd}")
    assert "不会退回，也不会重复付" in lines_of(shown, ".notice")
    await desk.post(f"/admin/withdrawals/{wd}/give-up")
    assert PayoutBill.get().given_up_by is None


async def test_refunds_are_stopped_and_resumed_by_themselves(desk: Desk) -> None:
    desk.sign_in("cai")
    await desk.post("/admin/brakes/refunds/stop", reason="核对")
    assert "已暂停退款" in texts_of((await desk.get("/admin/brakes"))[1], "h2")
    assert "退款已暂停" in lines_of((await desk.get("/admin/"))[1], ".notice-warn")
    await desk.post("/admin/brakes/refunds/resume", _typed="恢复退款")
    _, brakes = await desk.get("/admin/brakes")
    assert "暂停退款" in texts_of(brakes, "button")
    assert "已暂停退款" not in words_of(brakes)


# --- the payee's own pages


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "JPEG")
    return out.getvalue()


async def test_a_company_uploads_its_licence(lin: Shopper) -> None:
    from domain import distribution

    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林商行", "company", NOW)
    page = await lin.get("/m/d/identity")
    done = await lin.post(
        "/m/d/identity", page.fields("/m/d/identity"), name="泉州某某商行", number=CODE
    )
    assert done.location == "/m/d/identity"
    page = await lin.get("/m/d/identity")
    assert "营业执照照片" in texts_of(page.text, "form[action='/m/d/licence'] .label")
    fields = [(k, v) for k, v in page.fields("/m/d/licence") if k != "licence"]
    sent = await lin.post("/m/d/licence", [*fields, ("licence", _picture())])
    assert sent.location == "/m/d/identity"
    assert len(Payee.get().document or "") == 32
    page = await lin.get("/m/d/identity")
    assert "正在审核" in lines_of(page.text, ".notice")
    assert values_of(page.text, "p.card a", "href") == ["/m/d/licence.jpg"]
    assert (await lin.get("/m/d/licence.jpg")).status == 200
    empty = await lin.post("/m/d/licence", fields)
    assert "请选择营业执照照片" in errors_of(empty.text)["licence"]


async def test_nobody_sees_or_appeals_another_s_freeze(lin: Shopper, wang: Shopper) -> None:
    from domain import distribution

    for each, name in ((lin, "小林推荐"), (wang, "小王推荐")):
        distribution.apply_as_distributor(each.member_id or 0, name, "individual", NOW)
    payouts.freeze_payee(lin.member_id or 0, "staff:cai", "刷单嫌疑")
    assert "刷单嫌疑" in words_of((await lin.get("/m/d/freeze")).text, "section.card")
    assert (await wang.get("/m/d/freeze")).location == "/m/d/"
    await wang.post("/m/d/freeze", (), appeal="这不是我的冻结，却想申诉")
    assert PayeeFreeze.get().appeal is None
