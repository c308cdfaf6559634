"""A deletion deletes: nothing of the person is found again, and nothing of others is touched."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from peewee import CharField, TextField

import models
from domain import distribution, ledger, members, personal_data, rights
from domain.personal_data import delete_due, delete_person
from domain.rights.service import announce_deletions
from models import (
    Address,
    Binding,
    Commission,
    KeptRecord,
    Member,
    Order,
    Payee,
    PayeeIncome,
    RightsRequest,
    SystemEvent,
    WechatIdentity,
)
from tests.factories.distribution import (
    balances,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    refund_line,
    release_sale,
    sell,
    wallet,
)
from tests.factories.lives import OPENID, REAL, STREET, Life, live, places_in
from tests.factories.members import APPID, make_address, make_member
from tests.factories.orders import placed_order

pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture
async def redis() -> Any:
    """A Redis of this test."""
    client = fakeredis.FakeAsyncRedis()
    yield client
    await client.aclose()


@pytest.fixture
async def life(store: Any, tmp_path: Path, redis: Any) -> Life:
    """A person who used all of the shop."""
    return await live(tmp_path, redis)


async def _deleted(store: Any, life: Life) -> None:
    no = await store.write(rights.request_deletion, life.member_id, gives_up=True)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert await store.write(announce_deletions) == 1
    pass_time(minutes=11)
    assert await delete_due(store, life.places) == 1
    assert rights.request_detail(no).state == "done"


def _texts() -> Iterator[tuple[str, str]]:
    """Every text in every column of every table, with its place."""
    for table in models.TABLES:
        columns = [f for f in table._meta.sorted_fields if isinstance(f, CharField | TextField)]
        for row in table.select().dicts():
            for column in columns:
                if row[column.name] is not None:
                    yield f"{table.__name__}.{column.name}", str(row[column.name])


def _found(life: Life) -> set[tuple[str, str]]:
    found = {(where, mark) for where, text in _texts() for mark in life.marks if mark in text}
    for path in life.folder.rglob("*"):
        found |= {("a file's name", mark) for mark in life.marks if mark in str(path)}
    return found


async def test_every_text_file_and_key_is_without_the_person(store: Any, life: Life) -> None:
    before = {mark for _, mark in _found(life)}
    assert before >= set(life.marks) - {"110101199003078232", STREET}  # these are sealed only
    assert len(before) > 15
    await _deleted(store, life)
    assert _found(life) == set()
    assert [path for path in life.files if path.exists()] == []
    assert await life.redis.keys(f"*{OPENID}*") == []


async def test_what_is_sealed_can_not_be_opened_any_more(store: Any, life: Life) -> None:
    await _deleted(store, life)
    row = Member.get_by_id(life.member_id)
    assert (row.wrapped_key, row.state) == (None, "erased")
    assert Address.select().where(Address.member == life.member_id).count() == 0
    assert WechatIdentity.select().where(WechatIdentity.member == life.member_id).count() == 0
    assert members.is_erased(life.member_id)


async def test_the_same_openid_is_a_new_member(store: Any, life: Life) -> None:
    await _deleted(store, life)
    again, is_first = members.follow(APPID, OPENID)
    assert is_first
    assert again != life.member_id
    assert members.member_detail(again).nickname is None
    assert members.list_addresses(again) == []
    assert members.sign_in(APPID, OPENID, None, "v")[0] == again


async def test_law_keeps_a_sealed_address_until_its_day(store: Any, life: Life) -> None:
    order = Order.get(Order.member == life.member_id)
    await _deleted(store, life)
    (kept,) = KeptRecord.select()
    assert (kept.subject, kept.subject_id, kept.ground) == ("order", order.id, "transactions")
    (opened,) = members.reveal_kept(life.member_id, "staff:boss")
    assert STREET in opened.text
    assert members.forget_kept() == 0
    pass_time(days=members.rights_times().order_years * 365 + 1)
    assert members.forget_kept() == 1
    assert KeptRecord.select().count() == 0


async def test_the_identity_of_a_taxed_person_is_kept_sealed(store: Any, life: Life) -> None:
    payee = Payee.get(Payee.owner_id == life.member_id)
    PayeeIncome.insert(
        payee=payee.id, year=2026, tax_class="labour", gross_fen=100, tax_fen=0
    ).execute()
    await _deleted(store, life)
    kept = {each.subject: each for each in members.reveal_kept(life.member_id, "staff:boss")}
    assert REAL in kept["payee"].text
    assert kept["payee"].ground == "tax"
    row = Payee.get_by_id(payee.id)
    assert (row.sealed_identity, row.identity_masked, row.name_hash) == (None, None, None)


async def test_orders_tree_and_sums_of_others_stay(store: Any, life: Life) -> None:
    below = {b.member_id for b in Binding.select().where(Binding.p1 == life.member_id)}
    upline = Binding.get(Binding.member == life.member_id).p1_id
    paid = Order.get(Order.member == life.member_id).paid_fen
    others = {m.id: (m.nickname, m.public_no) for m in Member.select()}
    await _deleted(store, life)
    assert {b.member_id for b in Binding.select().where(Binding.p1 == life.member_id)} == below
    assert Binding.get(Binding.member == life.member_id).p1_id == upline
    assert Order.get(Order.member == life.member_id).paid_fen == paid
    del others[life.member_id]
    assert {m.id: (m.nickname, m.public_no) for m in Member.select() if m.id in others} == others
    assert ledger.check_fully().is_clean
    who = distribution.distributor(life.member_id)
    assert who is not None
    assert who.state == "left"


async def test_the_old_link_binds_nobody_any_more(store: Any, life: Life) -> None:
    code = distribution.own_referral_code(life.member_id) or ""
    await _deleted(store, life)
    newcomer = make_member("小何")
    assert distribution.record_touch("v-new", code, "link", member_id=newcomer).referrer_id is None
    assert distribution.upline_of(newcomer) is None


async def test_a_picture_that_another_member_shows_too_stays(store: Any, life: Life) -> None:
    face = Member.get_by_id(life.member_id).avatar
    other = make_member("小何")
    Member.update(avatar=face).where(Member.id == other).execute()
    await _deleted(store, life)
    assert any(face in str(path) for path in life.folder.rglob("*") if path.is_file())
    assert Member.get_by_id(other).avatar == face


async def test_commission_is_given_up_to_the_fen_and_no_refund_takes_it_twice(
    store: Any, tmp_path: Path, redis: Any
) -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    first, second = (sell(make_customer(hui, name)) for name in ("小丁", "小吴"))
    release_sale(first)
    assert balances(hui) == wallet(available=2980, pending=2980)
    life = Life(hui, places_in(tmp_path, redis), tmp_path, redis, (), ())
    await _deleted(store, life)
    assert balances(hui) == wallet()
    states = {row.order_id: (row.state, row.taken_fen) for row in Commission.select()}
    assert states[second] == ("void", 2980)
    refund_line(second, 29800)
    assert balances(hui) == wallet()
    assert ledger.check_fully().is_clean


async def test_without_the_explicit_choice_money_stops_it_at_the_last_moment(
    store: Any, tmp_path: Path, redis: Any
) -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    places = places_in(tmp_path, redis)
    no = rights.request_deletion(hui, gives_up=False)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert announce_deletions() == 1
    sell(make_customer(hui))  # after the last notice
    pass_time(minutes=11)
    assert await delete_due(store, places) == 0
    assert not await delete_person(store, places, no, hui)
    found = rights.request_detail(no)
    assert (found.state, found.stopped_by) == ("cooling", ("money_left",))
    assert members.member_detail(hui).nickname == "阿慧"
    assert balances(hui) == wallet(pending=2980)


async def test_who_takes_it_back_keeps_everything(store: Any, life: Life) -> None:
    no = rights.request_deletion(life.member_id, gives_up=True)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert announce_deletions() == 1
    rights.take_back(no, life.member_id)
    pass_time(minutes=11)
    assert await delete_due(store, life.places) == 0
    assert not await delete_person(store, life.places, no, life.member_id)
    assert all(path.exists() for path in life.files)
    assert len(members.list_addresses(life.member_id)) == 1


async def test_a_deletion_may_be_repeated_after_a_crash(
    store: Any, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> bool:
        raise RuntimeError("the machine fell over")

    with monkeypatch.context() as broken:
        broken.setattr("domain.personal_data.deleting.erase_rows", crash)
        with pytest.raises(RuntimeError):
            await _deleted(store, life)
    assert not members.is_erased(life.member_id)
    assert await delete_due(store, life.places) == 1
    assert _found(life) == set()


async def test_the_sweep_finds_what_is_left(store: Any, life: Life) -> None:
    await _deleted(store, life)
    assert await personal_data.leftovers(store) == (1, [])
    Order.update(note="欧阳").where(Order.member == life.member_id).execute()
    make_address(life.member_id)
    seen, found = await personal_data.leftovers(store)
    assert seen == 1
    assert [(each.table, each.rows) for each in sorted(found)] == [
        ("address", 1),
        ("mall_order", 1),
    ]


async def test_a_deletion_is_an_event_and_the_request_is_proof(store: Any, life: Life) -> None:
    await _deleted(store, life)
    event = SystemEvent.get(SystemEvent.action == "member.erased")
    assert (event.target_id, event.facts) == (str(life.member_id), None)
    row = RightsRequest.get(RightsRequest.kind == "deletion")
    assert row.closed_at is not None
    assert row.told_at is not None
    assert row.closed_at - row.told_at >= rights.LAST_NOTICE


class _Plain:
    def files(self, data: dict[str, Any]) -> dict[str, str]:
        return {"index.html": str(len(data["sections"]))}


async def test_the_file_has_all_of_the_person_and_nothing_of_others(
    store: Any, life: Life
) -> None:
    no = rights.request_file(life.member_id)
    assert await personal_data.make_file(store, life.places.exports, _Plain(), no)
    name = rights.file_of(no, life.member_id)
    whole = life.places.exports.path(name)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(whole.read_bytes())) as made:
        assert sorted(made.namelist()) == ["data.json", "index.html"]
        text = made.read("data.json").decode()
    for mark in (OPENID, REAL, STREET, "沱江边的小雨滴", "110101199003078232"):
        assert mark in text
    assert "小丁" not in text  # a customer who agreed is shown by the masked name
    assert "老丁" not in text
    data = personal_data.read_zip(whole)
    assert set(data["sections"]) == set(personal_data.SECTIONS)
    assert [row["name"] for row in data["sections"]["customers"]] == ["小*"]
    assert not await personal_data.make_file(store, life.places.exports, _Plain(), no)


async def test_a_member_without_anything_gets_a_file_too(
    store: Any, tmp_path: Path, redis: Any
) -> None:
    me = make_member("小何")
    sections = personal_data.portrait(me)
    assert [name for name, rows in sections.items() if rows] == ["profile", "wechat"]
    assert sections["profile"][0]["nickname"] == "小何"


async def test_an_open_order_of_the_person_stops_it(store: Any, life: Life) -> None:
    no = rights.request_deletion(life.member_id, gives_up=True)
    placed_order(life.member_id)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert announce_deletions() == 0
    assert not await delete_person(store, life.places, no, life.member_id)
    assert len(members.list_addresses(life.member_id)) == 1
