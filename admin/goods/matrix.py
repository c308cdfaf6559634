"""规格表: up to three specifications of a product, and a row for each combination that is sold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from aiohttp import web

from admin import confirming
from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import ID, Ask
from admin.web import id_of, page, read
from domain import catalog
from domain.catalog import Choices, Matrix, MatrixRow, MatrixSku, Spec
from kernel.money import yuan, yuan_grouped
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
ONE = f"/products/{ID}/matrix"
COST = "products.cost"
SPECS = (1, 2, 3)
ROWS_MOST = 400
SHOWN_MOST = 120
MOST_FEN = 100_000_000
_BETWEEN = re.compile(r"[\n、，,；;]+")


class Typed(NamedTuple):
    """The typed specifications and the ticked combinations."""

    specs: tuple[Spec, ...]
    rows: tuple[MatrixRow, ...]


class Row(NamedTuple):
    """A combination as the page shows it: its place, its fields, and the SKU that stands."""

    place: int
    choices: Choices
    fields: Mapping[str, str]
    sku: MatrixSku | None

    @property
    def key(self) -> str:
        """The combination in its hidden field."""
        return _key(self.choices)


@routes.get(ONE)
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The matrix as it stands."""
    return await _page(request, {}, {})


@routes.post(f"{ONE}/combine")
@requires("products.edit")
async def combine(request: web.Request) -> web.StreamResponse:
    """The typed values with a row for each of their combinations; nothing is saved."""
    form = await read_form(request)
    return await _page(request, form.values, {})


async def _page(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request), values)
    status = 422 if errors else 200
    return await page(request, "admin/goods/matrix.html", status=status, errors=errors, **found)


def _load(product_id: int, typed: Mapping[str, str]) -> dict[str, Any]:
    product = catalog.product_detail_for_merchant(product_id)
    matrix = catalog.matrix_of(product_id)
    present = _present_of(matrix)
    values = typed or {**present.values, **present.carried}
    specs = _specs_in(values)
    rows = _rows(values, specs, matrix)
    return {
        "product": product, "values": values, "specs_most": SPECS, "specs": specs,
        "columns": [(spec.name or "规格", "") for spec in specs],
        "rows": rows[:SHOWN_MOST], "too_many": len(rows) if len(rows) > SHOWN_MOST else 0,
    }  # fmt: skip


def _rows(values: Mapping[str, str], specs: Sequence[Spec], matrix: Matrix) -> list[Row]:
    """A row for each combination: as it was typed, else as the SKU stands, else an empty one."""
    typed = {values[f"c{n}"]: n for n in range(ROWS_MOST) if values.get(f"c{n}")}
    known = {each.row.choices: each for each in matrix.skus}
    found = []
    for place, choices in enumerate(catalog.combinations(specs)[: SHOWN_MOST + 1]):
        at, sku = typed.get(_key(choices)), known.get(choices)
        if at is not None:
            stands = _fields_of(sku.row) if sku else _EMPTY
            fields = {n: values.get(f"{n}{at}", stands[n] if n == "cost" else "") for n in _FIELDS}
        else:
            fields = _fields_of(sku.row) if sku else _EMPTY
        found.append(Row(place, choices, fields, sku))
    return found


_FIELDS = ("on", "price", "cost", "stock", "code", "low", "weight")
_EMPTY = {"on": "1", "price": "", "cost": "", "stock": "0", "code": "", "low": "10",
          "weight": "0"}  # fmt: skip


def _fields_of(row: MatrixRow) -> dict[str, str]:
    return {
        "on": "1", "price": yuan(row.price_fen),
        "cost": "" if row.cost_fen is None else yuan(row.cost_fen), "stock": "",
        "code": row.code, "low": str(row.low_stock), "weight": str(row.weight_g),
    }  # fmt: skip


def _present_of(matrix: Matrix) -> Present:
    values: dict[str, str] = {}
    for n in SPECS:
        spec = matrix.specs[n - 1] if n <= len(matrix.specs) else None
        values[f"spec{n}_name"] = spec.name if spec else ""
        values[f"spec{n}_values"] = "、".join(spec.values) if spec else ""
    known = {each.row.choices: each.row for each in matrix.skus}
    for place, choices in enumerate(catalog.combinations(matrix.specs)):
        row = known.get(choices)
        fields = _fields_of(row) if row else _EMPTY | {"on": ""}
        values[f"c{place}"] = _key(choices)
        values |= {f"{name}{place}": text for name, text in fields.items() if name != "cost"}
    return Present(values, matrix.version, {})


def _present(ask: Ask) -> Present:
    return _present_of(catalog.matrix_of(ask.id))


def _specs_in(values: Mapping[str, str]) -> tuple[Spec, ...]:
    """The specifications that have values; the only one may be without a name."""
    found = [
        Spec(values.get(f"spec{n}_name", "").strip(), _parted(values.get(f"spec{n}_values", "")))
        for n in SPECS
    ]
    used = [spec for spec in found if spec.values or spec.name]
    return tuple(used) or (Spec("", ("",)),)


def _parted(text: str) -> tuple[str, ...]:
    return tuple(part for each in _BETWEEN.split(text) if (part := each.strip()))


def _key(choices: Choices) -> str:
    return json.dumps(list(choices), ensure_ascii=False)


def _typed(form: Form) -> Typed:
    """The typed matrix; only ticked rows are read."""
    for n in SPECS:
        form.public(f"spec{n}_name", most=12, required=False)
        form.public_prose(f"spec{n}_values", most=600, required=False)
    specs = _specs_in(form.values)
    keys = {_key(choices): choices for choices in catalog.combinations(specs)[:ROWS_MOST]}
    rows = [
        _row(form, n, keys.get(form.raw(f"c{n}"), ()))
        for n in range(ROWS_MOST)
        if form.raw(f"c{n}") and form.flag(f"on{n}")
    ]
    return Typed(specs, tuple(rows))


def _row(form: Form, n: int, choices: Choices) -> MatrixRow:
    return MatrixRow(
        choices=choices,
        price_fen=form.fen(f"price{n}", most=MOST_FEN),
        cost_fen=form.fen(f"cost{n}", most=MOST_FEN) if form.raw(f"cost{n}") else None,
        stock=form.count(f"stock{n}", least=0, most=10_000_000) if form.raw(f"stock{n}") else 0,
        code=form.text(f"code{n}", most=40, required=False),
        low_stock=form.count(f"low{n}", least=0, most=1_000_000, default=10),
        weight_g=form.count(f"weight{n}", least=0, most=1_000_000, default=0),
    )


async def _look(request: web.Request, form: Form, it: Typed) -> web.StreamResponse | None:
    """The page that asks to confirm prices of 0 and large changes, if there are any."""
    if confirming.wants_edit(form):
        return await _page(request, form.values, {})
    matrix = await read(request, catalog.matrix_of, id_of(request))
    old = {each.row.choices: each.row.price_fen for each in matrix.skus}
    large = [
        (row, before) for row in it.rows
        if catalog.is_large_price_change(before := old.get(row.choices), row.price_fen)
    ]  # fmt: skip
    total = sum(row.price_fen for row, _ in large)
    if not large or confirming.confirmed_fen(form) == total:
        return None
    facts = [
        (row.text or "默认规格", f"¥{yuan_grouped(row.price_fen)}"
         + (f"（原 ¥{yuan_grouped(before)}）" if before is not None else ""))
        for row, before in large
    ]  # fmt: skip
    look = confirming.ConfirmPage(
        "核对售价", f"{len(large)} 个规格的售价变化较大", facts, "确认这些售价", "",
        "请核对小数点；0 元的规格可以直接下单，不用付款。",
    )  # fmt: skip
    return await confirming.confirm_page(request, form, total, look)


def save(ask: Ask, it: Typed, version: int) -> None:
    """Save the matrix; a cost is kept only from who may see costs."""
    rows = it.rows if ask.who.may(COST) else [replace(row, cost_fen=None) for row in it.rows]
    catalog.save_matrix(ask.id, it.specs, rows, version)


SAVE = FormSpec[Typed](
    ONE, "products.edit", _typed, save, _page, "规格表已保存", "/admin/products/{id}#skus",
    present=_present, moved=frozenset({"product_moved"}), look=_look,
)  # fmt: skip
