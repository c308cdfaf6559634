"""Every list that can be sorted, by each of its columns, in both directions, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from admin.kit.columns import place_of
from admin.kit.lists import ListSpec
from kernel import clock
from kernel.store import is_sqlite
from kernel.store.sqlite import EmbeddedDatabase
from models import AfterSale, Order, Withdrawal
from tests.face.admin.test_lists import LISTS, Everything, fetch, full_shop, read_rows
from tests.face.desk import Desk
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import paid_order, placed_order
from tests.harness.markup import table_of, values_of

SORTED = [
    (key, column.sort)
    for key, (_, spec) in LISTS.items() for column in spec.columns if column.sort
]  # fmt: skip


def rows_of_every_list(desk: Desk) -> None:
    """Some dozens of rows with ties, more than a page of each list that can be sorted."""
    shop = full_shop(desk)
    case = AfterSale.get_by_id(shop.case_id)
    asked = Withdrawal.get_by_id(shop.withdrawal_id)
    now = clock.now()
    for n in range(35):
        product = make_product(f"酒{n}", price_fen=10_000 + n % 4 * 100)
        if n < 4:
            paid_order(make_member(f"b{n}"), product=product)
        placed_order(make_member(f"s{n}"), product=product)
        due = now + timedelta(hours=n % 5) if n % 3 else None
        AfterSale.create(
            case_no=f"C{n}", order=case.order_id, member=case.member_id, kind="refund_only",
            goods_fen=1, reason="late", due_at=due, created_at=now, updated_at=now,
        )  # fmt: skip
        Withdrawal.create(
            member=asked.member_id, out_bill_no=f"W{n}", state="requested", openid="o",
            gross_fen=1_000 + n % 6, requested_at=now,
        )  # fmt: skip


def test_lists_can_be_sorted() -> None:
    assert {key for key, _ in SORTED} >= {
        "orders", "products", "members", "aftersales", "withdrawals",
    }  # fmt: skip


@pytest.mark.row("B7")
async def test_each_row_is_shown_once_by_each_column_in_both_directions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Walks the pages by their links, as a person does."""
    rows_of_every_list(desk)
    for key, sort in SORTED:
        _, spec = LISTS[key]
        view = "all" if any(each.key == "all" for each in spec.views) else ""
        whole = [spec.key(row) for row in _all(spec, view, "")]
        assert len(whole) > 30, key
        for direction in ("-", ""):
            seen: list[str] = []
            path = f"/admin/{key}?view={view}&sort={direction}{sort}"
            while path:
                status, text = await desk.get(path)
                assert status == 200, path
                (head,) = LexborHTMLParser(text).css("th[aria-sort$=ending]")
                rising = head.attributes["aria-sort"] == "ascending"
                assert rising == (direction == ""), path
                seen += [row[0] for row in table_of(text)]
                path = next(iter(values_of(text, "a[rel=next]", "href")), "")
            found = _all(spec, view, f"{direction}{sort}")
            assert len(seen) == len(whole), (key, sort)
            assert sorted(spec.key(row) for row in found) == sorted(whole), (key, sort)
            values = [place_of(spec.columns, sort, row) for row in found]
            known = [each for each in values if each is not None]
            assert known == sorted(known, reverse=direction == "-"), (key, sort)
            assert values[: len(known)] == known, "those without a value come last"


def _all(spec: ListSpec[Any], view: str, sort: str) -> list[Any]:
    """Every row, read two at a time."""
    said = {"view": view, "sort": sort}
    wanted = spec.wanted(Everything(), "staff:boss", lambda name: said.get(name, ""))
    rows: list[Any] = []
    while True:
        page = list(spec.query(wanted))[:7]
        rows += page
        if len(page) < 7:
            return rows
        wanted = spec.after(wanted, page[-1])


async def test_the_order_is_kept_by_views_filters_and_the_file(desk: Desk) -> None:
    rows_of_every_list(desk)
    _, text = await desk.get("/admin/orders?view=to_ship&sort=paid")
    for link in values_of(text, "nav.views a", "href"):
        assert "sort=paid" in link
    kept = {
        node.attributes["value"]
        for node in LexborHTMLParser(text).css("form.filters input[name=sort]")
    }
    assert kept == {"paid"}
    _, body, _ = await fetch(desk, "orders", "csv", view="all", sort="paid")
    head, *rows = read_rows("csv", body)
    sums = [float(row[head.index("实付")]) for row in rows]
    assert len(sums) == Order.select().count()
    assert sums == sorted(sums)
    _, text = await desk.get("/admin/orders?view=all&sort=paid&q=ORD")
    assert len(table_of(text)) == 30
    (further,) = values_of(text, "a[rel=next]", "href")
    assert "q=ORD" in further
    assert "sort=paid" in further
    _, rest = await desk.get(further)
    first = [row[0] for row in table_of(text)]
    assert not set(first) & {row[0] for row in table_of(rest)}
    found = Order.select().where(Order.order_no.startswith("ORD")).count()
    assert len(first) + len(table_of(rest)) == found > 30


async def test_a_head_leads_from_falling_to_rising_and_back_to_the_lists_own_order(
    desk: Desk,
) -> None:
    rows_of_every_list(desk)
    path, said = "/admin/orders?view=all", []
    for _ in range(3):
        _, text = await desk.get(path)
        sorts = values_of(text, "th a.sort", "href")
        path = next(link for link in sorts if "paid" in link or _is_off(link))
        said.append(path.partition("sort=")[2])
    assert said == ["-paid", "paid", ""]


def _is_off(link: str) -> bool:
    return "sort=" not in link


async def test_an_order_that_makes_no_sense_is_the_lists_own(desk: Desk) -> None:
    rows_of_every_list(desk)
    _, plain = await desk.get("/admin/orders?view=all")
    for odd in ("sort=secret", "sort=--paid", "sort=-", "sort=paid_fen", "at=5"):
        status, text = await desk.get(f"/admin/orders?view=all&{odd}")
        assert status == 200
        assert table_of(text) == table_of(plain), odd
    for odd in (
        "sort=paid&before=7&at=x",
        "sort=paid&before=7",
        "sort=paid&at=-9&before=" + "9" * 18,
    ):
        assert (await desk.get(f"/admin/orders?view=all&{odd}"))[0] == 200


async def test_a_column_that_one_may_not_see_sorts_nothing() -> None:
    from admin.kit import columns as cols

    spec = ListSpec[Any](
        query=lambda _: (), key=int, unit="",
        columns=(cols.money("价", int, right="products.price", sort="price"),),
    )  # fmt: skip

    class Nobody(Everything):
        def may(self, right: str) -> bool:
            return False

    def said(name: str) -> str:
        return "price" if name == "sort" else ""

    assert spec.wanted(Everything(), "x", said).sort.name == "price"
    assert spec.wanted(Nobody(), "x", said).sort.name == ""


async def test_each_order_is_read_from_an_index_and_not_sorted(
    desk: Desk, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says so when it sorts: TEMP B-TREE FOR ORDER BY."""
    if not is_sqlite():
        pytest.skip("servers plan by statistics")
    asked: list[tuple[str, Any]] = []
    real = EmbeddedDatabase.execute_sql

    def noted(self: Any, sql: str, params: Any = None, *rest: Any) -> Any:
        asked.append((sql, params))
        return real(self, sql, params, *rest)

    for key, sort in SORTED:
        _, spec = LISTS[key]
        asked.clear()
        with monkeypatch.context() as patch:
            patch.setattr(EmbeddedDatabase, "execute_sql", noted)
            view = "all" if spec.views else ""
            for direction in ("-", ""):
                said = {"view": view, "sort": f"{direction}{sort}", "before": "9", "at": "9"}
                wanted = spec.wanted(
                    Everything(), "staff:boss", lambda name, said=said: said.get(name, "")
                )
                spec.query(wanted)
        plans = [
            (sql, row[3]) for sql, params in asked if "ORDER BY" in sql and "LIMIT" in sql
            for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
        ]  # fmt: skip
        assert plans, key
        assert [each for each in plans if "TEMP B-TREE" in each[1]] == [], (key, sort)
