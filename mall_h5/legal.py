"""法律与公示: terms, privacy, distribution agreement, licences; each with its version."""

from __future__ import annotations

from aiohttp import web

from kernel.web.render import render

routes = web.RouteTableDef()

# A changed text needs a new version: a consent is stored with the version that was agreed to.
VERSIONS = {"terms": "2026-11", "privacy": "2026-11", "distribution": "2026-11", "licences": ""}


@routes.get("/{name:terms|privacy|distribution|licences}")
async def page(request: web.Request) -> web.StreamResponse:
    """One legal document."""
    name = request.match_info["name"]
    return render(request, f"h5/legal/{name}.html", version=VERSIONS[name])
