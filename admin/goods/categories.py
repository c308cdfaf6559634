"""分类: the categories of the mall in two levels, and the attributes of their products."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import ID, Ask, Step, nothing
from admin.picture_fields import PictureNames, picture_of
from admin.uploads import WithPicture
from admin.web import id_of, page, read
from domain import audit, catalog
from domain.catalog import ATTRIBUTE_KINDS, AttributeForm, CategoryForm, CategoryRow
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/categories"
EDIT = "products.edit"
ONE = f"/categories/{ID}"
ATTRIBUTE = ONE + r"/attributes/{attribute:\d{1,18}}"
HERE = f"{URL}/{{id}}"


@routes.get("/categories")
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All categories with their numbers of products."""
    found = await read(request, catalog.list_categories)
    return await page(
        request, "admin/goods/categories.html", categories=found, parents=_parents(found, 0)
    )


@routes.get(ONE)
@requires("products.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """A category and the attributes of its products."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request), values.get("picture"))
    return await page(
        request,
        "admin/goods/category.html",
        status=422 if errors else 200,
        errors=errors,
        **(found | {"values": values or found["values"]}),
    )


def _load(category_id: int, picture: str | None) -> dict[str, Any]:
    found = catalog.list_categories()
    category = catalog.category_detail(category_id)
    shown = category.form.picture if picture is None else picture
    above = next((each for each in found if each.id == category.form.parent_id), None)
    return {
        "category": category, "above": above, "parents": _parents(found, category_id),
        "attributes": catalog.attributes_of(category_id, is_own=True),
        "inherited": catalog.attributes_of(above.id, is_own=True) if above else [],
        "picture": catalog.pictures([shown] if shown else []).get(shown),
        "values": _values(category) | _present_of(category).carried,
        "log": audit.timeline("category", category_id, limit=12),
    }  # fmt: skip


def _parents(found: list[CategoryRow], category_id: int) -> list[tuple[int, str]]:
    """The categories below which one may be put."""
    tops = (each for each in found if each.form.parent_id is None and each.id != category_id)
    return [(each.id, each.name) for each in tops]


def _values(category: CategoryRow) -> dict[str, str]:
    form = category.form
    return {
        "name": form.name, "parent_id": str(form.parent_id or ""), "picture": form.picture,
        "position": str(form.position), "is_hidden": "1" if form.is_hidden else "",
    }  # fmt: skip


def _present_of(category: CategoryRow) -> Present:
    parents = {str(each): name for each, name in _parents(catalog.list_categories(), category.id)}
    names = {"parent_id": parents, "picture": PictureNames(), "is_hidden": {"1": "是", "": "否"}}
    return Present(_values(category), category.version, names)


def _present(ask: Ask) -> Present:
    return _present_of(catalog.category_detail(ask.id))


def _category(form: Form) -> CategoryForm:
    """The typed values of a category."""
    return CategoryForm(
        name=form.public("name", most=24),
        parent_id=form.integer("parent_id", least=0, most=10**15, default=0) or None,
        picture=picture_of(form),
        position=form.count("position", least=-10_000, most=10_000, default=0),
        is_hidden=form.flag("is_hidden"),
    )


def create(_: Ask, it: CategoryForm) -> str:
    """Add a category."""
    catalog.add_category(it)
    return "分类已保存"


def change(ask: Ask, it: CategoryForm, version: int) -> None:
    """Change a category's name, place, picture, and whether shoppers see it."""
    catalog.edit_category(ask.id, it, version)


class Declared(NamedTuple):
    """The typed values of an attribute."""

    form: AttributeForm


def _attribute(form: Form) -> Declared:
    words = form.publish("options", form.raw("options").replace("，", " ").replace("、", " "))
    return Declared(AttributeForm(
        name=form.public("name", most=20),
        kind=form.choice("kind", ATTRIBUTE_KINDS),
        unit=form.public("unit", most=10, required=False),
        options=tuple(words.split()),
        is_filter=form.flag("is_filter"),
        position=form.count("position", least=-10_000, most=10_000, default=0),
    ))  # fmt: skip


def declare(ask: Ask, it: Declared) -> str:
    """Declare an attribute for the products of a category."""
    catalog.add_attribute(ask.id, it.form)
    return f"规格参数“{it.form.name}”已添加"


def redeclare(ask: Ask, it: Declared) -> str:
    """Change an attribute of a category."""
    catalog.edit_attribute(ask.id, ask.number("attribute"), it.form)
    return f"规格参数“{it.form.name}”已保存"


def drop(ask: Ask, _: None) -> str:
    """Remove an attribute with what products state of it."""
    catalog.remove_attribute(ask.id, ask.number("attribute"))
    return "规格参数已移除"


STEPS = (
    Step("/categories", EDIT, create, URL, _category, once=True),
    Step(f"{ONE}/attributes", EDIT, declare, f"{HERE}#attributes", _attribute, once=True),
    Step(ATTRIBUTE, EDIT, redeclare, f"{HERE}#attributes", _attribute),
    Step(f"{ATTRIBUTE}/remove", EDIT, drop, f"{HERE}#attributes", nothing, word="移除"),
)
SAVE = WithPicture(FormSpec[CategoryForm](
    ONE, EDIT, _category, change, _page, "分类已保存", HERE,
    present=_present, moved=frozenset({"category_moved"}),
))  # fmt: skip
