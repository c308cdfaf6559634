"""Attributes of categories and what products state of them (规格参数)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from peewee import fn

from domain import audit
from domain.catalog import statements
from domain.catalog.indexing import update_search_and_price
from kernel import clock, typed
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import Attribute, Category, Product, ProductAttribute

Kind = Literal["text", "number", "choice"]
ATTRIBUTE_KINDS: tuple[Kind, ...] = get_args(Kind)
NAME_MOST, UNIT_MOST, VALUE_MOST = 20, 10, 120
OPTIONS_MOST, OPTION_MOST = 40, 24
ATTRIBUTES_MOST = 30
_FIGURE = r"\d{1,7}(?:\.\d{1,3})?"
_NUMBER = re.compile(rf"({_FIGURE})(?:-({_FIGURE}))?")
_DASHES = str.maketrans("–—−~～", "-----")


@dataclass(frozen=True)
class AttributeForm:
    """An attribute as the merchant declares it; ``options`` are those of a choice."""

    name: str
    kind: Kind = "text"
    unit: str = ""
    options: tuple[str, ...] = ()
    is_filter: bool = False
    position: int = 0


@dataclass(frozen=True)
class AttributeRow:
    """An attribute of a category; ``products`` counts those that state it."""

    id: int
    category_id: int
    form: AttributeForm
    products: int = 0

    def shown(self, value: str) -> str:
        """A value as pages show it, with its unit."""
        return f"{value}{self.form.unit}"


@dataclass(frozen=True)
class StatedAttribute:
    """An attribute that a product may state, and what it states; "" for nothing."""

    attribute: AttributeRow
    value: str

    @property
    def shown(self) -> str:
        """What it states as pages show it."""
        return self.attribute.shown(self.value) if self.value else ""

    @property
    def fact(self) -> tuple[str, str]:
        """Its name and what is stated, as pages show both."""
        return self.attribute.form.name, self.shown


def add_attribute(category_id: int, form: AttributeForm) -> int:
    """Declare an attribute for the products of a category and those below it; returns its id.

    Raises Invalid, NotFound, Conflict('attribute_exists'), LimitReached.
    """
    if not Category.select().where(Category.id == category_id).exists():
        raise NotFound("category_missing")
    if len(attributes_of(category_id)) >= ATTRIBUTES_MOST:
        raise LimitReached("too_many_attributes", limit=ATTRIBUTES_MOST)
    values = _checked(category_id, form, None)
    made = int(Attribute.insert(category=category_id, **values).execute())
    audit.record("attribute.save", "category", category_id, after=values)
    return made


def edit_attribute(category_id: int, attribute_id: int, form: AttributeForm) -> None:
    """Change an attribute of this category; what products state of it stays.

    Its kind can't change while a product states it. Raises as ``add_attribute``, and
    Conflict('attribute_stated').
    """
    before = _own(category_id, attribute_id)
    values = _checked(category_id, form, attribute_id)
    stated = ProductAttribute.select().where(ProductAttribute.attribute == attribute_id)
    if before.kind != form.kind and stated.exists():
        raise Conflict("attribute_stated", "kind")
    Attribute.update(**values).where(Attribute.id == attribute_id).execute()
    old = asdict(_form(before))
    audit.record("attribute.save", "category", category_id, before=old, after=values)


def remove_attribute(category_id: int, attribute_id: int) -> None:
    """Remove an attribute of this category, with what products state of it. Raises NotFound.

    A search finds the old values until a product is saved next.
    """
    row = _own(category_id, attribute_id)
    mine = ProductAttribute.attribute == attribute_id
    products = ProductAttribute.delete().where(mine).execute()
    Attribute.delete().where(Attribute.id == attribute_id).execute()
    facts = {"name": row.name, "products": products}
    audit.record("attribute.remove", "category", category_id, before=facts)


def attributes_of(category_id: int, *, is_own: bool = False) -> list[AttributeRow]:
    """A category's attributes in the merchant's order, those of its parent among them.

    ``is_own``: without the parent's, and each with its number of products.
    """
    ids = [category_id] if is_own else _line(category_id)
    query = Attribute.select().where(Attribute.category.in_(ids))
    rows = list(query.order_by(Attribute.position, Attribute.id))
    counts = _products_by_attribute([row.id for row in rows]) if is_own else {}
    return [row_of(row, counts.get(row.id, 0)) for row in rows]


def _products_by_attribute(attribute_ids: Sequence[int]) -> dict[int, int]:
    query: Any = ProductAttribute.select(
        ProductAttribute.attribute, fn.COUNT(ProductAttribute.id)
    ).where(ProductAttribute.attribute.in_(list(attribute_ids)))
    return {i: int(n) for i, n in query.group_by(ProductAttribute.attribute).tuples()}


def row_of(row: Any, products: int = 0) -> AttributeRow:
    """The attribute in a row of its table."""
    return AttributeRow(row.id, row.category_id, _form(row), products)


def stated_by(product_id: int) -> list[StatedAttribute]:
    """The attributes of a product's category, and what it states of each. Raises NotFound."""
    product = _product(product_id)
    query = ProductAttribute.select().where(ProductAttribute.product == product_id)
    values = {row.attribute_id: row.value for row in query}
    return [
        StatedAttribute(each, values.get(each.id, ""))
        for each in attributes_of(product.category_id)
    ]


def facts_of(product_id: int) -> tuple[tuple[str, str], ...]:
    """What the product page shows as 规格参数: (name, value with its unit)."""
    rows = statements.attributes_of_product.all(product_id)
    return tuple((row.name, f"{row.value}{row.unit}") for row in rows)


def set_attributes(product_id: int, values: Mapping[int, str], version: int | None = None) -> None:
    """Set what a product states of its category's attributes; an empty value takes it away.

    ``version`` prevents a lost update. Raises NotFound, Conflict('product_moved'), and Invalid at
    the field ``attr-{id}``.
    """
    before = _product(product_id)
    known = {each.attribute.id: each for each in stated_by(product_id)}
    kept = {
        attribute_id: value
        for attribute_id, text in values.items()
        if attribute_id in known and (value := checked_value(known[attribute_id], text))
    }
    wanted = (Product.id == product_id) & (
        Product.version == (before.version if version is None else version)
    )
    raised = Product.update(version=Product.version + 1, updated_at=clock.now())
    if raised.where(wanted).execute() != 1:
        raise Conflict("product_moved")
    _keep(product_id, list(known), kept)
    names = {each.attribute.id: each.attribute.form.name for each in known.values()}
    audit.record(
        "product.attributes", "product", product_id,
        before={each.attribute.form.name: each.value for each in known.values() if each.value},
        after={names[attribute_id]: value for attribute_id, value in kept.items()},
    )  # fmt: skip


def carry_attributes(product_id: int, category_id: int) -> None:
    """A product moves to another category: what it states is kept where the name is the same."""
    own = {(each.form.name, each.form.kind): each.id for each in attributes_of(category_id)}
    query: Any = ProductAttribute.select(ProductAttribute, Attribute).join(Attribute)
    rows = list(query.where(ProductAttribute.product == product_id))
    kept = {
        own[key]: row.value
        for row in rows
        if (key := (row.attribute.name, row.attribute.kind)) in own
    }
    _keep(product_id, [row.attribute_id for row in rows], kept)


def _keep(product_id: int, gone: Sequence[int], kept: Mapping[int, str]) -> None:
    old = (ProductAttribute.product == product_id) & ProductAttribute.attribute.in_(list(gone))
    ProductAttribute.delete().where(old).execute()
    rows = [
        {"product": product_id, "attribute": attribute_id, "value": value}
        for attribute_id, value in kept.items()
    ]
    if rows:
        ProductAttribute.insert_many(rows).execute()
    update_search_and_price(product_id)


def checked_value(stated: StatedAttribute, text: str) -> str:
    """A value in the form in which it is kept; "" for nothing. Raises Invalid."""
    form, field = stated.attribute.form, f"attr-{stated.attribute.id}"
    value = typed.words(text, VALUE_MOST, field).replace("\n", " ")
    if not value or value == stated.value:
        return value
    if form.kind == "number":
        return _number(value, form.unit, field)
    if form.kind == "choice" and value not in form.options:
        raise Invalid("choice_unknown", field)
    return value


def _number(text: str, unit: str, field: str) -> str:
    """'５２ %vol' → '52'; '42–53' → '42-53'. Raises Invalid('attribute_number_bad')."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split()).lower()
    folded = "".join(unicodedata.normalize("NFKC", unit).split()).lower()
    found = _NUMBER.fullmatch(plain.removesuffix(folded))
    if found is None:
        raise Invalid("attribute_number_bad", field)
    return "-".join(_plain(each) for each in found.groups() if each)


def _plain(figure: str) -> str:
    whole, _, part = figure.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def _checked(category_id: int, form: AttributeForm, attribute_id: int | None) -> dict[str, Any]:
    name, unit = form.name.strip(), form.unit.strip()
    if not name or len(name) > NAME_MOST:
        raise Invalid("attribute_name_bad", "name", limit=NAME_MOST)
    if form.kind not in ATTRIBUTE_KINDS:
        raise Invalid("choice_unknown", "kind")
    if len(unit) > UNIT_MOST:
        raise Invalid("text_too_long", "unit", limit=UNIT_MOST)
    options = list(dict.fromkeys(form.options)) if form.kind == "choice" else []
    if form.kind == "choice" and not options:
        raise Invalid("options_missing", "options")
    if len(options) > OPTIONS_MOST or any(len(each) > OPTION_MOST for each in options):
        raise Invalid("options_bad", "options", limit=OPTIONS_MOST, length=OPTION_MOST)
    family = _line(category_id) + _below(category_id)
    same = Attribute.category.in_(family) & (Attribute.name == name)
    if Attribute.select().where(same, Attribute.id != attribute_id).exists():
        raise Conflict("attribute_exists", "name")
    return {
        "name": name, "kind": form.kind, "unit": unit if form.kind == "number" else "",
        "options": options, "is_filter": form.is_filter, "position": form.position,
    }  # fmt: skip


def _line(category_id: int) -> list[int]:
    """A category and the one above it."""
    row = Category.get_or_none(Category.id == category_id)
    above = row.parent_id if row is not None else None
    return [category_id] if above is None else [above, category_id]


def _below(category_id: int) -> list[int]:
    return [row.id for row in Category.select().where(Category.parent_id == category_id)]


def _form(row: Any) -> AttributeForm:
    return AttributeForm(
        row.name, row.kind, row.unit, tuple(row.options or ()), row.is_filter, row.position
    )


def _own(category_id: int, attribute_id: int) -> Any:
    mine = (Attribute.id == attribute_id) & (Attribute.category == category_id)
    row = Attribute.get_or_none(mine)
    if row is None:
        raise NotFound("attribute_missing")
    return row


def _product(product_id: int) -> Any:
    row = Product.get_or_none(Product.id == product_id)
    if row is None:
        raise NotFound("product_missing")
    return row
