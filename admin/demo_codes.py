"""The demo's one-time codes on its own pages: nobody has an authenticator for them.

Anywhere but in the demo there is no code to show. A production shop refuses the demo's
environment when it starts (``kernel/production.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from domain import staff
from kernel.errors import DomainError
from kernel.web.keys import CONFIG, STORE


async def code_of_ticket(request: web.Request, ticket: str) -> str:
    """The present code of the account that is at the second step; '' outside the demo."""
    return await _found(request, staff.demo_code_of_ticket, ticket)


async def code_of(request: web.Request, login: str) -> str:
    """The present code of an account; '' outside the demo."""
    return await _found(request, staff.demo_code, login)


async def _found(request: web.Request, query: Callable[[str], str], of: str) -> str:
    if not of or request.config_dict[CONFIG].environment != "demo":
        return ""
    try:
        code: str = await request.config_dict[STORE].read(query, of)
    except DomainError:
        return ""  # an account without a code, or a ticket that is out of date: the form says so
    return code
