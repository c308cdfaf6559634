"""Renders responses, with the variables that every template may use."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from kernel import clock
from kernel.web.keys import BROWSER, COMPANY, FLASH, PROMISED, RENDERER, VISIT

_MACHINES = re.compile(
    r"(?<!cu)bot\b|spider|crawl|slurp|preview|externalhit|embedly|headless|lighthouse|pingdom|"
    r"curl|wget|python|aiohttp|httpx|okhttp|go-http|java/|libwww|scrapy|axios|node-fetch|postman",
    re.IGNORECASE,
)
_EARLY = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")  # prefetch, prerender, preview


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """Respond with a rendered template, a whole page or an htmx fragment."""
    renderer = request.config_dict[RENDERER]
    text = renderer.text(template, **(page_context(request) | context))
    response = web.Response(text=text, status=status, content_type="text/html")
    response.headers["Cache-Control"] = "no-cache, private"
    response.headers["Vary"] = "HX-Request"
    return response


def page_context(request: web.Request) -> dict[str, Any]:
    """The variables that every template may use."""
    found = request.get(BROWSER)
    return {
        "request_path": request.rel_url.raw_path,  # as it is written in links
        "request_query": request.query_string,
        "csrf_token": found.csrf if found is not None else "",
        "care_mode": found is not None and found.is_care_mode,
        "in_wechat": in_wechat(request),
        "is_signed_in": found is not None and found.member_id is not None,
        "is_fragment": is_fragment(request),
        "flash": request.get(FLASH),
        "visit": request.get(VISIT),
        "promised": request.get(PROMISED),
        "company": request.get(COMPANY),
        "now": clock.now(),
    }


def seen_target(request: web.Request) -> str:
    """Path and query exactly as in the browser's ``location.href``, without the fragment.

    WeChat's JS-SDK signature covers that text: a final ``?`` and the case of ``%e9`` matter.
    """
    raw = request.raw_path.partition("#")[0]
    return raw if raw.startswith("/") else request.path_qs


def in_wechat(request: web.Request) -> bool:
    """True if the page is opened inside WeChat."""
    agent = request.headers.get("User-Agent", "")
    return "MicroMessenger" in agent and "wxwork" not in agent


def is_machine(request: web.Request) -> bool:
    """True for requests without a person: crawlers, previews, programs, prefetched pages."""
    headers = request.headers
    agent = headers.get("User-Agent", "")
    early = " ".join(headers.get(name, "") for name in _EARLY)
    return not agent or bool(_MACHINES.search(agent)) or "pre" in early.lower()


def is_fragment(request: web.Request) -> bool:
    """True if htmx requests a part of the page."""
    return request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers
