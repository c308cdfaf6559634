"""A reason for the buyer or payee and one for the merchant's log are two fields."""

from __future__ import annotations

from itertools import count

from domain import approvals, audit, distribution
from models import AfterSale, AuditEntry, Refund
from tests.face.desk import Desk, hire
from tests.face.shop_with_data import Shop
from tests.factories.orders import Bought, paid_order
from tests.harness.markup import texts_of

_keys = count(1)
INSIDE, TOLD = "疑似职业退款人，已记录", "少发一瓶，现在退您"


def _form(bought: Bought, **more: str) -> dict[str, str]:
    key = f"reasons-{next(_keys):06d}"
    return {"scope": "all", "reason": INSIDE, "_typed": "退款", "_idem": key} | more


async def test_the_note_for_the_log_was_shown_to_the_buyer(desk: Desk) -> None:
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}"
    _, page = await desk.get(url)
    for form in ("#refund-all", "details"):
        assert texts_of(page, f"{form} #h-told") == ["买家会看到；留空只写“商家主动退款”"]
        assert texts_of(page, f"{form} #h-reason") == ["仅内部可见，记入操作日志"]
    _, look = await desk.post(f"{url}/refund", **_form(bought, told=TOLD))
    assert texts_of(look, ".second-look dd")[-2:] == [TOLD, INSIDE]
    await desk.post_seen(f"{url}/refund", **_form(bought, told=TOLD))
    case = AfterSale.get()
    assert case.note == TOLD
    entry = AuditEntry.get(AuditEntry.action == "case.refund_by_merchant")
    assert (entry.actor, entry.target_id) == ("staff:boss", str(case.id))
    assert entry.after == {"why": INSIDE, "note": TOLD}


async def test_what_a_buyer_reads_is_judged_as_a_public_text(desk: Desk) -> None:
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}/refund"
    status, page = await desk.post(url, **_form(bought, told="国家级品质，放心喝"))
    assert status == 422
    assert "国家级" in " ".join(texts_of(page, "[role=alert]"))
    assert Refund.select().count() == 0
    await desk.post_seen(url, **_form(bought, reason="他说是国家级"))
    assert (Refund.select().count(), AfterSale.get().note) == (1, "")


async def test_a_second_person_reads_both_and_the_buyer_one(desk: Desk, shop: Shop) -> None:
    hire("lisa", "service")
    desk.sign_in("lisa")
    bought = paid_order()
    await desk.post_seen(f"/admin/orders/{bought.order_no}/refund", **_form(bought, told=TOLD))
    (found,) = approvals.list_proposals_about([f"order:{bought.order_no}"])
    desk.sign_in("boss")
    _, page = await desk.get(f"/admin/approvals/{found.id}")
    assert TOLD in texts_of(page, "dd")
    assert found.reason == INSIDE
    await desk.post(f"/admin/approvals/{found.id}/decide", decision="approve")
    assert AfterSale.get(AfterSale.order == bought.order_id).note == TOLD


async def test_why_a_withdrawal_is_held_was_shown_to_its_owner(desk: Desk, shop: Shop) -> None:
    url = f"/admin/withdrawals/{shop.withdrawal_id}"
    await desk.post(f"{url}/hold", do="hold", reason=INSIDE, told="资料核对中，明天答复")
    held = distribution.withdrawal_detail(shop.withdrawal_id)
    assert (held.hold_reason, held.hold_told) == (INSIDE, "资料核对中，明天答复")
    _, page = await desk.get(url)
    assert any(INSIDE in each for each in texts_of(page, ".notice"))
    await desk.post(f"{url}/hold", do="unhold", reason="无误")
    freed = distribution.withdrawal_detail(shop.withdrawal_id)
    assert (freed.is_on_hold, freed.hold_reason, freed.hold_told) == (False, None, None)
    first, second = audit.history("withdrawal", shop.withdrawal_id)[:2]
    assert (first.action, second.action) == ("withdrawal.unhold", "withdrawal.hold")
