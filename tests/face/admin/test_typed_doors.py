"""Every field for numbers and texts: what was typed is stored exactly, or refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from admin.shop.settings_fields import GROUPS, Field, Group, field_texts
from domain import payouts, settings
from kernel import typed
from kernel.errors import Invalid
from models import Category, CommissionRule, Sku, Staff, StockMove
from tests.face.desk import Desk
from tests.factories.catalog import make_product
from tests.harness.markup import count_of, lines_of

AMOUNTS = (
    "12.5", "１２。５０元", "￥1,000", "1.2万", "10块5", "0", "0.01", "99,9", "1,50", ",5",
    "1,0000", "1 000", "1e3", "-5", "+5", ".5", "5.", "1.2.3", "0.001", "NaN", "inf",
    "$5", "ten", "一百",
    "٣", "²", "9" * 30, "元", "20%", "\u200b7\u00a0", "5-10",
)  # fmt: skip
COUNTS = (
    "12", "１２", "1,000", "12件", "1.2万", "0", "7\u200b", "1,00", "1.5", "2.0", "-5", "+5",
    "1e1", "２箱", "三", "٣", "²", "9" * 30, "", "0x10", "1 0", "NaN", "5.", "２",
)  # fmt: skip
RATES = (
    "20", "20%", "２０％", "12.5", "百分之5", "0.2", "100", "100.01", "-1", "0.001", "1,5", "1e1",
    ".5", "二十", "٢٠", "", "5‰", "200", "NaN", "9" * 30,
)  # fmt: skip
READERS: dict[str, tuple[tuple[str, ...], Callable[[str], int]]] = {
    "fen": (AMOUNTS, typed.amount), "fen_or_none": (AMOUNTS, typed.amount),
    "bp": (RATES, typed.rate), "int": (COUNTS, typed.count),
}  # fmt: skip


def _meant(read: Callable[[str], int], text: str) -> int | None:
    try:
        return read(text)
    except Invalid:
        return None


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.key)
async def test_a_setting_is_what_was_typed_or_is_unchanged(desk: Desk, group: Group) -> None:
    """Some texts of each kind of number are accepted with their meaning, some are refused."""
    fields = [each for each in group.fields if each.kind in READERS]
    answers = {field.name: await _try_switch(desk, group, field) for field in fields}
    assert answers == {field.name: {303, 422} for field in fields}


async def _try_switch(desk: Desk, group: Group, field: Field) -> set[int]:
    """Type every text into one field; answers the statuses."""
    (texts, read), answers = READERS[field.kind], set()
    for text in texts:
        before = settings.get(group.switches)
        values = field_texts(group, before) | {field.name: text}
        version = str(settings.all_versions().get(group.switches.KEY, 0))
        status, page = await desk.post(f"/admin/settings/{group.key}", **values, version=version)
        after = getattr(settings.get(group.switches), field.name)
        answers.add(status)
        if status == 303:
            assert after == _meant(read, text), (field.name, text, after)
        else:
            assert status == 422, (field.name, text)
            assert after == getattr(before, field.name)
            assert count_of(page, ".error, .errors") > 0
    return answers


Door = Callable[[Desk, str], Awaitable[int | None]]


async def _price(desk: Desk, text: str) -> int | None:
    made = make_product(price_fen=77_700)
    url = f"/admin/products/{made.product_id}/skus/{made.sku_id}"
    await desk.post_seen(url, price=text, spec_text="x", low_stock="1", weight_g="0")
    kept = Sku.get_by_id(made.sku_id).price_fen
    return None if kept == 77_700 else int(kept)


async def _fixed_share(desk: Desk, text: str) -> int | None:
    count = CommissionRule.select().count()
    await desk.post("/admin/rules", scope="all", mode="fixed", share1=text)
    if CommissionRule.select().count() == count:
        return None
    row = CommissionRule.select().order_by(CommissionRule.id.desc()).get()
    return int(row.shares[0]) if row.shares else 0


async def _pool(desk: Desk, text: str) -> int | None:
    count = CommissionRule.select().count()
    await desk.post("/admin/rules", scope="all", mode="pool", pool=text, share1="1")
    if CommissionRule.select().count() == count:
        return None
    return int(CommissionRule.select().order_by(CommissionRule.id.desc()).get().pool_bp)


async def _low_stock(desk: Desk, text: str) -> int | None:
    made = make_product(price_fen=77_700)
    url = f"/admin/products/{made.product_id}/skus/{made.sku_id}"
    Sku.update(low_stock=777).where(Sku.id == made.sku_id).execute()
    await desk.post_seen(url, price="777", spec_text="x", low_stock=text, weight_g="0")
    kept = Sku.get_by_id(made.sku_id).low_stock
    return None if kept == 777 else int(kept)


async def _stock(desk: Desk, text: str) -> int | None:
    made = make_product(stock=100)
    await desk.post(f"/admin/stock/{made.sku_id}", delta=text, why="盘点")
    moved = StockMove.select().where(
        (StockMove.sku == made.sku_id) & (StockMove.reason == "adjust")
    )
    return int(moved.get().delta) if moved.count() else None


async def _position(desk: Desk, text: str) -> int | None:
    count = Category.select().count()
    await desk.post("/admin/categories", name=f"分类{count}", position=text)
    if Category.select().count() == count:
        return None
    return int(Category.select().order_by(Category.id.desc()).get().position)


DOORS: dict[str, tuple[Door, tuple[str, ...], Callable[[str], int]]] = {
    "price": (_price, AMOUNTS, typed.amount),
    "fixed_share": (_fixed_share, AMOUNTS, typed.amount),
    "pool": (_pool, RATES, typed.rate),
    "low_stock": (_low_stock, COUNTS, typed.count),
    "stock": (_stock, COUNTS, lambda text: typed.count(text, signed=True)),
    "position": (_position, COUNTS, lambda text: typed.count(text, signed=True)),
}


@pytest.mark.parametrize("name", DOORS)
async def test_a_field_is_what_was_typed_or_is_refused(desk: Desk, name: str) -> None:
    door, texts, read = DOORS[name]
    taken = 0
    for text in texts:
        kept = await door(desk, text)
        if kept is not None:
            assert kept == _meant(read, text), (name, text, kept)
            taken += 1
    assert taken >= 3


LONG: dict[str, tuple[str, dict[str, str], str, int]] = {
    "title": ("/admin/products/new", {"price": "9", "stock": "1"}, "title", 80),
    "category": ("/admin/categories", {"position": "0"}, "name", 24),
    "staff": ("/admin/staff", {"login": "newone", "roles": "owner"}, "name", 30),
    "brakes": ("/admin/brakes/stop", {}, "reason", 200),
}


@pytest.mark.parametrize("name", LONG)
async def test_a_text_that_is_too_long_is_refused_and_not_cut(desk: Desk, name: str) -> None:
    url, more, field, most = LONG[name]
    shelf = str(Category.create(name="酒", position=1).id)
    before = (Category.select().count(), Staff.select().count(), _is_stopped())
    _, text = await desk.post(url, **more, category_id=shelf, **{field: "长" * (most + 1)})
    told = lines_of(text, ".errors li") + await desk.said()
    assert f"最多 {most} 个字" in told
    assert (Category.select().count(), Staff.select().count(), _is_stopped()) == before


def _is_stopped() -> bool:
    return bool(payouts.payout_stop().is_stopped)


def test_a_domain_function_refuses_a_text_that_is_too_long(db: Any) -> None:
    from domain import catalog

    made = make_product()
    long = "长" * 201
    for refused in (
        lambda: catalog.adjust_stock(made.sku_id, 1, long),
        lambda: payouts.stop_payouts("staff:1", long),
        lambda: hire_named("x" * 31),
    ):
        with pytest.raises(Invalid) as error:
            refused()
        assert error.value.code == "text_too_long"
        assert error.value.facts["limit"] in (30, 80, 200)
    assert Sku.get_by_id(made.sku_id).stock == 100


def hire_named(name: str) -> None:
    from domain import staff

    staff.create_staff("someone", name, ("owner",), "long-enough-for-tests")
