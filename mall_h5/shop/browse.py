"""逛: home, categories, search, offers, and the product page with its choice of specification."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import catalog, pricing
from kernel.web.forms import query_param
from kernel.web.keys import CONFIG
from kernel.web.render import is_fragment, render
from mall_h5.asking import names_question
from mall_h5.sharing import card_of_product, card_of_shop, page_config
from mall_h5.web import peek, read

routes = web.RouteTableDef()
WORDS_MOST = 40
OFFERED = 4
OFFERED_MOST = 200


@routes.get("/")
async def home(request: web.Request) -> web.StreamResponse:
    """The home page of the mall."""
    found = await peek(request, pricing.home)
    card = card_of_shop(request.config_dict[CONFIG].site.name, found.cards)
    return render(
        request,
        "h5/shop/home.html",
        home=found,
        offered=await peek(request, pricing.list_products_on_offer, OFFERED),
        jssdk=await page_config(request, card),
        asked=await names_question(request),
    )


@routes.get("/offers")
async def offers(request: web.Request) -> web.StreamResponse:
    """The products whose price is reduced now."""
    return render(
        request,
        "h5/shop/offers.html",
        offered=await read(request, pricing.list_products_on_offer, OFFERED_MOST),
    )


@routes.get("/category")
async def category(request: web.Request) -> web.StreamResponse:
    """A category, or all products, page by page."""
    wanted = _number(request, "c")
    return await _shelf(request, wanted, "")


@routes.get("/search")
async def search(request: web.Request) -> web.StreamResponse:
    """The products that contain every word of the search."""
    return await _shelf(request, None, query_param(request, "q", most=WORDS_MOST))


async def _shelf(request: web.Request, category_id: int | None, words: str) -> web.StreamResponse:
    page = _number(request, "page") or 1
    run = read if words else peek  # a search reads every product
    found, names = await run(request, _shelf_and_names, category_id, words, page)
    template = "h5/shop/_shelf.html" if is_fragment(request) else "h5/shop/shelf.html"
    return render(request, template, shelf=found, categories=names, words=words)


def _shelf_and_names(category_id: int | None, words: str, page: int) -> Any:
    return pricing.shelf(category_id, words, page), catalog.list_shown_categories()


@routes.get(r"/p/{id:\d{1,18}}")
async def product(request: web.Request) -> web.StreamResponse:
    """One product."""
    found = await peek(request, pricing.product_page, int(request.match_info["id"]))
    chosen = next((sku.id for sku in found.skus if not sku.is_sold_out), found.skus[0].id)
    config = await page_config(request, card_of_product(found))
    asked = await names_question(request)
    return render(
        request, "h5/shop/product.html", product=found, chosen=chosen, jssdk=config, asked=asked
    )


def _number(request: web.Request, name: str) -> int | None:
    text = query_param(request, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
