"""Keeps a form that was sent after the session ended, or from a page of an earlier session.

The form is not carried out. The sign-in page carries its fields, sealed. After the sign-in, or at
once if the person is signed in, a page asks whether to send them again. Only forms that a browser
sent from our pages are kept, so that a foreign page can't prepare a form in a person's name.
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
MOST = 100_000  # characters; a longer form is not kept
VALID = timedelta(hours=12)
_CONTEXT = "admin-resend"
SECRETS = frozenset({"password", "old", "new", "again", "code"})
_NEVER = SECRETS | {"_csrf", "_code", KEPT}
_SHOWN_MOST = 8


@dataclass(frozen=True)
class Sent:
    """A sent form: its action, the page it came from, and its fields without secrets."""

    action: str
    back: str
    fields: list[tuple[str, str]]
    has_files: bool

    @property
    def typed(self) -> list[str]:
        """The first Chinese values, by which a person recognises the form."""
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
    """The page that contained the form; the first page if the browser doesn't name one."""
    came = referer_of(request)
    path = f"{came.path}?{came.query}" if came.query else came.path
    return path if path.startswith("/admin/") and "//" not in path else "/admin/"


def sealed(sent: Sent) -> str:
    """The form, encrypted for the hidden field of the sign-in page."""
    kept = [sent.action, sent.back, sent.fields, sent.has_files, clock.now().timestamp()]
    packed = zlib.compress(json.dumps(kept, ensure_ascii=False).encode())
    return vault().seal(packed, _CONTEXT)


def opened(text: str) -> Sent | None:
    """The form from the hidden field of the sign-in page; None if it has none or is too old."""
    if not text:
        return None
    try:
        packed = vault().unseal(text, _CONTEXT)  # we sealed it, so it is no zip bomb
        action, back, fields, has_files, at = json.loads(zlib.decompress(packed))
    except (InvalidTag, ValueError):
        return None
    if clock.now().timestamp() - at > VALID.total_seconds():
        return None
    return Sent(action, back, [(name, value) for name, value in fields], has_files)


def sign_in_first(request: web.Request, sent: Sent) -> web.Response:
    """The sign-in page that carries the form."""
    answer = render(
        request, "admin/sign_in.html", status=401, ticket="", login="", next=sent.back,
        kept=sealed(sent), errors={},
    )  # fmt: skip
    keep_cookies(request, answer, secure=is_secure(request))
    return _unstored(answer)


def send_again(request: web.Request, sent: Sent, who: StaffSessionInfo) -> web.Response:
    """The page that asks the person who is signed in now whether to send the form again."""
    return _unstored(render(request, "admin/resend.html", status=409, sent=sent, who=who))


async def out_of_date(request: web.Request) -> web.Response | None:
    """The answer to a form with the token of an earlier session; None for foreign forms."""
    sent = await sent_by_hand(request)
    if sent is None or urlsplit(sent.action).path.startswith("/admin/sign-in"):
        return None
    who = browser(request).info
    return sign_in_first(request, sent) if who is None else send_again(request, sent, who)


def is_secure(request: web.Request) -> bool:
    """True if cookies are sent by https only."""
    return request.config_dict[CONFIG].public_url.startswith("https://")


def _unstored(answer: web.Response) -> web.Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
