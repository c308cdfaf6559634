"""逛: home, categories, search, offers, and the product page with its choice of specification."""

from __future__ import annotations

import io
from typing import Any

import segno
from aiohttp import web

from domain import catalog, distribution, pricing
from domain.search import goods_filters
from kernel.web.forms import query_param
from kernel.web.keys import CONFIG
from kernel.web.render import is_fragment, render
from kernel.web.sessions import browser
from mall_h5.asking import names_question
from mall_h5.sharing import card_of_product, card_of_shop, page_config
from mall_h5.shop.filters import LABELS, Sought, sought_of
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
    return await _shelf(request, sought_of(request, "", _number(request, "c")))


@routes.get("/search")
async def search(request: web.Request) -> web.StreamResponse:
    """The products that contain every word of the search."""
    words = query_param(request, "q", most=WORDS_MOST)
    return await _shelf(request, sought_of(request, words, None))


@routes.get("/filter")
async def narrow(request: web.Request) -> web.StreamResponse:
    """The filters of a category or search, with the number of products behind each value."""
    words = query_param(request, "q", most=WORDS_MOST)
    it = sought_of(request, words, None if words else _number(request, "c"))
    found = await read(request, goods_filters, words, it.category_id, it.chosen)
    return render(request, "h5/shop/filter.html", filters=found, labels=LABELS, sought=it)


async def _shelf(request: web.Request, it: Sought) -> web.StreamResponse:
    page = _number(request, "page") or 1
    run = read if it.words or it.chosen or it.sort else peek  # a search takes longer
    found, names = await run(request, _shelf_and_names, it, page)
    template = "h5/shop/_shelf.html" if is_fragment(request) else "h5/shop/shelf.html"
    return render(request, template, shelf=found, categories=names, words=it.words, sought=it)


def _shelf_and_names(it: Sought, page: int) -> Any:
    found = pricing.shelf(it.category_id, it.words, page, it.chosen, it.sort)
    return found, catalog.list_shown_categories()


@routes.get(r"/p/{id:\d{1,18}}")
async def product(request: web.Request) -> web.StreamResponse:
    """One product."""
    found = await peek(request, pricing.product_page, int(request.match_info["id"]))
    wanted = _number(request, "sku")
    chosen = next((sku.id for sku in found.skus if not sku.is_sold_out), found.skus[0].id)
    chosen = next((sku.id for sku in found.skus if sku.id == wanted), chosen)
    if is_fragment(request):  # another specification was chosen
        qty = query_param(request, "qty", default="1")
        return render(request, "h5/shop/_choice.html", product=found, chosen=chosen, typed_qty=qty)
    config = await page_config(request, card_of_product(found))
    asked = await names_question(request)
    return render(
        request, "h5/shop/product.html", product=found, chosen=chosen, jssdk=config, asked=asked,
        earns=await _earns(request, found.id),
    )  # fmt: skip


@routes.get(r"/label/{id:\d{1,18}}")
async def label(request: web.Request) -> web.StreamResponse:
    """The digital label (电子标签): what the label of the goods says, without prices."""
    found = await peek(request, pricing.product_page, int(request.match_info["id"]))
    return render(request, "h5/shop/label.html", product=found)


@routes.get(r"/label/{id:\d{1,18}}/code.svg")
async def label_code(request: web.Request) -> web.StreamResponse:
    """The QR code that leads to a digital label, to be printed."""
    url = f"{request.config_dict[CONFIG].public_url}/m/label/{int(request.match_info['id'])}"
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", scale=6, border=2)
    return web.Response(body=out.getvalue(), content_type="image/svg+xml")


async def _earns(request: web.Request, product_id: int) -> distribution.LevelCommission | None:
    """What a distributor earns of one piece now (分享赚); None for everybody else."""
    member_id = browser(request).member_id
    if member_id is None or not await peek(request, distribution.own_referral_code, member_id):
        return None
    found = await read(request, distribution.preview_commission, product_id, member_id)
    return found.mine if found.mine and found.mine.to_fen else None


def _number(request: web.Request, name: str) -> int | None:
    text = query_param(request, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
