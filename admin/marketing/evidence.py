"""证明材料: documents that prove claims such as age, process and awards."""

from __future__ import annotations

from aiohttp import web

from admin.attachments import WithDocument, document_of, show_document
from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.steps import ID, Ask, Step, nothing
from admin.web import id_of, page, read
from domain import overview, public_texts
from domain.public_texts import CLAIMS, EvidenceForm
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/evidence"


@routes.get("/evidence")
@requires("texts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All evidence, what counts today first; and the texts whose evidence ends or has ended."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    return await page(
        request, "admin/marketing/evidence.html", status=422 if errors else 200,
        rows=await read(request, public_texts.list_evidence), values=values, errors=errors,
        at_risk=await read(request, overview.texts_at_risk),
    )  # fmt: skip


@routes.get(f"/evidence/{ID}/file")
@requires("texts.see")
async def file(request: web.Request) -> web.StreamResponse:
    """The document itself."""
    found = await read(request, public_texts.evidence_file, id_of(request))
    return await show_document(request, found)


def _evidence(form: Form) -> EvidenceForm:
    stored = document_of(form)
    if not stored:
        form.fail("file", "evidence_file_missing")
    return EvidenceForm(
        claim=form.choice("claim", CLAIMS),
        title=form.text("title", most=80),
        number=form.text("number", most=80),
        covers=tuple(dict.fromkeys(form.text("covers", most=400).replace("，", " ").split())),
        valid_until=form.day("valid_until"),
        file=stored,
    )


def add(ask: Ask, it: EvidenceForm, _: int) -> int:
    """Record a document and the phrases that it proves."""
    return public_texts.add_evidence(it, ask.actor)


def withdraw(ask: Ask, _: None) -> str:
    """Withdraw a document, so that it proves no phrase any more."""
    public_texts.withdraw_evidence(ask.id, ask.actor)
    return "已停用"


ADD = WithDocument(FormSpec[EvidenceForm](
    "/evidence", "texts.decide", _evidence, add, _page,
    "证明材料已登记，含有这些说法的文字可以保存了", URL,
))  # fmt: skip
STEPS = (Step(f"/evidence/{ID}/withdraw", "texts.decide", withdraw, URL, nothing, word="停用"),)
