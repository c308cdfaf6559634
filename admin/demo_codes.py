"""Shows one-time codes on the pages of the demo, whose users have no authenticator app.

Outside the demo no code is shown. A production shop refuses the demo's environment when it
starts (``kernel/production.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from domain import staff
from kernel.errors import DomainError
from kernel.web.keys import CONFIG, STORE


async def code_of_ticket(request: web.Request, ticket: str) -> str:
    """The current code of the account at the second step of signing in; '' outside the demo."""
    return await _found(request, staff.demo_code_of_ticket, ticket)


async def code_of(request: web.Request, login: str) -> str:
    """The current code of an account; '' outside the demo."""
    return await _found(request, staff.demo_code, login)


async def _found(request: web.Request, query: Callable[[str], str], of: str) -> str:
    if not of or request.config_dict[CONFIG].environment != "demo":
        return ""
    try:
        code: str = await request.config_dict[STORE].read(query, of)
    except DomainError:
        return ""  # the account has no code, or the ticket has expired: the form reports that
    return code
