"""The question that pages of the shop ask a member once after they were bound (ADR 83)."""

from __future__ import annotations

from aiohttp import web

from domain import distribution
from kernel.web.sessions import browser
from mall_h5.web import peek, read


async def names_question(request: web.Request) -> distribution.ShownTo | None:
    """Whether the upline may see the member; None once it was answered, or without an upline."""
    member_id = browser(request).member_id
    if member_id is None or not await peek(
        request, distribution.has_open_names_question, member_id
    ):
        return None
    return await read(request, distribution.shown_to, member_id)
