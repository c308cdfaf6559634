"""What would come of the rows of a product sheet; nothing is changed here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain import catalog
from domain.catalog import MatrixRow, ProductForm, SkuForm, Spec, StatedAttribute
from domain.imports import Verdict
from domain.product_sheets import rules
from domain.product_sheets.goods import (
    OWN_LINE,
    Goods,
    SkuGoods,
    category_names,
    pieces,
    read_goods,
    written,
)
from kernel.errors import DomainError, Invalid
from kernel.text import number_of
from models import Product, Sku

Row = Mapping[str, str]
Change = tuple[str, str, str]
"""The name of a cell, what stands, and what it becomes."""
NEW_PRODUCT, NEW_SKU = "product", "sku"
_DIGITS = 18
_PLACES = {"skus": "spec", "spec_text": "spec", "price_fen": "price", "spec1_name": "spec_names"}


@dataclass
class PlannedSku:
    """A row that says something of a SKU; ``sku`` None makes a new one."""

    row: MatrixRow
    spec_text: str
    sku: SkuGoods | None
    is_changed: bool


@dataclass
class Plan:
    """What the rows of one product make of it; ``goods`` None makes a new one."""

    goods: Goods | None
    form: ProductForm = field(default_factory=lambda: ProductForm("", 0))
    stated: dict[int, str] = field(default_factory=dict)  # only what changes, by attribute
    specs: tuple[Spec, ...] = ()
    skus: list[PlannedSku] = field(default_factory=list)
    changes: dict[int, list[Change]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[int, DomainError] = field(default_factory=dict)
    large: set[int] = field(default_factory=set)  # rows with a large change of price

    def refuse(self, at: int, error: DomainError) -> None:
        """Keep the first error of a row."""
        self.errors.setdefault(at, error)


def group_product_rows(rows: Sequence[Row]) -> list[str]:
    """A key for each row; rows of one product have the same."""
    return _Facts(rows).keys


def check_product_rows(rows: Sequence[Row]) -> list[Verdict]:
    """What would come of each row now."""
    facts = _Facts(rows)
    found: dict[int, Verdict] = {}
    for places in facts.groups():
        plan = facts.plan(places)
        found |= {at: _verdict(plan, at) for at in places}
    return [found[at] for at in range(len(rows))]


def plan_of(rows: Sequence[Row]) -> Plan:
    """The plan of rows that belong to one product. Raises the first thing wrong with them."""
    facts = _Facts(rows)
    groups = list(facts.groups())
    if len(groups) != 1:
        raise Invalid("product_sheet_moved", "title")
    plan = facts.plan(groups[0])
    for error in plan.errors.values():
        raise error
    return plan


def _verdict(plan: Plan, at: int) -> Verdict:
    error = plan.errors.get(at)
    if error is not None:
        cell = _PLACES.get(error.field or "", error.field or "")
        known = cell if cell in rules.NAMES else ""
        facts = {k: v for k, v in error.facts.items() if isinstance(v, int | str)}
        return Verdict("wrong", error.code, known, facts)
    goods = plan.form.title or (plan.goods.form.title if plan.goods else "")
    shown: dict[str, Any] = {"goods": goods, "changes": plan.changes[at]}
    if not plan.changes[at]:
        return Verdict("known", shown=shown)
    shown |= {"mark": plan.goods.mark if plan.goods else 0, "large": at in plan.large}
    return Verdict("good", shown=shown)


class _Facts:
    """Everything that a look at some rows needs, read in a few queries."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._product_of: dict[int, int] = {}  # by SKU
        self._sku_of: dict[str, int] = {}  # by code
        self._taken: set[str] = set()  # codes of SKUs that were taken off
        self._read_skus()
        said = {_id(row.get("product_id", "")) for row in rows}
        self._goods = read_goods({*said, *self._product_of.values()} - {0})
        self._names = category_names()
        self._attributes: dict[int, list[Any]] = {}
        self._categories = _by_name(self._names)
        self._counts = Counter(map(self.sku_of, rows))
        self._codes = Counter(row["code"] for row in rows if row.get("code"))
        self.keys = self._keys()
        self._titles = self._taken_titles()

    def _read_skus(self) -> None:
        ids = {_id(row.get("sku_id", "")) for row in self._rows} - {0}
        codes = {row["code"] for row in self._rows if row.get("code")}
        columns = (Sku.id, Sku.code, Sku.product, Sku.is_removed)
        found: list[Any] = []
        for some in pieces(sorted(ids)):
            found.extend(Sku.select(*columns).where(Sku.id.in_(some)))
        for some in pieces(sorted(codes)):
            found.extend(Sku.select(*columns).where(Sku.code.in_(some)))
        for row in found:
            if row.is_removed:
                self._taken.add(row.code or "")
                continue
            self._product_of[row.id] = row.product_id
            if row.code:
                self._sku_of[row.code] = row.id

    def _taken_titles(self) -> set[str]:
        titles = {row.get("title", "") for row, key in zip(self._rows, self.keys, strict=True)
                  if not key.isdigit()}  # fmt: skip
        found: set[str] = set()
        for some in pieces(sorted(titles - {""})):
            query = Product.select(Product.title).where(Product.title.in_(some))
            found |= {row.title for row in query}
        return found

    def sku_of(self, row: Row) -> int:
        """The SKU that a row names by its number or its code; 0 if none."""
        said = _id(row.get("sku_id", ""))
        if said in self._product_of:
            return said
        return 0 if row.get("sku_id") else self._sku_of.get(row.get("code", ""), 0)

    def _keys(self) -> list[str]:
        """A product's id, or the title of a new one.

        A row that names no SKU belongs to the product of another row with its title.
        """
        found: list[int] = []
        by_title: dict[str, int] = {}
        for row in self._rows:
            sku_id, said = self.sku_of(row), _id(row.get("product_id", ""))
            product_id = self._product_of.get(sku_id, 0) or (said if said in self._goods else 0)
            found.append(product_id)
            if product_id:
                by_title.setdefault(row.get("title", ""), product_id)
        return [
            str(product_id or by_title.get(row.get("title", ""), 0) or f"new {row.get('title')}")
            for row, product_id in zip(self._rows, found, strict=True)
        ]

    def groups(self) -> Iterable[list[int]]:
        """The places of rows that belong together."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(self.keys):
            found[key].append(at)
        return found.values()

    def plan(self, places: Sequence[int]) -> Plan:
        """What the rows of one product make of it."""
        key = self.keys[places[0]]
        plan = Plan(self._goods[int(key)] if key.isdigit() else None)
        self._check_numbers(plan, places)
        self._plan_product(plan, places)
        for at in places:
            if at not in plan.errors:
                self._refusing(plan, at, self._plan_sku, plan, at)
        self._refusing(plan, places[-1], _check_skus, plan)
        return plan

    def _refusing(self, plan: Plan, at: int, step: Any, *args: Any) -> None:
        try:
            step(*args)
        except DomainError as error:
            plan.refuse(at, error)

    def _check_numbers(self, plan: Plan, places: Sequence[int]) -> None:
        for at in places:
            row, goods = self._rows[at], plan.goods
            number, sku_id, code = row.get("product_id"), self.sku_of(row), row.get("code", "")
            owner = self._sku_of.get(code, 0)
            if row.get("sku_id") and not sku_id:
                plan.refuse(at, Invalid("sku_number_unknown", "sku_id"))
            elif number and (goods is None or _id(number) != goods.id):
                missing = _id(number) not in self._goods
                why = "product_number_unknown" if missing else "sku_of_other"
                plan.refuse(at, Invalid(why, "product_id"))
            elif self._counts[sku_id] > 1 and sku_id:
                plan.refuse(
                    at, Invalid("sku_rows_twice", "sku_id" if row.get("sku_id") else "code")
                )
            elif self._codes[code] > 1:
                plan.refuse(at, Invalid("code_twice", "code"))
            elif code in self._taken or (owner and owner != sku_id):
                plan.refuse(at, Invalid("sku_code_taken", "code", sku_code=code))

    def _plan_product(self, plan: Plan, places: Sequence[int]) -> None:
        """The product's own fields, each from the first row that states it."""
        values: dict[str, Any] = {}
        where: dict[str, int] = {}
        for name in rules.OF_PRODUCT:
            for at in places:
                text = self._rows[at].get(name, "")
                if text and name not in where:
                    where[name] = at
                    self._refusing(plan, at, self._read, values, name, text)
                elif text and text != self._rows[where[name]][name]:
                    plan.refuse(at, Invalid("product_differs", name))
        first = places[0]
        if plan.goods is None:
            for name in ("title", "category"):
                if name not in where:
                    plan.refuse(first, Invalid("field_missing", name))
            if values.get("title") in self._titles:
                plan.refuse(where["title"], Invalid("title_exists", "title"))
        if plan.errors.keys() & {first, *where.values()}:
            return
        stated = values.pop("attributes", "")
        before = plan.goods.form if plan.goods else ProductForm("", 0)
        plan.form = replace(before, **values)
        self._refusing(plan, where.get("tags", first), catalog.checked_product, plan.form)
        self._refusing(plan, where.get("attributes", first), self._plan_stated, plan, stated)
        self._note_product(plan, where, first)

    def _read(self, values: dict[str, Any], name: str, text: str) -> None:
        if name == "category":
            found = self._categories.get(text)
            if found is None:
                raise Invalid("category_unknown", name)
            values["category_id"] = found
        else:
            values[name] = rules.read_cell(name, text)

    def _plan_stated(self, plan: Plan, text: str) -> None:
        category_id = plan.form.category_id
        if category_id not in self._attributes:
            self._attributes[category_id] = catalog.attributes_of(category_id)
        known = {each.form.name: each for each in self._attributes[category_id]}
        stands = plan.goods.stated if plan.goods else {}
        for name, said in rules.read_stated(text, list(known)).items():
            before = stands.get(name, "")
            try:
                value = catalog.checked_value(StatedAttribute(known[name], before), said)
            except Invalid as error:
                raise Invalid(error.code, "attributes", **error.facts) from None
            if value != before:
                plan.stated[known[name].id] = value

    def _note_product(self, plan: Plan, where: Mapping[str, int], first: int) -> None:
        if plan.goods is None:
            plan.changes[first].append((NEW_PRODUCT, "", ""))
            return
        bare = SkuGoods(0, (), "", "", 0, None, 0, 0)
        stands, becomes = plan.goods, replace(plan.goods, form=plan.form)
        old = written(stands, bare, self._names[stands.form.category_id])
        new = written(becomes, bare, self._names[plan.form.category_id])
        if plan.stated:
            new["attributes"] = self._rows[where["attributes"]]["attributes"]
        for name, at in where.items():
            if old[name] != new[name] and (name != "attributes" or plan.stated):
                plan.changes[at].append((name, old[name], new[name]))

    def _plan_sku(self, plan: Plan, at: int) -> None:
        row, goods = self._rows[at], plan.goods
        sku_id = self.sku_of(row)
        sku = next((each for each in goods.skus if each.sku_id == sku_id), None) if goods else None
        said = {
            name: rules.read_cell(name, row[name])
            for name in ("price", "cost", "stock", "low_stock", "weight_g") if row.get(name)
        }  # fmt: skip
        if sku is None and said.get("price") is None:
            raise Invalid("field_missing", "price")
        if sku is not None and said.get("stock") is not None:
            raise Invalid("stock_by_count", "stock")
        choices, text = self._spec(plan, row, sku)
        made = MatrixRow(
            choices, said.get("price", sku.price_fen if sku else 0),
            said.get("cost", sku.cost_fen if sku else None), said.get("stock", 0),
            row.get("code") or (sku.code if sku else ""),
            said.get("low_stock", sku.low_stock if sku else 10),
            said.get("weight_g", sku.weight_g if sku else 0),
        )  # fmt: skip
        catalog.checked_sku(SkuForm(made.price_fen, made.stock, text, made.code or None,
                                    made.low_stock, made.weight_g))  # fmt: skip
        if len(made.code) > 40:
            raise Invalid("text_too_long", "code", limit=40)
        self._note_sku(plan, at, PlannedSku(made, text, sku, False))

    def _spec(self, plan: Plan, row: Row, sku: SkuGoods | None) -> tuple[tuple[str, ...], str]:
        """The combination of a row and its text; of a SKU that stands only a text may change."""
        specs, said, names = plan.specs, row.get("spec", ""), row.get("spec_names", "")
        if plan.goods is not None:
            specs = plan.goods.specs
            if names and rules.parts_of(names) != tuple(spec.name for spec in specs):
                raise Invalid("spec_fixed", "spec_names")
        elif names:
            specs = tuple(Spec(name, ()) for name in rules.parts_of(names))
            stands = tuple(spec.name for spec in plan.specs)
            if plan.skus and stands != tuple(spec.name for spec in specs):
                raise Invalid("product_differs", "spec_names")
            plan.specs = plan.specs or specs
        if not specs:
            return (), said or (sku.spec_text if sku else "")
        parts = rules.parts_of(said) if said else (sku.choices if sku else ())
        if len(parts) != len(specs):
            raise Invalid("spec_parts", "spec", count=len(specs))
        if sku is not None and parts != sku.choices:
            raise Invalid("spec_fixed", "spec")
        return parts, " ".join(each for each in parts if each)

    def _note_sku(self, plan: Plan, at: int, made: PlannedSku) -> None:
        others = [(each.row.choices, each.spec_text) for each in plan.skus]
        stands = plan.goods.skus if plan.goods and made.sku is None else ()
        others += [(each.choices, each.spec_text) for each in stands]
        if (made.row.choices, made.spec_text) in others:
            raise Invalid("spec_twice", "spec")
        before = made.sku.price_fen if made.sku else None
        if catalog.is_large_price_change(before, made.row.price_fen):
            plan.large.add(at)
        if made.sku is None:
            made.is_changed = True
            if plan.goods is not None:
                plan.changes[at].append((NEW_SKU, "", made.spec_text))
            elif at not in plan.changes:
                plan.changes[at].append((NEW_PRODUCT, "", ""))
        else:
            noted = _changes_of(made.sku, made)
            plan.changes[at] += noted
            made.is_changed = bool(noted)
        plan.skus.append(made)


def _changes_of(sku: SkuGoods, made: PlannedSku) -> list[Change]:
    bare = Goods(0, ProductForm("", 0), "", (), {}, ())
    new = replace(
        sku, choices=(), spec_text=made.spec_text, code=made.row.code,
        price_fen=made.row.price_fen, cost_fen=made.row.cost_fen, low_stock=made.row.low_stock,
        weight_g=made.row.weight_g,
    )  # fmt: skip
    before, after = written(bare, replace(sku, choices=()), ""), written(bare, new, "")
    return [(name, before[name], after[name]) for name in rules.OF_SKU
            if before[name] != after[name]]  # fmt: skip


def _check_skus(plan: Plan) -> None:
    """The specifications as a whole, with the values that rows add. Raises Invalid."""
    if plan.errors:
        return
    count = len(plan.goods.skus) if plan.goods else 0
    if count + sum(each.sku is None for each in plan.skus) > catalog.SKUS_MAX:
        raise Invalid("too_many_skus", "spec", limit=catalog.SKUS_MAX)
    if plan.goods is not None:
        plan.specs = plan.goods.specs
    if not plan.specs:
        return
    made = [each.row.choices for each in plan.skus if each.sku is None]
    plan.specs = tuple(
        Spec(spec.name, tuple(dict.fromkeys([*spec.values, *(choices[n] for choices in made)])))
        for n, spec in enumerate(plan.specs)
    )
    catalog.check_matrix(plan.specs, matrix_rows(plan))


def matrix_rows(plan: Plan) -> list[MatrixRow]:
    """All combinations of the product after the rows."""
    rows = {
        sku.choices: MatrixRow(
            sku.choices, sku.price_fen, sku.cost_fen, 0, sku.code, sku.low_stock, sku.weight_g
        )
        for sku in (plan.goods.skus if plan.goods else ())
    }  # fmt: skip
    return list((rows | {each.row.choices: each.row for each in plan.skus}).values())


def _by_name(names: Mapping[int, str]) -> dict[str, int]:
    """Categories by their whole name, and by their own where only one has it."""
    own = Counter(name.rpartition(OWN_LINE)[2] for name in names.values())
    found = {
        last: category_id
        for category_id, name in names.items()
        if own[last := name.rpartition(OWN_LINE)[2]] == 1
    }
    return found | {name: category_id for category_id, name in names.items()}


def _id(text: str) -> int:
    number = number_of(text)
    return int(number) if number.isdigit() and len(number) <= _DIGITS else 0
