"""优惠活动: list, draft, preview, start, stop; the same pages serve every kind of promotion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from admin.guard import requires, staff_of
from admin.kit import columns as cols
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import Ask, Step
from admin.kit.wanted import View, Wanted
from admin.marketing.offer_forms import KIND_FORMS, KindForm
from admin.marketing.offer_preview import rows_of, warnings_of
from admin.moments import shown_moment, typed_moment
from admin.web import (
    command_key,
    done,
    errors_of,
    form_errors,
    id_of,
    once,
    page,
    read,
    words,
    write,
)
from admin.words import ACTION, OFFER, who
from domain import audit, catalog, promotions, staff
from domain.catalog import SkuLine
from domain.promotions import OfferForm, OfferView
from kernel import clock
from kernel.errors import Conflict, DomainError, NotFound
from kernel.web.forms import Form, query_param, read_form

routes = web.RouteTableDef()
URL = "/admin/offers"
ONE = r"/offers/{id:\d{1,18}}"
PHASES = ("running", "planned", "draft", "ended", "stopped")
PRODUCTS_MOST = 30
FOUND_MOST = 30
DEFAULT_KIND = "limited_price"


def find(wanted: Wanted) -> Sequence[OfferView]:
    """Promotions, newest first."""
    phase = None if wanted.view == "all" else wanted.view
    return promotions.list_offers(phase, before_id=wanted.cursor, limit=wanted.limit)


def _rule(row: OfferView) -> str:
    kind = KIND_FORMS.get(row.form.kind)
    return kind.says(row.form) if kind else ""


def _kind_title(row: OfferView) -> str:
    kind = KIND_FORMS.get(row.form.kind)
    return kind.title if kind else row.form.kind


LIST = ListSpec[OfferView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("活动", lambda row: row.form.title, note=lambda row: row.form.label),
        cols.state("状态", OFFER, lambda row: row.phase, note=lambda row: row.stop_reason),
        cols.text("规则", _rule),
        cols.when("开始", lambda row: row.form.starts_at),
        cols.when("结束", lambda row: row.stopped_at or row.form.ends_at),
        cols.text("类型", _kind_title),
        cols.act(lambda row: "核对上线" if row.phase == "draft" else "查看"),
    ),
    unit="个",
    note="到时间自动开始、自动结束；开始后不能修改，只能停止",
    href=lambda row: f"{URL}/{row.id}",
    views=(View("all", "全部"), *(View(each, OFFER[each][0]) for each in PHASES)),
    buttons=tuple(
        Button(f"新建{kind.title}", f"{URL}/new?kind={kind.name}", "offers.edit",
               tone="primary" if kind.name == DEFAULT_KIND else "")
        for kind in KIND_FORMS.values()
    ),
    empty=Empty("还没有活动", "选几件商品，定一个时间段和价格。"),
    has_file=True,
)  # fmt: skip


@routes.get("/offers/new")
@requires("offers.edit")
async def new(request: web.Request) -> web.StreamResponse:
    """Show the choice of goods, then the form; ``from`` copies another promotion."""
    kind = _kind(query_param(request, "kind", default=DEFAULT_KIND))
    query = Form(request.query)
    source = query.integer("from", least=1, most=10**15, default=0)
    query.check()
    if source:
        found = await read(request, promotions.offer_detail, source)
        kind = _kind(found.form.kind)
        values = _values(kind, found.form) | {"starts_at": "", "ends_at": ""}
        return await _form_page(request, kind, await _products_of(request, found.form), values, {})
    products = query.ids("p", PRODUCTS_MOST)
    if not products or query_param(request, "more"):
        return await _picker(request, kind, products)
    values = {"label": kind.label, "way": "price", "tells_carts": "1"}
    return await _form_page(request, kind, products, values, {})


@routes.post("/offers/new")
@requires("offers.edit")
async def create(request: web.Request) -> web.StreamResponse:
    """Save a draft; several taps save one."""
    form = await read_form(request)
    kind, products = _kind(form.raw("kind")), form.ids("p", PRODUCTS_MOST)
    said = await _offer_form(request, form, kind, products)
    errors = form_errors(form)
    if not errors:
        try:
            key = command_key(request, form, "draft_offer", _body(said))
            offer_id = await once(request, key, promotions.draft_offer, said)
        except DomainError as error:
            errors = errors_of(error)
        else:
            await done(request, "草稿已保存，核对下面的价格后上线", f"{URL}/{offer_id}")
    return await _form_page(request, kind, products, form.values, errors, status=422)


@routes.get(ONE)
@requires("offers.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """Show a promotion with its effect on each price, and the steps that may be taken."""
    return await _detail_page(request, {})


@routes.get(f"{ONE}/edit")
@requires("offers.edit")
async def edit(request: web.Request) -> web.StreamResponse:
    """Show the form of a promotion that has not begun."""
    found = await read(request, promotions.offer_detail, id_of(request))
    if not found.can_edit:
        raise Conflict("offer_begun")
    kind = _kind(found.form.kind)
    products = Form(request.query).ids("p", PRODUCTS_MOST) or await _products_of(
        request, found.form
    )
    values = _values(kind, found.form) | {"version": str(found.version)}
    return await _form_page(request, kind, products, values, {}, found.id)


@routes.post(f"{ONE}/edit")
@requires("offers.edit")
async def change(request: web.Request) -> web.StreamResponse:
    """Save the changes, unless somebody else changed the promotion in between."""
    form, offer_id = await read_form(request), id_of(request)
    kind, products = _kind(form.raw("kind")), form.ids("p", PRODUCTS_MOST)
    said = await _offer_form(request, form, kind, products)
    version = form.integer("version", least=1, most=2**31)
    errors = form_errors(form)
    if not errors:
        try:
            await write(request, promotions.edit_offer, offer_id, said, version)
        except NotFound:
            raise
        except DomainError as error:
            errors = errors_of(error)
        else:
            await done(request, "已保存，请再核对一次价格", f"{URL}/{offer_id}")
    return await _form_page(request, kind, products, form.values, errors, offer_id, status=422)


@routes.post(f"{ONE}/start")
@requires("offers.edit")
async def start(request: web.Request) -> web.StreamResponse:
    """Start a promotion; a price of 0 or below half the present one has to be confirmed."""
    form, offer_id = await read_form(request), id_of(request)
    version = form.integer("version", least=1, most=2**31)
    found = await read(request, promotions.offer_detail, offer_id)
    rows = await read(request, rows_of, found.form, found.id)
    if any(row.effect.is_far for row in rows) and not form.flag("checked"):
        form.fail("checked", "offer_unchecked")
    errors = form_errors(form)
    if not errors:
        try:
            await write(request, promotions.start_offer, offer_id, version)
        except DomainError as error:
            errors = {"": errors_of(error)[error.field or ""]}
        else:
            await done(request, "活动已上线", f"{URL}/{offer_id}")
    return await _detail_page(request, errors)


def stop(ask: Ask, why: str) -> str:
    """Stop a promotion at once."""
    promotions.stop_offer(ask.id, why)
    return "活动已停止，新订单按原价，已提交的订单不变"


def drop(ask: Ask, version: int) -> str:
    """Discard a draft."""
    promotions.drop_offer(ask.id, version)
    return "草稿已作废"


def _reason(form: Form) -> str:
    return form.text("reason", most=80)


def _version(form: Form) -> int:
    return form.integer("version", least=1, most=2**31)


STEPS = (
    Step(f"{ONE}/stop", "offers.edit", stop, f"{URL}/{{id}}", _reason, word="停止"),
    Step(f"{ONE}/drop", "offers.edit", drop, f"{URL}/{{id}}", _version, done_at=URL),
)


async def _detail_page(request: web.Request, errors: dict[str, str]) -> web.Response:
    found = await read(request, promotions.offer_detail, id_of(request))
    if found.state == "dropped":
        raise NotFound("offer_missing")
    rows = await read(request, rows_of, found.form, found.id)
    return await page(
        request,
        "admin/marketing/offer.html",
        status=422 if errors else 200,
        offer=found,
        kind=_kind(found.form.kind),
        rows=rows,
        warnings=warnings_of(found, rows),
        needs_check=any(row.effect.is_far for row in rows),
        errors=errors,
        steps=await read(request, _steps, found.id),
        now_=clock.now(),
    )


async def _picker(request: web.Request, kind: KindForm, products: Sequence[int]) -> web.Response:
    """The page to choose products: those found by words, and those already ticked."""
    rows = await read(
        request, catalog.list_products, state="on_shelf", words=words(request), limit=FOUND_MOST
    )
    return await page(
        request,
        "admin/marketing/offer_goods.html",
        kind=kind,
        rows=rows,
        words=words(request),
        picked=[i for i in products if i not in {row.id for row in rows}],
        ticked=set(products),
        most=PRODUCTS_MOST,
        found_most=FOUND_MOST,
    )


async def _form_page(
    request: web.Request, kind: KindForm, products: Sequence[int], values: dict[str, str],
    errors: dict[str, str], offer_id: int = 0, status: int = 200,
) -> web.Response:  # fmt: skip
    goods = await read(request, _goods, products)
    if not goods:
        raise web.HTTPSeeOther(f"{URL}/new")
    return await page(
        request,
        "admin/marketing/offer_form.html",
        status=status,
        kind=kind,
        goods=goods,
        products=products,
        values=values,
        errors=errors,
        offer_id=offer_id,
        may_tell=staff_of(request).may("push.send"),
    )


async def _offer_form(
    request: web.Request, form: Form, kind: KindForm, products: Sequence[int]
) -> OfferForm:
    """Read the form; mistakes are noted in it."""
    goods = await read(request, _goods, products)
    if not goods:
        form.fail("targets", "offer_targets_missing")
    typed_goods = kind.read(form, goods)
    tells = form.flag("tells_carts")
    if tells and not staff_of(request).may("push.send"):
        form.fail("tells_carts", "right_missing", right="push.send")
    now = clock.now()
    starts_at = typed_moment(form, "starts_at", required=False) or now
    ends_at = typed_moment(form, "ends_at", required=True) or now
    return OfferForm(
        kind=kind.name,
        title=form.public("title", most=60),
        label=form.public("label", most=20),
        starts_at=starts_at,
        ends_at=ends_at,
        scope=typed_goods.scope,
        targets=typed_goods.targets,
        rules=typed_goods.rules,
        tells_carts=tells,
    )


def _body(said: OfferForm) -> list[Any]:
    """All values of the draft, for the one-time key.

    A start that is not in the future is 'now': its instant differs with each tap.
    """
    starts = said.starts_at.isoformat() if said.starts_at > clock.now() else "now"
    return [said.kind, said.title, said.label, starts, said.ends_at.isoformat(), said.scope,
            list(said.targets), {str(k): v for k, v in said.rules.items()},
            said.tells_carts]  # fmt: skip


def _kind(name: str) -> KindForm:
    if name not in KIND_FORMS:
        raise NotFound("offer_kind_unknown")
    return KIND_FORMS[name]


def _values(kind: KindForm, offer: OfferForm) -> dict[str, str]:
    """The values of a promotion in its form."""
    return kind.values(offer) | {
        "title": offer.title, "label": offer.label, "starts_at": shown_moment(offer.starts_at),
        "ends_at": shown_moment(offer.ends_at), "tells_carts": "1" if offer.tells_carts else "",
    }  # fmt: skip


async def _products_of(request: web.Request, offer: OfferForm) -> list[int]:
    goods = await read(request, promotions.goods_of, offer)
    return sorted({sku.product_id for sku in goods})


def _goods(products: Iterable[int]) -> list[SkuLine]:
    """All specifications of these products, in the products' order."""
    skus = [sku.sku_id for sku in catalog.priced_skus(products)]
    found = catalog.sku_lines(skus)
    return [found[sku_id] for sku_id in skus if sku_id in found]


def _steps(offer_id: int) -> list[tuple[datetime, str, str, str]]:
    """The entries of a promotion's timeline: (instant, who, what, reason)."""
    found = audit.timeline("offer", offer_id, limit=20)
    people = {f"staff:{each.login}": each.name for each in staff.list_staff()}
    return [
        (e.at, people.get(e.actor) or who(e.actor), ACTION.get(e.action, e.action),
         (e.after or {}).get("reason", ""))
        for e in found
    ]  # fmt: skip
