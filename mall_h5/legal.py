"""Legal pages (法律与公示): terms, privacy, distribution, licences; each with its version."""

from __future__ import annotations

from aiohttp import web

from kernel.web.render import render

routes = web.RouteTableDef()

# A change of text is a new version; consents are stored with the version they were given to.
VERSIONS = {"terms": "2026-11", "privacy": "2026-11", "distribution": "2026-11", "licences": ""}


@routes.get("/{name:terms|privacy|distribution|licences}")
async def page(request: web.Request) -> web.StreamResponse:
    """One legal page."""
    name = request.match_info["name"]
    return render(request, f"h5/legal_{name}.html", version=VERSIONS[name])
