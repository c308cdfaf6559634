"""A form that was sent after the session had ended, or by a tab older than the last sign-in.

Nothing is done and nothing is lost. The sign-in page carries the form's fields, sealed; after it,
and at once for who is signed in, a page asks whether to send them again. Only a form that a
browser sent from a page of ours is kept: a foreign page can't put words into somebody's mouth.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.exceptions import InvalidTag

from domain.staff import StaffSessionInfo
from kernel import clock
from kernel.crypto import vault
from kernel.web.forms import read_form, referer_of
from kernel.web.keys import CONFIG
from kernel.web.middleware import is_own_origin
from kernel.web.render import render
from kernel.web.sessions import browser, keep_cookies

KEPT = "_kept"
MOST = 100_000  # characters; a form that carries more is not kept
VALID = timedelta(hours=12)
_CONTEXT = "admin-resend"
SECRETS = frozenset({"password", "old", "new", "again", "code"})
_NEVER = SECRETS | {"_csrf", "_code", KEPT}
_SHOWN_MOST = 8


@dataclass(frozen=True)
class Sent:
    """A form as it was sent: where to, from which page, and its fields without secrets."""

    action: str
    back: str
    fields: list[tuple[str, str]]
    has_files: bool

    @property
    def typed(self) -> list[str]:
        """The Chinese that was typed or chosen, so that a person knows what they send again."""
        found = [v for name, v in self.fields if not name.startswith("_") and not v.isascii()]
        return found[:_SHOWN_MOST]


async def sent_by_hand(request: web.Request) -> Sent | None:
    """The form that a browser sent from a page of ours; None for anything else."""
    if request.method != "POST" or not is_own_origin(request):
        return None
    form = await read_form(request)
    fields = [(name, v) for name in form.values if name not in _NEVER for v in form.all(name)]
    if sum(len(name) + len(value) for name, value in fields) > MOST:
        return None
    return Sent(request.path_qs, _page_of(request), fields, form.has_files)


def _page_of(request: web.Request) -> str:
    """The page that the form stood on; today's if the browser doesn't say."""
    came = referer_of(request)
    path = f"{came.path}?{came.query}" if came.query else came.path
    return path if path.startswith("/admin/") and "//" not in path else "/admin/"


def sealed(sent: Sent) -> str:
    """A form as the hidden field of the sign-in page carries it."""
    kept = [sent.action, sent.back, sent.fields, sent.has_files, clock.now().timestamp()]
    packed = zlib.compress(json.dumps(kept, ensure_ascii=False).encode())
    return vault().seal(packed, _CONTEXT)


def opened(text: str) -> Sent | None:
    """The form that a sign-in carries; None if it carries none, or one of yesterday."""
    if not text:
        return None
    try:
        packed = vault().unseal(text, _CONTEXT)  # ours: nobody else can pack a bomb
        action, back, fields, has_files, at = json.loads(zlib.decompress(packed))
    except (InvalidTag, ValueError):
        return None
    if clock.now().timestamp() - at > VALID.total_seconds():
        return None
    return Sent(action, back, [(name, value) for name, value in fields], has_files)


def sign_in_first(request: web.Request, sent: Sent) -> web.Response:
    """The sign-in page, with the form that was sent after the session had ended."""
    answer = render(
        request, "admin/sign_in.html", status=401, ticket="", login="", next=sent.back,
        kept=sealed(sent), errors={},
    )  # fmt: skip
    keep_cookies(request, answer, secure=is_secure(request))
    return _unstored(answer)


def send_again(request: web.Request, sent: Sent, who: StaffSessionInfo) -> web.Response:
    """The page that asks whether to send the form again, as who is signed in now."""
    return _unstored(render(request, "admin/resend.html", status=409, sent=sent, who=who))


async def out_of_date(request: web.Request) -> web.Response | None:
    """The answer to a form whose token is of an earlier session; None if it isn't one of ours."""
    sent = await sent_by_hand(request)
    if sent is None or urlsplit(sent.action).path.startswith("/admin/sign-in"):
        return None
    who = browser(request).info
    return sign_in_first(request, sent) if who is None else send_again(request, sent, who)


def is_secure(request: web.Request) -> bool:
    """True if our cookies travel by https only."""
    return request.config_dict[CONFIG].public_url.startswith("https://")


def _unstored(answer: web.Response) -> web.Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
