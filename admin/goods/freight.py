"""运费模板: templates with their rows by region, and the products that have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.forms import FormSpec, Present
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, ask_of, nothing
from admin.kit.wanted import Filter, Wanted
from admin.web import id_of, page, read
from admin.words import FREIGHT_BASIS, FREIGHT_KIND, PRODUCT
from domain import catalog, freight
from domain.catalog import ProductRow
from domain.freight import BASES, DAYS_MOST, UNITS_MOST, RowForm, TemplateForm, TemplateView
from kernel.errors import NotFound
from kernel.money import yuan
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/freight"
ROW = r"{row:\d{1,18}}"
RIGHT, SEES, GIVES = "settings.edit", "settings.see", "products.edit"
MOVED = frozenset({"freight_moved"})
_BETWEEN = re.compile(r"[\s,，、;；/]+")


class NewTemplate(NamedTuple):
    """The typed values of a template and its row for everywhere."""

    said: TemplateForm
    base: RowForm


def _basis(form: Form) -> Any:
    return form.choice("basis", BASES)


def _said(form: Form) -> TemplateForm:
    return TemplateForm(form.text("name", most=30), _basis(form))


def _row(form: Form) -> RowForm:
    """The typed values of a row; what its units are is said by the template's basis."""
    kind = form.choice("kind", tuple(FREIGHT_KIND))
    names = tuple(word for word in _BETWEEN.split(form.raw("places")) if word)
    if kind == "none":
        return RowForm("none", names)
    is_amount = _basis(form) == "amount"

    def units(name: str, least: int) -> int:
        if is_amount:
            return form.fen(name, least=least, most=UNITS_MOST)
        return form.count(name, least=least, most=UNITS_MOST)

    free = form.fen("free_from") if form.raw("free_from") else None
    return RowForm(
        kind=kind,  # type: ignore[arg-type]
        places=() if kind == "base" else names,
        first_units=units("first_units", 1),
        first_fen=form.fen("first_fen", most=100_000_00),
        next_units=units("next_units", 0),
        next_fen=form.fen("next_fen", most=100_000_00),
        free_from_fen=free,
        days_from=form.count("days_from", least=0, most=DAYS_MOST, default=0),
        days_to=form.count("days_to", least=0, most=DAYS_MOST, default=0),
    )


def _new(form: Form) -> NewTemplate:
    return NewTemplate(_said(form), _row(form))


def add(_: Ask, it: NewTemplate, __: int) -> int:
    """Add a template with its row for everywhere."""
    return freight.add_template(it.said, it.base)


def edit(ask: Ask, said: TemplateForm, version: int) -> None:
    """Change a template's name and basis."""
    freight.edit_template(ask.id, said, version)


def add_row(ask: Ask, form: RowForm, version: int) -> None:
    """Add a row for regions to a template."""
    freight.save_row(ask.id, form, version)


def edit_row(ask: Ask, form: RowForm, version: int) -> None:
    """Change a row of a template."""
    freight.save_row(ask.id, form, version, ask.number("row"))


@routes.get("/freight")
@requires(SEES)
async def index(request: web.Request) -> web.StreamResponse:
    """All templates with their rows."""
    found = await read(request, freight.list_templates)
    return await page(request, "admin/goods/freight.html", templates=found, w_rows=_line)


@routes.get("/freight/new")
@requires(RIGHT)
async def new(request: web.Request) -> web.StreamResponse:
    """The form for a new template."""
    return await _show_new(request, EMPTY | {"kind": "base"}, {})


EMPTY = {
    "name": "", "basis": "count", "kind": "area", "places": "", "first_units": "1",
    "first_fen": "", "next_units": "1", "next_fen": "0", "free_from": "", "days_from": "0",
    "days_to": "0",
}  # fmt: skip


async def _show_new(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    return await page(
        request, "admin/goods/freight_form.html", status=422 if errors else 200, values=values,
        errors=errors, title="新建运费模板", action=URL, found=None, is_new=True,
    )  # fmt: skip


@routes.get(f"/freight/{ID}")
@requires(SEES)
async def detail(request: web.Request) -> web.StreamResponse:
    """A template: its rows, and its name to change."""
    found = await read(request, freight.template, id_of(request))
    return await _show_edit(request, dict(_texts(found)), {}, found)


def _texts(found: TemplateView) -> dict[str, str]:
    shown = Present({"name": found.name, "basis": found.basis}, found.version, {})
    return {**shown.values, **shown.carried}


async def _show_edit(
    request: web.Request, values: dict[str, str], errors: dict[str, str],
    found: TemplateView | None = None,
) -> web.StreamResponse:  # fmt: skip
    found = found or await read(request, freight.template, id_of(request))
    return await page(
        request, "admin/goods/freight_template.html", status=422 if errors else 200,
        values=values, errors=errors, found=found, w_rows=_line,
    )  # fmt: skip


@routes.get(f"/freight/{ID}/rows/new")
@requires(RIGHT)
async def new_row(request: web.Request) -> web.StreamResponse:
    """The form for a row for regions."""
    shown = await read(request, _present_new_row, ask_of(request))
    return await _show_row(request, {**shown.values, **shown.carried}, {})


@routes.get(f"/freight/{ID}/rows/{ROW}")
@requires(RIGHT)
async def row(request: web.Request) -> web.StreamResponse:
    """The form for one row."""
    shown = await read(request, _present_row, ask_of(request))
    return await _show_row(request, {**shown.values, **shown.carried}, {})


async def _show_row(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, freight.template, id_of(request))
    number = request.match_info.get("row")
    return await page(
        request, "admin/goods/freight_form.html", status=422 if errors else 200,
        values=values | {"basis": found.basis}, errors=errors, found=found, is_new=False,
        title="修改运费规则" if number else "添加地区规则",
        action=f"{URL}/{found.id}/rows/{number or 'new'}",
    )  # fmt: skip


def _present(ask: Ask) -> Present:
    found = freight.template(ask.id)
    return Present({"name": found.name, "basis": found.basis}, found.version,
                   {"basis": dict(FREIGHT_BASIS)})  # fmt: skip


def _present_new_row(ask: Ask) -> Present:
    found = freight.template(ask.id)
    return Present(EMPTY | {"basis": found.basis}, found.version, {})


def _present_row(ask: Ask) -> Present:
    found = freight.template(ask.id)
    view = next((each for each in found.rows if each.id == ask.number("row")), None)
    if view is None:
        raise NotFound("freight_row_missing")
    one, is_amount = view.row, found.basis == "amount"
    free = one.free_from_fen
    values = {
        "basis": found.basis,
        "kind": view.kind,
        "places": "、".join(view.places),
        "first_units": yuan(one.first_units) if is_amount else str(one.first_units),
        "first_fen": yuan(one.first_fen),
        "next_units": yuan(one.next_units) if is_amount else str(one.next_units),
        "next_fen": yuan(one.next_fen),
        "free_from": "" if free is None else yuan(free),
        "days_from": str(one.days_from),
        "days_to": str(one.days_to),
    }
    return Present(values, found.version, {"kind": dict(FREIGHT_KIND)})


def _line(template: TemplateView, view: Any) -> str:
    """A row in one line: 首 1 件 ¥8，每加 1 件 ¥2，满 ¥199 包邮，2–4 天送达."""
    one, basis = view.row, template.basis
    if view.kind == "none":
        return "不配送"

    def units(number: int) -> str:
        said = {"count": f"{number} 件", "weight": f"{number} 克"}
        return said.get(basis) or f"¥{yuan(number)}"

    parts = [f"首 {units(one.first_units)} ¥{yuan(one.first_fen)}"]
    if one.next_units and one.next_fen:
        parts.append(f"每加 {units(one.next_units)} ¥{yuan(one.next_fen)}")
    if one.free_from_fen is not None:
        parts.append(f"满 ¥{yuan(one.free_from_fen)} 包邮")
    if one.days_to:
        parts.append(f"{one.days_from}–{one.days_to} 天送达")
    return "，".join(parts)


def set_default(ask: Ask, _: None) -> str:
    """Make a template the shop's default."""
    freight.make_default(ask.id)
    return "已设为默认模板，没有指定模板的商品按它计算"


def unset_default(_: Ask, __: None) -> str:
    """Have no default template; the flat fee of the settings counts again."""
    freight.make_default(None)
    return "已取消默认模板，没有指定模板的商品按统一运费计算"


def remove(ask: Ask, _: None) -> str:
    """Remove a template that nothing uses."""
    freight.remove_template(ask.id)
    return "模板已删除"


def remove_row(ask: Ask, _: None) -> str:
    """Remove a row for regions."""
    freight.remove_row(ask.id, ask.number("row"))
    return "规则已删除"


def give(ask: Ask, template_id: int) -> str:
    """Give a product a template, or the shop's default."""
    freight.set_template([ask.id], template_id or None)
    return "商品的运费模板已更换"


def _given(form: Form) -> int:
    return form.integer("template", least=0, most=10**18, default=0)


@dataclass(frozen=True)
class GoodsRow:
    """A product with the template that it has; "" is the shop's default."""

    product: ProductRow
    template: str
    choices: tuple[tuple[int, str], ...]


def find(wanted: Wanted) -> Sequence[GoodsRow]:
    """Products, newest first, with their templates."""
    found = catalog.list_products(words=wanted.text("q"), sort=wanted.sort, limit=wanted.limit)
    names = freight.template_names(product.id for product in found)
    choices = tuple((each.id, each.name) for each in freight.list_templates())
    return [GoodsRow(product, names.get(product.id, ""), choices) for product in found]


LIST = ListSpec[GoodsRow](
    query=find,
    key=lambda row: row.product.id,
    columns=(
        cols.text("商品", lambda row: row.product.title),
        cols.text("分类", lambda row: row.product.category.name),
        cols.state("状态", PRODUCT, lambda row: row.product.state),
        cols.text("运费模板", lambda row: row.template or "默认"),
        cols.part("更换", "admin/goods/_freight_step.html", lambda row: "", in_file=False),
    ),
    unit="件",
    note="按重量计算的模板用商品规格里的重量",
    href=lambda row: f"/admin/products/{row.product.id}",
    filters=(Filter("q", "名称 / 规格 / 标签", is_wide=True),),
    empty=Empty("没有商品", "新建商品后可以在这里指定运费模板。"),
    has_file=True,
)
ADD = FormSpec(
    "/freight", RIGHT, _new, add, _show_new, "运费模板已保存", URL + "/{new}", fresh=True
)
EDIT = FormSpec(
    f"/freight/{ID}", RIGHT, _said, edit, _show_edit, "运费模板已保存", URL + "/{id}",
    present=_present, moved=MOVED, fresh=True,
)  # fmt: skip
ADD_ROW = FormSpec(
    f"/freight/{ID}/rows/new", RIGHT, _row, add_row, _show_row, "规则已保存", URL + "/{id}",
    present=_present_new_row, moved=MOVED, fresh=True,
)  # fmt: skip
EDIT_ROW = FormSpec(
    f"/freight/{ID}/rows/{ROW}", RIGHT, _row, edit_row, _show_row, "规则已保存", URL + "/{id}",
    present=_present_row, moved=MOVED, fresh=True,
)  # fmt: skip
STEPS = (
    Step("/freight/default/none", RIGHT, unset_default, URL, nothing, fresh=True),
    Step(f"/freight/{ID}/default", RIGHT, set_default, URL + "/{id}", nothing, fresh=True),
    Step(
        f"/freight/{ID}/remove",
        RIGHT,
        remove,
        URL + "/{id}",
        nothing,
        word="删除",
        done_at=URL,
        fresh=True,
    ),
    Step(
        f"/freight/{ID}/rows/{ROW}/remove", RIGHT, remove_row, URL + "/{id}", nothing, fresh=True
    ),
    Step(f"/freight/goods/{ID}", GIVES, give, "/admin/freight/goods", _given),
)
FORMS = (ADD, EDIT, ADD_ROW, EDIT_ROW)
