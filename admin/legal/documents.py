"""法律文本: the editor of terms, privacy policy and rules: draft, preview, publishing, history."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import Ask, Step, nothing
from admin.web import errors_of, page, read
from admin.words import DOCUMENT, VARIABLE
from domain import legal
from domain.legal import Kind
from kernel.errors import DomainError
from kernel.web.forms import Form

routes = web.RouteTableDef()
RIGHT = "legal.edit"
KIND = r"{kind:terms|privacy|distribution|campaign}"
BACK = "/admin/legal/{kind}"
BODY_MOST = 20_000


@routes.get("/legal")
@requires("settings.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All documents with the version in force, the announced version and the draft."""
    found = await read(request, legal.desks)
    return await page(request, "admin/legal/documents.html", desks=found)


@routes.get(f"/legal/{KIND}")
@requires("settings.see")
async def editor(request: web.Request) -> web.StreamResponse:
    """A document's text, variables, differences and versions."""
    return await _page(request, {}, {})


def _kind(places: Any) -> Kind:
    return legal.checked_kind(places["kind"])


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], shown: Any = None
) -> web.Response:
    kind = _kind(request.match_info)
    found = await read(request, legal.desk, kind)
    present = _shown(found)
    variables = await read(request, legal.variable_values)
    times = await read(request, legal.times)
    return await page(
        request, "admin/legal/document.html", status=422 if errors else 200, desk=found,
        values=dict(present.values) | present.carried | values, errors=errors, preview=shown,
        times=times,
        variables=[(name, VARIABLE[name], value) for name, value in variables.items()],
        is_announced=kind in legal.ANNOUNCED,
    )  # fmt: skip


def _body(form: Form) -> str:
    return form.prose("body", most=BODY_MOST)


def _present(ask: Ask) -> Present:
    """The draft's current values in the form."""
    return _shown(legal.desk(_kind(ask.places)))


def _shown(found: legal.Desk) -> Present:
    return Present({"body": found.draft.body}, found.draft.edition, {})


async def _preview(request: web.Request, form: Form, body: str) -> web.StreamResponse | None:
    """Show the text as readers would see it, without saving it."""
    if not form.flag("look"):
        return None
    try:
        shown = await read(request, legal.preview, body)
    except DomainError as error:
        return await _page(request, form.values, errors_of(error))
    return await _page(request, form.values, {}, shown)


def save(ask: Ask, body: str, edition: int) -> None:
    """Save the draft."""
    legal.save_draft(_kind(ask.places), body, edition)


def discard(ask: Ask, _: None) -> str:
    """Discard the draft."""
    legal.discard_draft(_kind(ask.places))
    return "草稿已放弃"


class Publishing(NamedTuple):
    """How the draft is to be published."""

    edition: int
    effective_on: date | None
    what_changed: str
    asks_again: bool


def _publishing(form: Form) -> Publishing:
    return Publishing(
        form.integer("edition", least=0, most=2**31),
        form.day("effective_on"),
        form.text("what_changed", most=200),
        form.flag("asks_again"),
    )


def publish(ask: Ask, it: Publishing) -> str:
    """Publish the draft as the next version."""
    kind = _kind(ask.places)
    number = legal.publish(kind, it.edition, it.effective_on, it.what_changed, it.asks_again)
    return f"{DOCUMENT[kind]}第 {number} 版已发布"


SAVE = FormSpec[str](
    f"/legal/{KIND}", RIGHT, _body, save, _page, "草稿已保存", BACK,
    present=_present, moved=frozenset({"document_moved"}), look=_preview,
)  # fmt: skip
STEPS = (
    Step(f"/legal/{KIND}/publish", RIGHT, publish, BACK, _publishing, word="发布", fresh=True),
    Step(f"/legal/{KIND}/discard", RIGHT, discard, BACK, nothing),
)
