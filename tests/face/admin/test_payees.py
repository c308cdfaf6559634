"""收款人: licences looked at, freezes with their appeals, what is uncertain given up by two."""

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

NOW = "1"
CODE = "91350100M000100Y43"


@pytest.fixture(autouse=True)
def _people(db: object) -> None:
    """Beside the owner: finance, who may; an operator and customer service, who may not."""
    for login, role in (("cai", "finance"), ("lisa", "operator"), ("zhang", "service")):
        hire(login, role)


def _company() -> int:
    lin = make_distributor(payee_type="company", identified=False)
    payouts.save_identity(lin, "泉州某某商行", CODE)
    payouts.save_document(lin, "a" * 64)
    return lin


@pytest.mark.row("A2")
async def test_finance_looks_at_a_licence_and_the_company_may_be_paid(desk: Desk) -> None:
    lin = _company()
    desk.sign_in("cai")
    status, shown = await desk.get("/admin/payees")
    assert status == 200
    assert ("待审核的营业执照" in shown, "泉***" in shown or "9135" in shown) == (True, True)
    status, _ = await desk.post(f"/admin/payees/{lin}/review", decision="reject")
    assert Payee.get().document is not None  # a refusal without a reason changes nothing
    await desk.post(f"/admin/payees/{lin}/review", decision="approve", reason="")
    assert Payee.get().reviewed_by == "staff:cai"
    assert "没有待审核的营业执照" in (await desk.get("/admin/payees"))[1]


async def test_freeze_lift_and_answer_from_the_person_s_page(desk: Desk) -> None:
    lin = make_distributor()
    desk.sign_in("cai")
    await desk.post(f"/admin/payees/{lin}/freeze", reason="刷单嫌疑", _typed="冻结")
    assert payouts.is_frozen(lin)
    shown = (await desk.get(f"/admin/distributors/{lin}"))[1]
    assert ("佣金已冻结" in shown, "刷单嫌疑" in shown) == (True, True)
    payouts.appeal_against_freeze(lin, "订单都是老顾客，可以提供记录")
    assert "有申诉待答复" in (await desk.get("/admin/payees"))[1]
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
async def test_an_uncertain_payout_is_said_and_not_given_up_without_bills(desk: Desk) -> None:
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
    assert "是否到达微信不能确定" in (await desk.get("/admin/"))[1]
    assert "不能确定" in (await desk.get("/admin/withdrawals?view=uncertain"))[1]
    shown = (await desk.get(f"/admin/withdrawals/{wd}"))[1]
    assert "不会退回，也不会重复付" in shown
    await desk.post(f"/admin/withdrawals/{wd}/give-up")
    assert PayoutBill.get().given_up_by is None


async def test_refunds_have_a_stop_of_their_own_on_the_page(desk: Desk) -> None:
    desk.sign_in("cai")
    await desk.post("/admin/brakes/refunds/stop", reason="核对")
    assert "已暂停退款" in (await desk.get("/admin/brakes"))[1]
    assert "退款已暂停" in (await desk.get("/admin/"))[1]
    await desk.post("/admin/brakes/refunds/resume", _typed="恢复退款")
    assert "暂停退款" in (await desk.get("/admin/brakes"))[1]


# --- the payee's own pages


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "JPEG")
    return out.getvalue()


async def test_a_company_hands_in_its_licence_and_reads_what_comes_next(lin: Shopper) -> None:
    from domain import distribution

    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林商行", "company", NOW)
    page = await lin.get("/m/d/identity")
    done = await lin.post(
        "/m/d/identity", page.fields("/m/d/identity"), name="泉州某某商行", number=CODE
    )
    assert done.location == "/m/d/identity"
    page = await lin.get("/m/d/identity")
    assert "营业执照照片" in page.text
    fields = [(k, v) for k, v in page.fields("/m/d/licence") if k != "licence"]
    sent = await lin.post("/m/d/licence", [*fields, ("licence", _picture())])
    assert sent.location == "/m/d/identity"
    assert "正在审核" in (await lin.get("/m/d/identity")).text
    assert len(Payee.get().document or "") == 32
    shown = (await lin.get("/m/d/identity")).text
    assert "查看已上传的营业执照" in shown
    assert (await lin.get("/m/d/licence.jpg")).status == 200
    empty = await lin.post("/m/d/licence", fields)
    assert "请选择营业执照照片" in empty.text


async def test_nobody_sees_or_appeals_another_s_freeze(lin: Shopper, wang: Shopper) -> None:
    from domain import distribution

    for each, name in ((lin, "小林推荐"), (wang, "小王推荐")):
        distribution.apply_as_distributor(each.member_id or 0, name, "individual", NOW)
    payouts.freeze_payee(lin.member_id or 0, "staff:cai", "刷单嫌疑")
    assert "刷单嫌疑" in (await lin.get("/m/d/freeze")).text
    assert (await wang.get("/m/d/freeze")).location == "/m/d/"
    await wang.post("/m/d/freeze", (), appeal="这不是我的冻结，却想申诉")
    assert PayeeFreeze.get().appeal is None
