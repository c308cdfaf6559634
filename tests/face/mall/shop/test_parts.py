"""Kept parts of pages: what depends on the request is never kept, and a change is seen at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from domain import settings
from domain.legal import Business
from domain.settings import Service
from kernel.web import parts
from models import Product, Sku
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.offers import limited_price, stop
from tests.harness.markup import values_of, words_of

ROOT = Path(__file__).resolve().parents[4]
PART = re.compile(r'\b(?:form_)?part\(\s*"([^"]+)"')
INCLUDED = re.compile(r'{% (?:include|from) "([^"]+)"')


@dataclass(frozen=True)
class View:
    title: str
    left: int


def environment(**templates: str) -> Environment:
    """An environment with these templates, by name."""
    env = Environment(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined)
    env.auto_reload = False
    env.globals.update(part=parts.part, form_part=parts.form_part)
    return env


def test_equal_facts_are_rendered_once_and_changed_ones_anew() -> None:
    env = environment(it="{{ view.title }} {{ view.left }}")
    page = env.from_string('{{ part("it", view=view) }}')
    view = View("陈酿<b>", 3)
    before = parts._kept.cache_info()
    assert page.render(view=view) == "陈酿&lt;b&gt; 3"
    assert page.render(view=replace(view)) == "陈酿&lt;b&gt; 3"
    assert page.render(view=replace(view, left=2)) == "陈酿&lt;b&gt; 2"
    after = parts._kept.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (2, 1)


def test_another_application_has_parts_of_its_own() -> None:
    shown = [environment(it=text).from_string('{{ part("it") }}').render() for text in "甲乙"]
    assert shown == ["甲", "乙"]


def test_while_templates_are_read_again_nothing_is_kept() -> None:
    env = environment(it="甲")
    env.auto_reload = True
    page = env.from_string('{{ part("it") }}')
    assert page.render() == "甲"
    env.loader.mapping["it"] = "乙"  # type: ignore[union-attr]
    assert page.render() == "乙"


def test_each_request_has_its_own_form_token_in_a_kept_part() -> None:
    env = environment(it="[{{ csrf_token }}|{{ csrf_token }}]")
    page = env.from_string('{{ form_part("it", csrf_token) }}')
    assert page.render(csrf_token="one") == "[one|one]"
    assert page.render(csrf_token="two<") == "[two&lt;|two&lt;]"


def test_a_part_does_not_see_the_request() -> None:
    page = environment(it="{{ csrf_token }}").from_string('{{ part("it") }}')
    with pytest.raises(UndefinedError):
        page.render(csrf_token="secret")


def test_few_parts_are_kept() -> None:
    assert parts._kept.cache_info().maxsize == parts.KEPT_MOST


def test_no_part_asks_for_the_time_or_a_one_time_key() -> None:
    """Both change without a fact that changes, so that a kept part would be stale."""
    pages = (ROOT / "templates").rglob("*.html")
    seen, left = set[str](), {
        name for page in pages for name in PART.findall(page.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert "h5/shop/_goods.html" in left
    while left:
        name = left.pop()
        seen.add(name)
        text = (ROOT / "templates" / name).read_text(encoding="utf-8")
        assert not re.search(r"\| *ago\b|\bnew_idem\b|(?<![\w-])now\b", text), name
        left |= set(INCLUDED.findall(text)) - seen


async def test_a_change_of_the_merchant_is_on_the_next_page(lin: Shopper, db: object) -> None:
    made = make_product("陈酿", price_fen=29800, stock=50)
    path = f"/m/p/{made.product_id}"

    async def told(place: str) -> str:
        return words_of((await lin.get(path)).text, place)

    assert await told("#price-now") == "现价 ¥ 298"
    Sku.update(price_fen=19900).where(Sku.id == made.sku_id).execute()
    assert await told("#price-now") == "现价 ¥ 199"
    assert "¥ 199" in await told(".sheet-head")
    offer = limited_price(made.sku_id, 15000)
    assert "¥ 150" in await told("#price-now")
    stop(offer)
    assert await told("#price-now") == "现价 ¥ 199"
    settings.change(Service, {"free_return_days": 16})
    settings.change(Business, {"legal_name": "另一家酒业"})
    settings.forget_cache()
    assert "16 天无理由退货" in await told(".promise")
    assert "另一家酒业" in await told(".foot")
    assert "另一家酒业" in await told(".facts")
    Product.update(title="换了名字").where(Product.id == made.product_id).execute()
    assert await told("h1") == "换了名字"
    Sku.update(stock=0).where(Sku.id == made.sku_id).execute()
    assert "暂时售罄" in await told(".actionbar")


async def test_the_sheet_carries_the_token_of_its_own_browser(
    lin: Shopper, wang: Shopper, db: object
) -> None:
    made = make_product("陈酿", stock=50)
    path = f"/m/p/{made.product_id}"
    tokens = [
        values_of((await each.get(path)).text, "#buy input[name=_csrf]", "value")[0]
        for each in (lin, wang, lin)
    ]
    assert len(set(tokens)) == 3
    assert not any(parts._SLOT in each for each in tokens)
    fields = (await wang.get(path)).fields("/m/cart")
    sent = dict(fields)["_csrf"]
    assert (await wang.post("/m/cart", fields, _csrf=sent)).status == 303
    assert (await lin.post("/m/cart", fields, _csrf=sent)).status == 403
