"""Names that imitate the shop, and pasted numbers with invisible characters, on the pages."""

from __future__ import annotations

from typing import Any

import pytest

from app.arguments import parser
from domain import distribution, members, naming, payouts, settings
from domain.distribution import PosterTerms
from domain.distribution.service.posters import poster_spec
from domain.members.rules import mask_name
from kernel.errors import Conflict, Invalid
from models import Distributor, Member, OrderLine, Parcel, Payee
from tests.face.desk import Desk
from tests.face.shoppers import Shopper
from tests.factories.distribution import ID_NUMBER, make_distributor
from tests.factories.members import make_member
from tests.factories.orders import paid_order
from tests.harness.markup import texts_of, words_of

SETTINGS = "/m/d/settings"
NOW = "1"
ADDRESS = {
    "name": "\u202e林\u200b小雨\u202c", "province": "四川省", "city": "成都市",
    "district": "锦江区", "detail": "春熙路２号\u2028三楼",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming.service, "_house_names", naming.house_names("山泉坊"))


def row(member_id: int | None) -> Any:
    """The stored distributor."""
    return Distributor.get(Distributor.member == member_id)


@pytest.mark.parametrize("name", ["官方客服", "官 方\u200b客 服", "山泉坊", "Аdmіn", "官方客服88"])
async def test_a_name_that_imitates_the_shop_is_refused(lin: Shopper, name: str) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(SETTINGS)).fields(SETTINGS)
    refused = await lin.post(SETTINGS, fields, display_name=name)
    assert refused.status == 422
    assert "容易被误认为官方" in words_of(refused.text, "#e-display_name")
    assert row(lin.member_id).display_name == "小林推荐"


async def test_a_poster_has_no_name_that_is_under_review(lin: Shopper) -> None:
    mine = lin.member_id or 0
    distribution.apply_as_distributor(mine, "小林推荐", "individual", NOW)
    fields = (await lin.get(SETTINGS)).fields(SETTINGS)
    await lin.post(SETTINGS, fields, display_name="山泉坊小林")
    number = Member.get_by_id(mine).public_no[:4]
    terms = PosterTerms("山泉坊", "山泉坊酒业有限公司", "http://mall")
    assert row(mine).name_state == "review"
    assert poster_spec(mine, None, "t", None, terms).name == f"会员{number}"
    notes = texts_of((await lin.get(SETTINGS)).text, "form .note")
    assert notes[0].startswith("名称“山泉坊小林”正在审核")
    distribution.review_display_name(mine, "山泉坊小林", True, "staff:1")
    assert poster_spec(mine, None, "t", None, terms).name == "山泉坊小林"
    await lin.post(SETTINGS, fields, display_name="山泉坊小林")  # saved again: still approved
    assert row(mine).name_state == "approved"
    await lin.post(SETTINGS, fields, display_name="山泉坊老林")
    assert row(mine).name_state == "review"


async def test_the_merchant_approves_or_refuses_the_shown_name(desk: Desk) -> None:
    mine = make_distributor("山泉坊小林")
    url = f"/admin/distributors/{mine}"
    _, listed = await desk.get("/admin/distributors?view=name")
    assert "山泉坊小林推荐" in words_of(listed, "tbody tr")
    _, page = await desk.get(url)
    assert "“山泉坊小林推荐”可能被误认为商家或微信" in words_of(page, "main")
    await desk.post(f"{url}/name", decision="refuse", name="山泉坊小林推荐")
    assert row(mine).name_state == "review"  # a refusal needs its reason
    await desk.post(f"{url}/name", decision="refuse", name="山泉坊小林推荐", reason="像店名")
    assert (row(mine).name_state, row(mine).name_reason) == ("refused", "像店名")
    with pytest.raises(Conflict):
        distribution.review_display_name(mine, "另一个名字", True, "staff:1")
    await desk.post(f"{url}/name", decision="approve", name="山泉坊小林推荐")
    assert row(mine).name_state == "approved"


def test_a_nickname_that_imitates_the_shop_is_refused(db: Any) -> None:
    who = make_member("小林")
    for name in ("官方客服", "微信\u200b支付", "ＡＤＭＩＮ"):
        with pytest.raises(Invalid, match="name_reserved"):
            members.set_nickname(who, name)
    assert Member.get_by_id(who).nickname == "小林"


def test_existing_names_are_reviewed_after_more_words_are_reserved(db: Any) -> None:
    mine = make_distributor("福慧")
    assert distribution.names_to_review() == []
    settings.change(naming.Names, {"reviewed": ("福慧",)})
    assert distribution.names_to_review() == [(mine, "福慧推荐", "review")]
    assert distribution.put_names_to_review() == 1
    assert row(mine).name_state == "review"
    assert distribution.names_to_review() == []


def test_the_command_line_removes_control_characters_from_a_name() -> None:
    found = parser().parse_args(
        ["admin", "create-user", "lin", "--name", "林\udcff\x1b[31m\u202e小雨"]
    )
    assert found.name == "林[31m小雨"


@pytest.mark.parametrize("phone", [
    "138\u200b0013\u200b8000", "+86 138-0013-8000", "\u202d13800138000\u202c",
    "１３８００１３８０００",
    "0086\u00a0138–0013–8000", "8613800138000",
])  # fmt: skip
async def test_the_address_form_accepts_a_pasted_phone_number(lin: Shopper, phone: str) -> None:
    fields = (await lin.get("/m/addresses/new")).fields("/m/addresses/new")
    done = await lin.post("/m/addresses/new", fields, **ADDRESS, phone=phone)
    assert done.status == 303, done.text
    (kept,) = members.list_addresses(lin.member_id or 0)
    assert kept.form.phone == "13800138000"
    assert kept.form.name == "林小雨"
    assert kept.form.detail == "春熙路2号 三楼"


def test_a_pasted_identity_number_is_accepted(db: Any) -> None:
    mine = make_distributor("小林", identified=False)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in ID_NUMBER)
    payouts.save_identity(mine, "林\u200b小山", f"\u202d{wide[:6]}\u200b {wide[6:]}\u202c")
    kept = Payee.get()
    assert kept.identity_masked == f"林** {ID_NUMBER[:4]}**********{ID_NUMBER[-4:]}"


async def test_a_pasted_tracking_number_is_stored_and_found(desk: Desk) -> None:
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}"
    line = OrderLine.get(OrderLine.order == bought.order_id).id
    pasted = "\u200eＳＦ１２３４–５６７８"
    await desk.post(f"{url}/ship", company="顺丰\u200b速运", tracking_no=pasted, _idem="k" * 20,
                    **{f"n{line}": "1"})  # fmt: skip
    kept = Parcel.get()
    assert (kept.company, kept.tracking_no) == ("顺丰速运", "SF12345678")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in bought.order_no)
    for words in ("sf1234\u200b5678", "ＳＦ１２３４５６７８", f"\ufeff{wide}\u2069"):
        status, place = await desk.get(f"/admin/search?q={words}")
        assert bought.order_no in place or status == 303, words


@pytest.mark.parametrize(("name", "masked"), [
    ("小林", "小*"), ("👨‍👩‍👧‍👦一家人", "👨‍👩‍👧‍👦**"), ("\u202e福气", "福*"),
    ("e\u0301te", "\u00e9**"),
    ("🇨🇳", "🇨🇳*"), ("\u200b", "微信用户"), (None, "微信用户"), ("葛󠄀先生", "葛󠄀**"),
])  # fmt: skip
def test_a_masked_name_shows_one_visible_character(name: str | None, masked: str) -> None:
    assert mask_name(name) == masked
