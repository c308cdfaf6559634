"""证明材料: documents for claims such as age, process and awards, and what they let one say."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from admin.guard import requires
from admin.kit.steps import ID, Ask, Step, nothing
from admin.web import page, read
from domain import public_texts
from domain.public_texts import CLAIMS, EvidenceForm
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/evidence"


@routes.get("/evidence")
@requires("texts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All evidence, first what counts today."""
    found = await read(request, public_texts.list_evidence)
    return await page(request, "admin/marketing/evidence.html", rows=found, claims=CLAIMS)


def _evidence(form: Form) -> EvidenceForm:
    return EvidenceForm(
        claim=form.choice("claim", CLAIMS),
        title=form.text("title", most=80),
        number=form.text("number", most=80, required=False),
        covers=tuple(dict.fromkeys(form.text("covers", most=400).replace("，", " ").split())),
        valid_until=_day(form, "valid_until"),
    )


def _day(form: Form, name: str) -> date | None:
    text = form.raw(name).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        form.fail(name, "date_bad")
        return None


def add(ask: Ask, it: EvidenceForm) -> str:
    """Keep a document and the phrases that it covers."""
    public_texts.add_evidence(it, ask.actor)
    return "证明材料已登记，含有这些说法的文字可以保存了"


def withdraw(ask: Ask, _: None) -> str:
    """A document no longer counts."""
    public_texts.withdraw_evidence(ask.id, ask.actor)
    return "已停用"


STEPS = (
    Step("/evidence", "texts.decide", add, URL, _evidence, once=True),
    Step(f"/evidence/{ID}/withdraw", "texts.decide", withdraw, URL, nothing, word="停用"),
)
