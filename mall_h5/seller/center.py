"""分销中心: join, share, follow visits and commission, see one's customers."""

from __future__ import annotations

from aiohttp import web

from domain import catalog, distribution, legal, members, pricing, settings
from kernel.errors import DomainError, Invalid, NotFound
from kernel.text import number_of
from kernel.web.captions import caption
from kernel.web.forms import Form, query_param, read_form
from kernel.web.keys import COMPANY, CONFIG
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.legal import agreed_to
from mall_h5.sharing import (
    BY_WECHAT,
    CARD,
    IN_LINKS,
    Card,
    card_of_product,
    card_of_shop,
    page_config,
)
from mall_h5.web import Shown, SignedIn, deps, draw, mistakes, shown, signed_in

routes = web.RouteTableDef()
PAGE = 20
ORIGIN_DAYS = 30
TERMS: legal.Kind = "distribution"
JOINED = "加入成功，现在就可以推荐商品"
PASSED_ON = {*IN_LINKS, *BY_WECHAT}


@routes.get("/d/")
@signed_in
async def center(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The distributor's figures; for others the application form and its state."""
    mine = await me.read(distribution.distributor, me.id)
    if mine is None or mine.state in {"applied", "rejected", "left"}:
        return draw(request, await _application(me, Form({})))
    figures = await me.read(distribution.distributor_figures, me.id)
    latest = await me.read(distribution.list_commission_of_member, me.id, None, 5)
    card = await _card(request, me, mine)
    return render(
        request,
        "h5/seller/center.html",
        mine=mine,
        figures=figures,
        entries=latest,
        announced=await me.read(legal.announced, TERMS),
        origins=await me.read(distribution.origin_figures, me.id, ORIGIN_DAYS),
        link=_link(request, mine.referral_code),
        jssdk=await page_config(request, card),
    )


async def _card(request: web.Request, me: SignedIn, mine: distribution.DistributorView) -> Card:
    """What a share of the distributor's own pages shows: the shop, recommended by them."""
    name = request.config_dict[CONFIG].site.name
    title = CARD["seller"].format(seller=mine.public_name, name=name)
    return card_of_shop(title, (await me.read(pricing.home)).cards)


async def _application(me: SignedIn, form: Form) -> Shown:
    return shown(
        "h5/seller/apply.html",
        status=200 if form.is_valid else 422,
        mine=await me.read(distribution.distributor, me.id),
        member=await me.read(members.member_detail, me.id),
        rules=await me.read(settings.get, settings.Distribution),
        values=form.values,
        errors=mistakes(form),
        agreement=await me.read(legal.version_in_force, TERMS),
    )


@routes.post("/d/apply")
@signed_in
async def apply(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Apply to become a distributor, free of charge."""
    form, state = await read_form(request), ""
    version = await agreed_to(me, form, TERMS)
    if form.is_valid:
        name = form.publish("display_name", form.raw("display_name"), is_name=True)
        payee_type = form.raw("payee_type") or "individual"
        try:
            state = await me.write(
                distribution.apply_as_distributor, me.id, name, payee_type, version
            )
        except DomainError as refused:
            form.errors[refused.field or ""] = refused
    if not form.is_valid:
        return draw(request, await _application(me, form))
    await me.write(members.give_consent, me.id, TERMS, version)
    if state == "active":
        await me.flash(JOINED)
    raise web.HTTPSeeOther("/m/d/")


@routes.get("/d/entries")
@signed_in
async def entries(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Every commission entry: its order, its amount, its reason, and when it can be withdrawn."""
    await _redirect_unless_applied(me)
    found = await me.read(
        distribution.list_commission_of_member, me.id, cursor_of(request), PAGE + 1
    )
    return render(request, "h5/seller/entries.html", page=cut(found, PAGE))


@routes.get("/d/customers")
@signed_in
async def customers(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """All customers in figures; those who agreed with name, visits, orders, and when due again."""
    await _redirect_unless_applied(me)
    return draw(request, await _customers(request, me, Form({})))


async def _customers(request: web.Request, me: SignedIn, form: Form) -> Shown:
    found = await me.read(distribution.list_customers, me.id, cursor_of(request), PAGE + 1)
    avatars = [each.avatar for each in found if each.avatar]
    return shown(
        "h5/seller/customers.html",
        faces=await me.read(catalog.pictures, avatars) if avatars else {},
        status=200 if form.is_valid else 422,
        page=cut(found, PAGE, key=lambda c: c.binding_id),
        counts=await me.read(distribution.customer_counts, me.id),
        values=form.values,
        errors=mistakes(form),
    )


@routes.post(r"/d/customers/{id:\d{1,18}}/note")
@signed_in
async def note(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Note what the distributor calls a customer; nobody else reads it."""
    form, binding_id = await read_form(request), int(request.match_info["id"])
    name = f"note-{binding_id}"
    try:
        await me.write(distribution.note_customer, me.id, binding_id, form.raw(name))
    except Invalid as refused:
        form.errors[name] = refused
        return draw(request, await _customers(request, me, form))
    await me.flash("备注已保存" if form.raw(name).strip() else "备注已删除")
    raise web.HTTPSeeOther("/m/d/customers")


@routes.get("/d/goods")
@signed_in
async def goods(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The products that can be recommended, with the commission that each pays now."""
    mine = await _mine(me)
    number = query_param(request, "page", default="1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = await me.read(pricing.shelf, None, "", page)
    previews = {
        card.id: await me.read(distribution.preview_commission, card.id, me.id)
        for card in found.cards
    }
    return render(
        request,
        "h5/seller/goods.html",
        shelf=found,
        previews=previews,
        mine=mine,
        public_url=request.config_dict[CONFIG].public_url,
    )


@routes.get("/d/poster")
@signed_in
async def poster(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The distributor's poster for the shop or for one product, to save or send on."""
    mine = await _mine(me)
    product_id = _product(request) or await me.read(catalog.best_seller)
    product = await me.read(pricing.product_page, product_id) if product_id else None
    card = card_of_product(product) if product else await _card(request, me, mine)
    return render(
        request,
        "h5/seller/poster.html",
        mine=mine,
        product=product,
        link=(link := _link(request, mine.referral_code, product_id)),
        caption=caption(
            request.config_dict[CONFIG].site.name, request[COMPANY].legal_name, link, product
        ),
        picture="/m/d/poster.jpg" + (f"?p={product_id}" if product_id else ""),
        jssdk=await page_config(request, card),
    )


@routes.get("/d/poster.jpg")
@signed_in
async def poster_picture(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The poster's JPEG; drawn at the first request, then stored."""
    await _mine(me)
    data = await deps(request).poster(me.id, _product(request))
    headers = {"Cache-Control": "private, max-age=600"}
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


@routes.get("/d/why")
@signed_in
async def why_upline(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """为什么 TA 是我的推荐人: the cause, the rule and the whole history of the binding."""
    found = await me.read(distribution.upline_with_history, me.id)
    return render(request, "h5/seller/why.html", found=found)


@routes.get("/d/order-why")
@signed_in
async def why_not_mine(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """为什么这单不是我的: explains it for one order number."""
    number = number_of(query_param(request, "no"))[:32]
    found, error = None, ""
    if number:
        try:
            found = await me.read(distribution.why_no_commission, me.id, number)
        except NotFound:
            error = "没有查到这笔订单，或买家从未打开过您的链接"
    return render(request, "h5/seller/order_why.html", found=found, number=number, error=error)


@routes.get(r"/l/{code:[0-9A-Za-z]{4,16}}")
async def short_link(request: web.Request) -> web.StreamResponse:
    """A distributor's short link, or a poster's: redirects to the shop or the product."""
    code, product_id = request.match_info["code"], _product(request)
    target = f"/m/p/{product_id}" if product_id else "/m/"
    said = {name: query_param(request, name) for name in ("s", "from")}
    tail = "".join(f"&{name}={value}" for name, value in said.items() if value in PASSED_ON)
    raise web.HTTPFound(f"{target}?r={code}{tail}")


async def _redirect_unless_applied(me: SignedIn) -> None:
    """Whoever never applied is sent to the application; who left keeps what they earned."""
    if await me.read(distribution.distributor, me.id) is None:
        raise web.HTTPFound("/m/d/")


async def _mine(me: SignedIn) -> distribution.DistributorView:
    """The member as an active distributor; others are sent to the centre, to read why."""
    mine = await me.read(distribution.distributor, me.id)
    if mine is None or not mine.can_earn:
        raise web.HTTPFound("/m/d/")
    return mine


def _product(request: web.Request) -> int | None:
    text = query_param(request, "p")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _link(request: web.Request, code: str, product_id: int | None = None) -> str:
    return distribution.short_link(request.config_dict[CONFIG].public_url, code, product_id)
