"""法律与公示: the legal documents with their versions and differences, and the licences."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import catalog, legal
from kernel import catalogues
from kernel.web.forms import Form, query_param
from kernel.web.paging import cursor_of
from kernel.web.render import render
from mall_h5.web import SignedIn, read

routes = web.RouteTableDef()
NUMBERS_END = 10**6
KIND = r"{kind:terms|privacy|distribution|campaign}"
NAMES = catalogues.of("mall").names("legal.kind")
LABEL = catalogues.of("mall").names("legal.picture")


@routes.get(f"/{KIND}")
async def page(request: web.Request) -> web.StreamResponse:
    """A document: the version in force, or another with ``?v=``."""
    kind = legal.checked_kind(request.match_info["kind"])
    number = _number(request, "v")
    found = await read(request, legal.document, kind, number)
    return render(request, "h5/legal/document.html", **_names(kind), found=found)


@routes.get(f"/{KIND}/changes")
async def changes(request: web.Request) -> web.StreamResponse:
    """What changed from one version to the next (``?from=`` … ``to=``)."""
    kind = legal.checked_kind(request.match_info["kind"])
    newer = _number(request, "to") or (await read(request, legal.version_in_force, kind)).number
    older = _number(request, "from")
    older = newer - 1 if older is None else older
    found = await read(request, legal.comparison, kind, older, newer)
    return render(
        request, "h5/legal/changes.html", **_names(kind), changes=found, older=older, newer=newer
    )


@routes.get("/licences")
async def licences(request: web.Request) -> web.StreamResponse:
    """证照公示: who sells, with which licences."""
    company = await read(request, legal.business)
    shown = {name: getattr(company, name) for name in legal.PICTURES if getattr(company, name)}
    pics = await read(request, catalog.pictures, shown.values()) if shown else {}
    found = [(LABEL[name], pics[digest]) for name, digest in shown.items() if digest in pics]
    return render(request, "h5/legal/licences.html", pictures=found)


async def agreed_to(me: SignedIn, form: Form, kind: legal.Kind) -> str:
    """The version that a form's tick agrees to; a version that came meanwhile is shown first."""
    now = await me.read(legal.version_in_force, kind)
    if not form.flag("agree"):
        form.fail("agree", "terms_not_accepted")
    elif form.integer("shown", least=0, most=10**6, default=0) != now.number:
        form.fail("agree", "agreement_due", number=now.number)
    return str(now.number)


def _names(kind: legal.Kind) -> dict[str, Any]:
    return {"kind": kind, "name": NAMES[kind]}


def _number(request: web.Request, name: str) -> int | None:
    """The number of a version in the address; None without, 0 for one that can't be."""
    found = cursor_of(request, name)
    if not query_param(request, name):
        return None
    return found if found is not None and found < NUMBERS_END else 0
