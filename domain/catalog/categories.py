"""Categories in two levels (分类): verbs, and what shoppers and the merchant read of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peewee import fn

from domain import audit
from domain.catalog import statements
from domain.catalog.events import CategoryRenamed
from domain.catalog.pictures import PictureRef, picture_of, pictures
from kernel import events
from kernel.errors import Conflict, Invalid, NotFound
from models import Category, Picture, Product

NAME_MOST = 24


@dataclass(frozen=True)
class CategoryForm:
    """A category as the merchant enters it; ``picture`` is a picture's content id, or ""."""

    name: str
    parent_id: int | None = None
    picture: str = ""
    position: int = 0
    is_hidden: bool = False


@dataclass(frozen=True)
class CategoryView:
    """A category as shoppers see it; one below another has its ``parent_id``."""

    id: int
    name: str
    parent_id: int | None = None
    picture: PictureRef | None = None


@dataclass(frozen=True)
class CategoryRow:
    """A category as the merchant changes it; ``products`` counts its own."""

    id: int
    form: CategoryForm
    products: int
    version: int
    picture: PictureRef | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.form.name


def add_category(form: CategoryForm) -> int:
    """Add a category; returns its id. Raises Invalid, Conflict('category_exists')."""
    values = _checked(form, None)
    category_id = int(Category.insert(**values).execute())
    audit.record("category.save", "category", category_id, after=values)
    return category_id


def edit_category(category_id: int, form: CategoryForm, version: int | None = None) -> None:
    """Change a category. ``version`` prevents a lost update.

    Raises Invalid, NotFound, Conflict('category_exists', 'category_moved').
    """
    before = _row(category_id)
    values = _checked(form, category_id)
    wanted = (Category.id == category_id) & (
        Category.version == (before.version if version is None else version)
    )
    changed = values | {"version": Category.version + 1}
    if Category.update(**changed).where(wanted).execute() != 1:
        raise Conflict("category_moved")
    old = asdict(_form(before))
    audit.record("category.save", "category", category_id, before=old, after=values)
    events.publish(CategoryRenamed(category_id))


def list_shown_categories() -> list[CategoryView]:
    """The categories that shoppers see, in the merchant's order, each parent before its own."""
    rows = statements.shown_categories.all()
    known = {row.id for row in rows}
    found = [
        CategoryView(row.id, row.name, row.parent_id, picture_of(row))
        for row in rows
        if row.parent_id is None or row.parent_id in known
    ]
    return _as_tree(found)


def list_categories() -> list[CategoryRow]:
    """All categories, each with its number of products, each parent before its own."""
    counted: Any = Product.select(Product.category, fn.COUNT(Product.id))
    counts = dict(counted.group_by(Product.category).tuples())
    rows = list(Category.select().order_by(Category.position, Category.id))
    shown = pictures(row.picture for row in rows if row.picture)
    return _as_tree([
        CategoryRow(
            row.id, _form(row), int(counts.get(row.id, 0)), row.version, shown.get(row.picture)
        )
        for row in rows
    ])  # fmt: skip


def category_detail(category_id: int) -> CategoryRow:
    """A category for its editing page. Raises NotFound."""
    found = next((each for each in list_categories() if each.id == category_id), None)
    if found is None:
        raise NotFound("category_missing")
    return found


def shown_category(category_id: int) -> CategoryView:
    """A category that shoppers see. Raises NotFound."""
    found = next((each for each in list_shown_categories() if each.id == category_id), None)
    if found is None:
        raise NotFound("category_missing")
    return found


def ids_below(category_id: int) -> list[int]:
    """A category and those shown below it, whose products its shelf has."""
    return [category_id, *(row.id for row in statements.shown_below.all(category_id))]


def _checked(form: CategoryForm, category_id: int | None) -> dict[str, Any]:
    """The columns of a valid category."""
    name = form.name.strip()
    if not name or len(name) > NAME_MOST:
        raise Invalid("category_name_bad", "name", limit=NAME_MOST)
    if Category.select().where(Category.name == name, Category.id != category_id).exists():
        raise Conflict("category_exists", "name")
    if form.picture and not Picture.select().where(Picture.digest == form.picture).exists():
        raise Invalid("picture_missing", "picture")
    if form.parent_id is not None:
        _check_parent(form.parent_id, category_id)
    return {
        "name": name, "parent_id": form.parent_id, "picture": form.picture,
        "position": form.position, "is_hidden": form.is_hidden,
    }  # fmt: skip


def _check_parent(parent_id: int, category_id: int | None) -> None:
    """A parent is of the first level, and a category with others below it has none."""
    parent = Category.get_or_none(Category.id == parent_id)
    if parent is None or parent_id == category_id:
        raise Invalid("category_missing", "parent_id")
    has_below = Category.select().where(Category.parent_id == category_id).exists()
    if parent.parent_id is not None or (category_id is not None and has_below):
        raise Invalid("category_too_deep", "parent_id")


def _form(row: Any) -> CategoryForm:
    return CategoryForm(row.name, row.parent_id, row.picture, row.position, row.is_hidden)


def _as_tree(found: Iterable[Any]) -> list[Any]:
    """Each of the first level, followed by those below it; the order is kept."""
    found = list(found)
    below: dict[int, list[Any]] = {}
    for each in found:
        if (parent_id := _parent_of(each)) is not None:
            below.setdefault(parent_id, []).append(each)
    tops = [each for each in found if _parent_of(each) is None]
    return [one for top in tops for one in (top, *below.get(top.id, ()))]


def _parent_of(each: CategoryView | CategoryRow) -> int | None:
    return each.form.parent_id if isinstance(each, CategoryRow) else each.parent_id


def _row(category_id: int) -> Any:
    row = Category.get_or_none(Category.id == category_id)
    if row is None:
        raise NotFound("category_missing")
    return row
