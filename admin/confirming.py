"""Before money leaves or a price moves far: the page repeats what was understood (再次核对).

The first request renders what the server read from the form. The second carries that value in
``_seen``; the verb compares it with what it is about to do.
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
    """What stands on the page: a title, the sum in large type, facts, and the button's words.

    ``back``: where to go instead; empty sends the form once more, to be changed.
    """

    title: str
    sum: str
    facts: Sequence[tuple[str, str]]
    button: str
    back: str
    note: str = ""


def wants_edit(form: Form) -> bool:
    """True if the person went back from the second look to change the form."""
    return bool(form.raw(EDIT))


def confirmed_fen(form: Form) -> int | None:
    """The value that the second look has shown, in fen; None before it."""
    text = form.raw(SEEN)
    if not text:
        return None
    return form.integer(SEEN, least=0, most=10**12)


async def confirm_page(
    request: web.Request, form: Form, value: int, look: ConfirmPage
) -> web.Response:
    """The page that repeats what was understood and sends the same form again with it."""
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
