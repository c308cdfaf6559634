"""收款人: licences that wait for review; freezes, their appeals and their end."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.as_shown import carried, shows, try_as_shown
from admin.deps import deps_of
from admin.guard import requires
from admin.web import (
    actor,
    done,
    id_of,
    page,
    people_of,
    read,
    refuse_bad,
    try_step,
    typed,
    write,
)
from domain import audit, members, payouts
from kernel.web.files import private_file
from kernel.web.forms import read_form
from kernel.web.keys import STORE

routes = web.RouteTableDef()
ID = r"/payees/{id:\d{1,18}}"


@routes.get("/payees")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """What finance has to look at: business licences and freezes, the oldest first."""
    found = await read(request, _waiting)
    shown = await carried(request, "payee", [each.member_id for each in found["waiting"]])
    return await page(request, "admin/payees.html", shown=shown, **found)


def _waiting() -> dict[str, Any]:
    waiting, frozen = payouts.payees_to_review(), payouts.standing_freezes()
    ids = [each.member_id for each in waiting] + [each.member_id for each in frozen]
    return {
        "waiting": waiting,
        "frozen": frozen,
        "profiles": members.profiles(ids),
        "people": people_of(f"member:{member_id}" for member_id in ids),
    }


@routes.post(f"{ID}/review")
@shows("payee")
@requires("payouts.review", fresh=True)
async def review(request: web.Request) -> web.StreamResponse:
    """Finance compared licence, name and code: approve, or refuse with the reason they read."""
    form, url = await read_form(request), "/admin/payees"
    is_approved = form.choice("decision", ("approve", "reject")) == "approve"
    reason = form.text("reason", most=200, required=not is_approved)
    await refuse_bad(request, form, url)
    await try_as_shown(
        request, url, payouts.review_payee, id_of(request), is_approved, actor(request), reason
    )
    await done(request, "已通过收款主体审核" if is_approved else "已退回，对方会看到原因", url)


@routes.get(f"{ID}/licence.jpg")
@requires("payouts.review")
async def licence(request: web.Request) -> web.StreamResponse:
    """The business licence for finance; each look is on record."""
    member_id = id_of(request)
    store, files = request.config_dict[STORE], deps_of(request).documents
    jpeg = await payouts.open_document(store, files, member_id)
    await write(request, audit.record, "payee.document_seen", "payee", member_id)
    return private_file(jpeg, "image/jpeg")


@routes.post(f"{ID}/freeze")
@requires("payouts.stop")
async def freeze(request: web.Request) -> web.StreamResponse:
    """A person's money stands still, with the reason they read. It asks no code: like the stop."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    typed(form, "冻结")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    await try_step(request, url, payouts.freeze, member_id, actor(request), reason)
    await done(request, "已冻结佣金，对方会收到原因，可以申诉", url)


@routes.post(f"{ID}/lift")
@shows("freeze")
@requires("payouts.stop", fresh=True)
async def lift(request: web.Request) -> web.StreamResponse:
    """The freeze ends; what was approved goes on."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    typed(form, "解冻")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    await try_as_shown(request, url, payouts.lift, member_id, actor(request), reason)
    await done(request, "已解冻佣金", url)


@routes.post(f"{ID}/appeal")
@shows("freeze")
@requires("payouts.stop", fresh=True)
async def appeal(request: web.Request) -> web.StreamResponse:
    """Answer an appeal: it is granted and lifts the freeze, or the freeze stands for longer."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    lifts = form.choice("decision", ("lift", "keep")) == "lift"
    answer = form.text("answer", most=200)
    await refuse_bad(request, form, url)
    await try_as_shown(
        request, url, payouts.answer_appeal, member_id, actor(request), answer, lifts=lifts
    )
    await done(request, "已解冻并答复" if lifts else "已答复，冻结继续", url)
