"""The confirmation page before money leaves or a price changes a lot (再次核对).

The first request renders the value that the server read from the form. The second request carries
that value in ``_seen``; the verb compares it with the value that it computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from admin.web import page
from kernel.web.forms import Form

SEEN = "_seen"
EDIT = "_edit"
_OWN = frozenset({SEEN, EDIT, "_csrf", "_code"})


@dataclass(frozen=True)
class ConfirmPage:
    """The content of the page: a title, the sum in large type, facts, and the button's label.

    ``back`` is the address for going back; if empty, going back shows the form again.
    """

    title: str
    sum: str
    facts: Sequence[tuple[str, str]]
    button: str
    back: str
    note: str = ""


def wants_edit(form: Form) -> bool:
    """True if the person went back from the confirmation page to change the form."""
    return bool(form.raw(EDIT))


def confirmed_fen(form: Form) -> int | None:
    """The value in fen that the confirmation page has shown; None before that page."""
    text = form.raw(SEEN)
    if not text:
        return None
    return form.integer(SEEN, least=0, most=10**12)


async def confirm_page(
    request: web.Request, form: Form, value: int, look: ConfirmPage
) -> web.Response:
    """The page that shows the value read from the form, and sends the form again with it."""
    names = [name for name in form.values if name not in _OWN]
    return await page(
        request,
        "admin/second_look.html",
        look=look,
        action=request.path,
        kept=[(name, value) for name in names for value in form.all(name)],
        seen_name=SEEN,
        seen=value,
    )
