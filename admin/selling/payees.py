"""收款人: review of business licences; freezes and appeals."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from admin.as_shown import shown_facts
from admin.deps import deps_of
from admin.guard import requires
from admin.kit.steps import Ask, Step, reason
from admin.web import (
    id_of,
    page,
    people_of,
    read,
    write,
)
from domain import audit, members, payouts
from kernel.web.files import private_file
from kernel.web.forms import Form
from kernel.web.keys import STORE

routes = web.RouteTableDef()
ID = r"/payees/{id:\d{1,18}}"


@routes.get("/payees")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Show business licences to review and freezes, the oldest first."""
    found = await read(request, _waiting)
    shown = await shown_facts(request, "payee", [each.member_id for each in found["waiting"]])
    return await page(request, "admin/selling/payees.html", shown=shown, **found)


def _waiting() -> dict[str, Any]:
    waiting, frozen = payouts.payees_to_review(), payouts.list_freezes()
    ids = [each.member_id for each in waiting] + [each.member_id for each in frozen]
    return {
        "waiting": waiting,
        "frozen": frozen,
        "profiles": members.member_views(ids),
        "people": people_of(f"member:{member_id}" for member_id in ids),
    }


@routes.get(f"{ID}/licence.jpg")
@requires("payouts.review")
async def licence(request: web.Request) -> web.StreamResponse:
    """Send the picture of a business licence to finance; each view is recorded."""
    member_id = id_of(request)
    store, files = request.config_dict[STORE], deps_of(request).documents
    jpeg = await payouts.open_document(store, files, member_id)
    await write(request, audit.record, "payee.document_seen", "payee", member_id)
    return private_file(jpeg, "image/jpeg")


class Decision(NamedTuple):
    """A decision, and the text that the person reads."""

    is_yes: bool
    text: str


def _review(form: Form) -> Decision:
    is_yes = form.choice("decision", ("approve", "reject")) == "approve"
    return Decision(is_yes, form.text("reason", most=200, required=not is_yes))


def _appeal(form: Form) -> Decision:
    is_yes = form.choice("decision", ("lift", "keep")) == "lift"
    return Decision(is_yes, form.text("answer", most=200))


def review(ask: Ask, it: Decision) -> str:
    """Approve a payee after comparing licence, name and code, or refuse with a reason."""
    payouts.review_payee(ask.id, it.is_yes, ask.actor, it.text)
    return "已通过收款主体审核" if it.is_yes else "已退回，对方会看到原因"


def freeze(ask: Ask, why: str) -> str:
    """Freeze a person's commission, with a reason that they read.

    No code is asked for, so that nothing delays the freeze.
    """
    payouts.freeze_payee(ask.id, ask.actor, why)
    return "已冻结佣金，对方会收到原因，可以申诉"


def lift(ask: Ask, why: str) -> str:
    """End a freeze; approved withdrawals are paid."""
    payouts.lift_freeze(ask.id, ask.actor, why)
    return "已解冻佣金"


def appeal(ask: Ask, it: Decision) -> str:
    """Answer an appeal: lift the freeze, or keep it and put off its review."""
    payouts.answer_appeal(ask.id, ask.actor, it.text, lifts=it.is_yes)
    return "已解冻并答复" if it.is_yes else "已答复，冻结继续"


PERSON = "/admin/distributors/{id}"
STEPS = (
    Step(f"{ID}/review", "payouts.review", review, "/admin/payees", _review,
         fresh=True, shows="payee"),
    Step(f"{ID}/freeze", "payouts.stop", freeze, PERSON, reason, word="冻结"),
    Step(f"{ID}/lift", "payouts.stop", lift, PERSON, reason,
         word="解冻", fresh=True, shows="freeze"),
    Step(f"{ID}/appeal", "payouts.stop", appeal, PERSON, _appeal, fresh=True, shows="freeze"),
)  # fmt: skip
