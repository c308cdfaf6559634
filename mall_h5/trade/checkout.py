"""结算: address, lines, the whole price, the confirmations; one form places one order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote as quoted

from aiohttp import web

from domain import cart, gifts, legal, logistics, members, orders, pricing, regions
from domain.catalog import SkuLine
from domain.gifts import GiftForm
from domain.logistics import PlaceView
from domain.members import AddressForm, AddressView
from domain.orders import OrderCard, PlaceOrder, Wishes
from domain.pickups import PICKUP, Collector
from domain.pricing import QuotedLine
from domain.promotions import NO_CHOICES, Choices, read_choices
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.store import was_done
from kernel.web.forms import Form, read_form
from mall_h5.me.address_form import (
    FIELDS,
    PARTS,
    STEP,
    Understood,
    form_facts,
    is_step,
    stepped,
)
from mall_h5.me.addresses import OPEN_ADDRESS, checkout_with_address
from mall_h5.sharing import sign
from mall_h5.texts import TEXTS
from mall_h5.trade.cart import QUANTITY_MOST
from mall_h5.trade.soldout import SOLD_OUT, SoldOut
from mall_h5.trade_words import CHOICES, INVOICES, WAYS, quote_rows
from mall_h5.web import (
    Shown,
    SignedIn,
    draw,
    member_of,
    see_other,
    shown,
    sign_in_first,
    signed_in,
)

routes = web.RouteTableDef()
LISTS = {"hx-post": "/m/checkout", "hx-vals": '{"step": "region"}', "hx-target": "body"}
"""A choice in one list brings the next one and the freight, as attributes of the lists."""
ITEM = re.compile(r"([0-9]{1,15}):([0-9]{1,10}):([0-9]{1,12})")
ORDERS_A_MINUTE = 20
OWN_FIELDS = (
    "place", "note", "agree", "greeting", "invoice_kind", "invoice_title", "invoice_tax_no",
    "signature", "arrive_by",
)  # fmt: skip
DELIVERY = "delivery"
CHOICE = "choice-"
PLACE = "place_checkout"
AGE = "/m/me/age"


@dataclass(frozen=True)
class Wanted:
    """What is to be bought, and the unit price in fen that the page showed for each SKU."""

    items: tuple[tuple[int, int], ...]
    seen: dict[int, int]
    is_cart: bool

    @property
    def url(self) -> str:
        """The path of this checkout, to return to."""
        if self.is_cart or len(self.items) != 1:
            return "/m/checkout"
        (sku_id, quantity) = self.items[0]
        return f"/m/checkout?sku={sku_id}&qty={quantity}"

    @property
    def only_sku(self) -> int | None:
        """The SKU that is bought at once; None if the cart is bought."""
        return None if self.is_cart or len(self.items) != 1 else self.items[0][0]


@routes.get("/checkout")
@signed_in
async def show(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """What the order would be: the chosen lines of the cart, or one SKU bought at once."""
    query = Form(request.query)
    wanted = _one_sku(query) if query.raw("sku") else await _cart(me)
    before = await me.read(orders.order_just_placed, me.id, wanted.items)
    return await _drawn(request, await _page(me, wanted, query, before=before))


def _one_sku(query: Form) -> Wanted:
    sku_id = query.integer("sku", least=1, most=10**15)
    quantity = query.count("qty", least=1, most=QUANTITY_MOST, default=1)
    query.check()
    return Wanted(((sku_id, quantity),), {}, is_cart=False)


async def _cart(me: SignedIn) -> Wanted:
    found = await me.read(cart.view, cart.member_owner(me.id))
    if found.items and not found.waits_for_quantity:
        return Wanted(found.items, {}, is_cart=True)
    just = await me.read(orders.order_just_placed, me.id)
    if just is not None and not found.items:
        raise web.HTTPSeeOther(f"/m/orders/{just.order_no}")  # back from paying for that cart
    await me.flash(TEXTS.text("quantity_first" if found.waits_for_quantity else "order_empty"))
    raise web.HTTPSeeOther("/m/cart")


@routes.post("/checkout")
async def place(request: web.Request) -> web.StreamResponse:
    """Place the order at the price that was shown; a repeated tap places no second one."""
    form, me = await read_form(request), member_of(request)
    if me is None:
        return await sign_in_first(request, _again(form))
    if is_step(form):
        return await _drawn(request, await _filled(me, form))
    placed = await _place(me, form, _wanted(form), request.config_dict[SOLD_OUT])
    return see_other(placed) if isinstance(placed, str) else await _drawn(request, placed)


async def _drawn(request: web.Request, page: Shown) -> web.Response:
    """The page; without a kept address it offers the one in WeChat."""
    offers = page.facts.get("address", request) is None and not page.facts.get("gift")
    page.facts["jssdk"] = await sign(request, OPEN_ADDRESS) if offers else None
    return draw(request, page)


async def _filled(me: SignedIn, form: Form) -> Shown:
    """The same page, its address filled further, or without the goods that can't be bought."""
    values, understood = stepped(form)
    wanted = _wanted(form)
    if form.raw(STEP) == "drop":
        wanted = await _without_blocked(me, wanted, form)
    return await _page(me, wanted, Form(values), understood=understood)


async def _without_blocked(me: SignedIn, wanted: Wanted, form: Form) -> Wanted:
    """What is left to buy; what is left out stays in the cart, not selected.

    Raises HTTPSeeOther to the cart if nothing is left.
    """
    known = await me.read(members.list_addresses, me.id)
    delivery = _delivery(form)
    place = _place_of(_chosen(known, form.raw("address")), form, delivery)
    blocked = await me.read(orders.blocked_items, wanted.items, place, me.id, delivery)
    out = {each.sku_id for each in blocked}
    if wanted.is_cart and out:
        await me.write(cart.select, cart.member_owner(me.id), out, False)
    left = tuple(item for item in wanted.items if item[0] not in out)
    if not left:
        raise web.HTTPSeeOther("/m/cart")
    return replace(wanted, items=left)


def _delivery(form: Form) -> str:
    """The kind of delivery that the page is for."""
    said = form.raw(DELIVERY)
    return said if said in (orders.GIFT, PICKUP) else orders.EXPRESS


def _place_of(chosen: AddressView | None, form: Form, delivery: str) -> str | None:
    """The place of delivery: of the address, or of what is typed so far; None if not known."""
    if delivery == orders.GIFT:
        return None
    if chosen is not None:
        return chosen.form.place or chosen.form.province
    return regions.nearest(*(form.raw(name) for name in PARTS)) or None


async def _place(me: SignedIn, form: Form, wanted: Wanted, sold_out: SoldOut) -> str | Shown:
    """The path to the payment of the placed order, or the page that says why there is none."""
    if (refusal := await _refused_lately(me, form, wanted, sold_out)) is not None:
        return _goods_gone_page(wanted, refusal)
    await me.limit("checkout", most=ORDERS_A_MINUTE)
    try:
        key = form.idem_key()
        form.check()
        order, address = _order(me.id, form, wanted)
        body = [order.items, order.address_id, form.raw("expected_payable_fen"), order.note,
                order.is_adult, order.exempt_confirmed, address and vars(address),
                vars(order.choices), order.terms_version, order.agrees_to_terms,
                vars(order.wishes), order.delivery, order.to and vars(order.to)]  # fmt: skip
        named = me.command_key(PLACE, key, body)
        made = await me.once(named, orders.place_checkout, order, address)
    except NotFound:
        raise
    except DomainError as error:
        if error.code == "age_unproven":
            await me.flash(TEXTS.of(error))
            return AGE
        if wanted.only_sku is not None and _is_sold_out(error):
            sold_out.note(wanted.only_sku, error)
            return _goods_gone_page(wanted, error)  # no change of the form could help
        return await _page(me, wanted, form, refused=error)
    end = "?now=1" if made["payable_fen"] else "/result"
    return f"/m/pay/{made['order_no']}{end}"


async def _refused_lately(
    me: SignedIn, form: Form, wanted: Wanted, sold_out: SoldOut
) -> DomainError | None:
    """The sold-out refusal of the last second for this SKU; None after a placed order.

    It spares the database in a rush. A buyer whose first tap has placed the order is let through
    to that order.
    """
    if wanted.only_sku is None or not form.raw("_idem"):
        return None
    refusal = sold_out.lately(wanted.only_sku)
    if refusal is None:
        return None
    named = me.command_key(PLACE, form.raw("_idem"))
    return None if await me.store.peek(was_done, named) else refusal


def _again(form: Form) -> str:
    """The path of this checkout, with the chosen address."""
    try:
        url = _wanted(form).url
    except Invalid:
        return "/m/checkout"
    if _delivery(form) != orders.EXPRESS:
        return _way(url, _delivery(form))
    chosen = form.integer("address", least=1, most=10**18, default=0)
    return checkout_with_address(url, chosen) if chosen else url


def _way(url: str, delivery: str) -> str:
    """The path of a checkout for a kind of delivery."""
    return url if delivery == orders.EXPRESS else _with_delivery(url, delivery)


def _with_delivery(url: str, delivery: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{DELIVERY}={delivery}"


def _wanted(form: Form) -> Wanted:
    matches = [ITEM.fullmatch(text) for text in form.all("item")]
    if not matches or None in matches or len(matches) > 200:
        raise Invalid("form_expired")
    rows = [tuple(int(part) for part in m.groups()) for m in matches if m is not None]
    return Wanted(
        tuple((sku_id, n) for sku_id, n, _ in rows),
        {row[0]: row[2] for row in rows},
        is_cart=form.raw("from") == "cart",
    )


def _order(member_id: int, form: Form, wanted: Wanted) -> tuple[PlaceOrder, AddressForm | None]:
    address_id = form.integer("address", least=0, most=10**18, default=0)
    expected = form.integer("expected_payable_fen", least=0, most=10**12)
    form.check()
    typed, to, delivery = None, None, _delivery(form)
    is_gift = delivery == orders.GIFT
    if is_gift:
        address_id = 0
    elif delivery == PICKUP:
        at = form.integer("place", least=0, most=10**15, default=0)
        to = Collector(at, form.raw("name"), form.raw("phone")) if at else None
    elif not address_id:
        typed = AddressForm(**{name: form.raw(name) for name in FIELDS})
    exempt = tuple(sorted(sku_id for sku_id, _ in wanted.items if form.flag(f"exempt-{sku_id}")))
    order = PlaceOrder(
        member_id=member_id,
        items=wanted.items,
        address_id=address_id,
        expected_payable_fen=expected,
        note=form.prose("note", most=200, required=False),
        is_adult=form.flag("adult"),
        exempt_confirmed=exempt,
        cart_owner=cart.member_owner(member_id) if wanted.is_cart else None,
        choices=_choices(form),
        terms_version=form.integer("terms", least=0, most=10**6, default=0),
        agrees_to_terms=form.flag("agree"),
        wishes=Wishes(
            greeting=_greeting(form, is_gift=is_gift),
            invoice_kind=form.raw("invoice_kind"),
            invoice_title=form.text("invoice_title", most=60, required=False),
            invoice_tax_no=form.raw("invoice_tax_no"),
        ),
        delivery=delivery,
        to=_gift(form) if is_gift else to,
    )
    form.check()
    return order, typed


def _greeting(form: Form, *, is_gift: bool) -> str:
    """The words of the card; a friend whom the shop doesn't know reads those of a gift."""
    if is_gift:
        return form.public_prose("greeting", most=120, required=False)
    return form.prose("greeting", most=120, required=False)


def _gift(form: Form) -> GiftForm:
    signature = form.publish(
        "signature", form.text("signature", most=12, required=False), is_name=True
    )
    return GiftForm(signature, form.raw("arrive_by"))


def _choices(form: Form) -> Choices:
    """The choices among offers. Raises Invalid('choice_not_offered') with the choice's name."""
    names = form.names(CHOICE)
    return read_choices({name.removeprefix(CHOICE): form.raw(name) for name in names})


async def _page(
    me: SignedIn, wanted: Wanted, form: Form, refused: DomainError | None = None,
    *, before: OrderCard | None = None, understood: Understood | None = None,
) -> Shown:  # fmt: skip
    known = await me.read(members.list_addresses, me.id)
    places = await me.read(logistics.nearest_places)
    delivery = _delivery(form)
    if delivery == PICKUP and not places:
        delivery = orders.EXPRESS
    is_gift = delivery == orders.GIFT
    chosen = None if is_gift else _chosen(known, form.raw("address"))
    place = _place_of(chosen, form, delivery)
    if delivery == PICKUP and place and place.isdecimal():
        places = await me.read(logistics.nearest_places, place)
    blocked = await me.read(orders.blocked_items, wanted.items, place, me.id, delivery)
    out = {each.sku_id for each in blocked if each.why != "not_delivered" or wanted.is_cart}
    items = [item for item in wanted.items if item[0] not in out] or wanted.items
    try:
        choices = NO_CHOICES if refused and refused.field == "choices" else _choices(form)
        goods, quote = await me.read(orders.preview_order, items, place, me.id, choices, delivery)
    except NotFound:
        raise
    except DomainError as error:
        if error.field == "choices":
            return await _page(me, wanted, form, error)
        return _goods_gone_page(wanted, error)
    reduced = await me.read(pricing.special_prices, [pricing.line_of(sku, n) for sku, n in goods])
    return shown(
        "h5/trade/checkout.html",
        status=refused.http_status if refused else 200,
        wanted=wanted,
        quote=quote,
        lines=[
            (sku, line, reduced.get(sku.sku_id))
            for (sku, _), line in zip(goods, quote.lines, strict=True)
        ],
        choices=[(name, getattr(choices, name)) for name in choices.made],
        rows=quote_rows(quote, place, delivery=delivery),
        places=places if delivery == PICKUP else [],
        chosen_place=_chosen_place(places, form),
        blocked=blocked,
        invoices=[("", "不需要发票"), *INVOICES.items()],
        can_drop=len(blocked) < len(wanted.items),
        address=chosen,
        gift=await _gift_facts(me, items) if is_gift else None,
        ways=_ways(wanted, has_places=bool(places)),
        way=_way(wanted.url, delivery),
        values=form.values,
        send=LISTS,
        **form_facts(form.values, understood),
        form=form,
        errors=_errors(refused, goods, is_blocked=bool(blocked)),
        short=_short(wanted, goods),
        changes=[] if blocked else _changes(wanted, goods, form, quote),
        first=_first(refused),
        before=before,
        picker=f"/m/addresses?next={quoted(wanted.url, safe='')}",
        has_liquor=any(sku.is_liquor for sku, _ in goods),
        exempt=[sku for sku, _ in goods if sku.is_return_exempt],
        **await _terms(me, form),
    )


def _ways(wanted: Wanted, *, has_places: bool) -> list[tuple[str, str, str]]:
    """The kinds of delivery as tabs: path, name."""
    kinds = (orders.EXPRESS, *((PICKUP,) if has_places else ()), orders.GIFT)
    return [(_way(wanted.url, kind), WAYS[kind], "") for kind in kinds]


async def _gift_facts(me: SignedIn, items: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The days that may be wished, and where the gift can't go."""
    first, last = await me.read(gifts.arrival_days, items)
    return {
        "days": await me.read(gifts.days_to_accept),
        "first": first.isoformat(), "last": last.isoformat(),
        "closed_to": await me.read(gifts.closed_to_items, items),
    }  # fmt: skip


async def _terms(me: SignedIn, form: Form) -> dict[str, Any]:
    """What the buyer is asked about the terms; a tick counts for the version that was shown."""
    asked = await me.read(legal.asking, me.id, "terms")
    was_shown = form.raw("terms") == str(asked.version.number)
    return {"terms": asked, "terms_ticked": was_shown and form.flag("agree")}


def _short(wanted: Wanted, goods: Sequence[Any]) -> list[tuple[str, int, int, str]]:
    """Lines with too little stock: title, wanted, left, and the path to change the quantity.

    The shopper decides on another quantity; it is never changed for them.
    """
    found = []
    for sku, n in goods:
        if 0 < sku.left < n:
            url = f"/m/checkout?sku={sku.sku_id}&qty={sku.left}" if wanted.only_sku else "/m/cart"
            found.append((sku.title, n, sku.left, url))
    return found


def _chosen_place(places: Sequence[PlaceView], form: Form) -> int:
    """The chosen place if it still takes orders, else the nearest one; 0 without any."""
    wanted = form.raw("place")
    known = (each.id for each in places if str(each.id) == wanted)
    return next(known, places[0].id if places else 0)


def _chosen(known: Sequence[AddressView], wanted: str) -> AddressView | None:
    """The address that was asked for; if there is none of that id, the default one."""
    return next((a for a in known if str(a.id) == wanted), known[0] if known else None)


def _goods_gone_page(wanted: Wanted, error: DomainError) -> Shown:
    title = error.facts.get("title")
    text = TEXTS.text("sold_out") if _is_sold_out(error) else TEXTS.of(error)
    text = f"“{title}”{text}" if title else text
    back = "/m/cart" if wanted.is_cart else "/m/"
    return shown("h5/trade/checkout_gone.html", status=error.http_status, text=text, back=back)


def _is_sold_out(error: DomainError) -> bool:
    return error.code == "stock_short" and not error.facts.get("left")


_BLOCKS = frozenset({"price_changed", "not_delivered", "not_for_sale", "stock_short"})


def _errors(
    refused: DomainError | None, goods: Sequence[Any], *, is_blocked: bool
) -> dict[str, str]:
    """The errors by field.

    A changed price, a repeated tap and goods that can't be bought are shown by notices of their
    own.
    """
    if refused is None or refused.code in {"price_changed", "command_reused"}:
        return {}
    if is_blocked and refused.code in _BLOCKS:
        return {}
    text = TEXTS.of(refused)
    if refused.code == "choice_not_offered":
        name = str(refused.facts["name"])
        return {"": TEXTS.text(refused.code, name=CHOICES.get(name, name))}
    if refused.code == "adult_unconfirmed":
        return {"adult": text}
    if refused.code == "exemption_unconfirmed":
        return {f"exempt-{sku_id}": text for sku_id in refused.facts["sku_ids"]}
    named = {sku.sku_id: sku.title for sku, _ in goods}.get(refused.facts.get("sku_id", 0))
    if _is_sold_out(refused):
        text = TEXTS.text("sold_out")
    if refused.code in {"stock_short", "quantity_bad"}:
        return {"": f"“{named}”{text}" if named else text}
    return {refused.field if refused.field in (*FIELDS, *OWN_FIELDS) else "": text}


def _changes(
    wanted: Wanted, goods: Sequence[Any], form: Form, quote: Any
) -> list[tuple[str, int, int]]:
    """What differs from the page that the buyer saw: (name, fen then, fen now)."""
    found = [
        (_named(sku, wanted.seen[sku.sku_id], line), wanted.seen[sku.sku_id], line.unit_price_fen)
        for (sku, _), line in zip(goods, quote.lines, strict=True)
        if wanted.seen.get(sku.sku_id, line.unit_price_fen) != line.unit_price_fen
    ]
    for text, name, now in (("运费", "seen_freight", quote.freight_fen),
                            ("优惠", "seen_reduction", quote.reduction_fen),
                            ("应付合计", "expected_payable_fen", quote.payable_fen)):  # fmt: skip
        before = form.raw(name)
        if before.isascii() and before.isdigit() and len(before) < 13 and int(before) != now:
            found.append((text, int(before), now))
    return found


def _named(sku: SkuLine, seen_fen: int, line: QuotedLine) -> str:
    """The title of an SKU whose price changed, with a note if that is because an offer ended."""
    is_over = seen_fen < line.unit_price_fen == line.list_price_fen
    return f"{sku.title}（优惠已结束）" if is_over else sku.title


def _first(refused: DomainError | None) -> str | None:
    """The order that an earlier tap on the same form placed."""
    if isinstance(refused, Conflict) and refused.code == "command_reused":
        return str(refused.facts["first"]["order_no"])
    return None
