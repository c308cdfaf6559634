"""送礼: the buyer's page with the card to send, and the friend's page, which shows no price."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import catalog, gifts, members
from domain.gifts import Acceptance, BuyerView, FriendView
from domain.members import AddressForm
from kernel.errors import DomainError, NotFound
from kernel.web.forms import Form, read_form
from kernel.web.keys import CONFIG
from kernel.web.render import render
from mall_h5.me.address_form import FIELDS, Understood, form_facts, is_step, stepped
from mall_h5.me.addresses import LISTS as ADDRESS_LISTS
from mall_h5.me.addresses import OPEN_ADDRESS
from mall_h5.sharing import SHARE_APIS, Card, sign
from mall_h5.sharing import cards as share_cards
from mall_h5.texts import TEXTS
from mall_h5.trade.paying import NO
from mall_h5.trade_words import TEXT
from mall_h5.web import SignedIn, mistake, signed_in

routes = web.RouteTableDef()
LINK = r"/g/{token:[A-Za-z0-9_-]{10,40}\.[A-Za-z0-9_=-]{20,30}}"
CHANGES_A_MINUTE = 20
SHARE = TEXT.names("gift.share")
NEW = "0"
"""The choice of an address that is typed."""


@routes.get(f"/orders/{NO}/gift")
@signed_in
async def sent(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The buyer's page: the card to send on, and what became of the gift."""
    gift = await me.read(gifts.gift_for_buyer, request.match_info["no"], me.id)
    pics = await me.read(catalog.pictures_of_lines, [gift])
    picture = pics.get(gift.lines[0].picture_id or "")
    jssdk = await sign(request, SHARE_APIS) if gift.is_waiting else None
    if jssdk is not None:
        jssdk |= await share_cards(request, _card(gift, picture), has_code=False)
    return render(
        request,
        "h5/trade/gift_sent.html",
        gift=gift,
        pics=pics,
        jssdk=jssdk,
        link=f"{request.config_dict[CONFIG].public_url}/m/g/{gift.token}",
        said=_title(gift),
    )


def _title(gift: BuyerView) -> str:
    """The title of the card; with a signature it says from whom."""
    key = "title" if gift.signature else "unnamed"
    return SHARE[key].format(who=gift.signature)


def _card(gift: BuyerView, picture: Any) -> Card:
    return Card(_title(gift), SHARE["line"], picture, f"/m/g/{gift.token}")


@routes.post(f"/orders/{NO}/gift/cancel")
@signed_in
async def cancel(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Take the gift back before somebody takes it; it is refunded."""
    no = request.match_info["no"]
    await me.limit("gift", most=CHANGES_A_MINUTE)
    await me.write(gifts.cancel, no, me.id)
    await me.flash("礼物已取消，款项原路退回")
    raise web.HTTPSeeOther(f"/m/orders/{no}/gift")


@routes.get("/gifts")
@signed_in
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Gifts that the member took, and own ones that nobody has taken yet."""
    got = await me.read(gifts.list_got, me.id)
    return render(
        request,
        "h5/trade/gifts.html",
        got=got,
        waiting=await me.read(gifts.list_waiting_of, me.id, 20),
        pics=await me.read(catalog.pictures_of_lines, got),
    )


@routes.get(f"/gifts/{NO}")
@signed_in
async def got(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The gift that a friend took, by its order's number; notices open it."""
    token = await me.read(gifts.token_of_got, request.match_info["no"], me.id)
    raise web.HTTPFound(f"/m/g/{token}")


@routes.get(LINK)
@signed_in
async def opened(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """What the friend sees: goods, card, from whom; no price."""
    token = request.match_info["token"]
    gift = await me.read(gifts.gift_for_opener, token, me.id)
    if gift.side == "open":
        await me.write(gifts.note_opened, token, me.id)
    return await _page(request, me, gift, Form({}))


@routes.post(LINK)
@signed_in
async def take(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Take the gift with a kept address or a typed one; a second tap changes nothing."""
    token, form = request.match_info["token"], await read_form(request)
    if is_step(form):
        values, understood = stepped(form)
        gift = await me.read(gifts.gift_for_opener, token, me.id)
        return await _page(request, me, gift, Form(values), understood=understood)
    await me.limit("gift", most=CHANGES_A_MINUTE)
    try:
        await me.write(gifts.accept, token, me.id, _acceptance(form))
    except NotFound:
        raise
    except DomainError as error:
        gift = await me.read(gifts.gift_for_opener, token, me.id)
        return await _page(request, me, gift, form, refused=error)
    await me.flash("已领取，发货后会通知您")
    raise web.HTTPSeeOther(f"/m/g/{token}")


def _acceptance(form: Form) -> Acceptance:
    address_id = form.integer("address", least=0, most=10**18, default=0)
    form.check()
    if address_id:
        return Acceptance(form.flag("adult"), address_id)
    typed = AddressForm(**{name: form.raw(name) for name in FIELDS})
    return Acceptance(form.flag("adult"), 0, typed)


@routes.post(f"{LINK}/decline")
@signed_in
async def decline(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Say no, with words to the buyer."""
    token, form = request.match_info["token"], await read_form(request)
    await me.limit("gift", most=CHANGES_A_MINUTE)
    said = form.public_prose("said", most=100, required=False)
    try:
        form.check()
        await me.write(gifts.decline, token, me.id, said)
    except NotFound:
        raise
    except DomainError as error:
        gift = await me.read(gifts.gift_for_opener, token, me.id)
        return await _page(request, me, gift, form, refused=error)
    await me.flash("已转告送礼的人")
    raise web.HTTPSeeOther(f"/m/g/{token}")


@routes.post(f"{LINK}/minor")
@signed_in
async def minor(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Say to be under age: the gift is refused, and liquor stays held."""
    token = request.match_info["token"]
    await me.limit("gift", most=CHANGES_A_MINUTE)
    await me.write(gifts.say_minor, token, me.id)
    await me.flash("未满 18 周岁不能领取酒类礼物，已转告送礼的人")
    raise web.HTTPSeeOther(f"/m/g/{token}")


@routes.post(f"{LINK}/receive")
@signed_in
async def receive(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Confirm that everything has arrived."""
    token = request.match_info["token"]
    await me.limit("gift", most=CHANGES_A_MINUTE)
    await me.write(gifts.confirm_receipt, token, me.id)
    await me.flash("已确认收到")
    raise web.HTTPSeeOther(f"/m/g/{token}")


async def _page(
    request: web.Request, me: SignedIn, gift: FriendView, form: Form,
    *, refused: DomainError | None = None, understood: Understood | None = None,
) -> web.Response:  # fmt: skip
    if gift.side == "own":
        number = await me.read(gifts.order_no_of_own, gift.token)
        raise web.HTTPSeeOther(f"/m/orders/{number}/gift")
    known = await me.read(members.list_addresses, me.id) if gift.side == "open" else []
    chosen = form.raw("address") or (str(known[0].id) if known else NEW)
    errors = _errors(refused)
    return render(
        request,
        "h5/trade/gift.html",
        status=refused.http_status if refused else 200,
        gift=gift,
        pics=await me.read(catalog.pictures_of_lines, [gift]),
        addresses=known,
        chosen=chosen,
        values=form.values,
        errors=errors,
        adult=form.flag("adult"),
        send=ADDRESS_LISTS,
        jssdk=await sign(request, OPEN_ADDRESS) if gift.side == "open" else None,
        **form_facts(form.values, understood),
    )


def _errors(refused: DomainError | None) -> dict[str, str]:
    if refused is None:
        return {}
    if refused.code == "adult_unconfirmed":
        return {"adult": TEXTS.of(refused)}
    found = mistake(refused)
    known = {*FIELDS, "said", "address"}
    return {name if name in known else "": text for name, text in found.items()}
