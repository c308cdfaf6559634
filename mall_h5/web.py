"""Shared by all mall pages: the signed-in member, store calls, redirects, messages, errors.

A handler has three steps: read the request, do one thing, answer. What the first step found out
(who asks, what is wanted) is handed on; the request itself is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

from aiohttp import web

from domain import legal, members
from kernel.errors import DomainError
from kernel.store import CommandKey, Store
from kernel.web.browsers import Browser
from kernel.web.forms import Form, publics_of, referer_of
from kernel.web.keys import COMPANY, CONFIG, FLASH, LIMITER, STORE
from kernel.web.limits import Limiter
from kernel.web.render import in_wechat, is_fragment, render
from kernel.web.sessions import browser
from mall_h5.deps import DEPS, MallDeps
from mall_h5.public_texts import Publics, judge_or_raise
from mall_h5.texts import TEXTS

P = ParamSpec("P")
T = TypeVar("T")
HANDOVERS_A_MINUTE = 30
EXPIRED = "登录已过期，已为您重新登录，请核对后再提交"
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def read(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a query in a read transaction."""
    return await request.config_dict[STORE].read(fn, *args, **kwargs)


async def peek(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a query of a few rows by key, in the way that is cheapest for the store."""
    return await request.config_dict[STORE].peek(fn, *args, **kwargs)


async def write(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a verb in its own transaction, after the texts that others will read were judged."""
    await judge_or_raise(request.config_dict[STORE], publics_of(request))
    return await request.config_dict[STORE].write(fn, *args, **kwargs)


def deps(request: web.Request) -> MallDeps:
    """The mall's ports and flows."""
    return request.config_dict[DEPS]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in member of a request, with the store and the limits."""

    id: int
    browser: Browser
    store: Store
    limiter: Limiter
    publics: Publics

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a read transaction."""
        return await self.store.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in its own transaction, after the texts that others will read were judged."""
        await judge_or_raise(self.store, self.publics)
        return await self.store.write(fn, *args, **kwargs)

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb once under its key; a repetition gets the result of the first run.

        Texts are judged as by ``write``.
        """
        await judge_or_raise(self.store, self.publics)
        return await self.store.once(key, fn, *args, **kwargs)

    def command_key(self, name: str, key: str, body: Any = None) -> CommandKey:
        """A command key of the member, from the command's name and the form's one-time key.

        ``body`` holds everything that decides the result; another body under the same key is
        refused.
        """
        return CommandKey(f"member:{self.id}", name, key, body)

    async def limit(self, name: str, *, most: int, seconds: int = 60) -> None:
        """Count one request of the member. Raises LimitReached('too_many') above ``most``."""
        await self.limiter.hit(name, str(self.id), most=most, seconds=seconds, is_rough=True)

    async def flash(self, text: str) -> None:
        """Leave a message that the next page shows once."""
        session = await self.browser.ensure()
        await self.write(members.set_flash, session.id, text)


MemberPage = Callable[[web.Request, SignedIn], Awaitable[web.StreamResponse]]


def member_of(request: web.Request) -> SignedIn | None:
    """The signed-in member of a request; None before the sign-in."""
    found, using = browser(request), request.config_dict
    if found.member_id is None:
        return None
    return SignedIn(found.member_id, found, using[STORE], using[LIMITER], publics_of(request))


def signed_in(page: MemberPage) -> Page:
    """Require a member: sign in silently inside WeChat; outside show the code to scan.

    A form that is sent after its session ended leads back to the page with the form.
    """

    @wraps(page)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if (me := member_of(request)) is not None:
            return await page(request, me)
        return await sign_in_first(request, form_page(request))

    return guarded


async def sign_in_first(request: web.Request, wanted: str) -> web.StreamResponse:
    """Go through the sign-in and return to a path."""
    if not in_wechat(request):
        return await outside(request, wanted)
    if request.method != "GET":
        await flash(request, EXPIRED)
    if is_fragment(request):
        return web.Response(headers={"HX-Redirect": login_url(wanted)})
    raise web.HTTPFound(login_url(wanted))


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that is worked out: its template and the facts in it."""

    template: str
    status: int
    facts: dict[str, Any]


def shown(template: str, *, status: int = 200, **facts: Any) -> Shown:
    """A page, to be drawn for its request at the end of the handler."""
    return Shown(template, status, facts)


def draw(request: web.Request, page: Shown) -> web.Response:
    """Answer a request with a page."""
    return render(request, page.template, status=page.status, **page.facts)


def mistakes(form: Form) -> dict[str, str]:
    """What is wrong in a form, by field, as its page shows it."""
    return {name: TEXTS.of(error) for name, error in form.errors.items()}


def mistake(error: DomainError) -> dict[str, str]:
    """A refusal at its field, as a form's page shows it."""
    return {error.field or "": TEXTS.of(error)}


def see_other(url: str) -> web.Response:
    """A 303 redirect to a path of ours after a form; for forms that are sent often.

    The response equals that of ``HTTPSeeOther``. It is returned instead of raised, because an
    exception is caught and raised again by every middleware.
    """
    return web.Response(status=303, text="303: See Other", headers={"Location": url})


def form_page(request: web.Request) -> str:
    """The path of this page; for a submitted form, that of the page with the form."""
    if request.method == "GET":
        return request.path_qs
    before = referer_of(request)
    ours = {request.host, urlsplit(request.config_dict[CONFIG].public_url).netloc}
    if before.netloc not in ours or not before.path.startswith("/m/"):
        return "/m/"
    return before.path + (f"?{before.query}" if before.query else "")


def path_of_ours(path: str) -> str:
    """A path to return to, from a form or an address; the shop's front for any other."""
    is_ours = path.startswith(("/m/", "/legal/")) and len(path) < 300
    return path if is_ours and "\\" not in path and "//" not in path else "/m/"


def login_url(next_path: str) -> str:
    """The path where sign-in begins, returning to ``next_path``."""
    return f"/oauth/login?next={quote(next_path, safe='')}"


async def outside(request: web.Request, next_path: str) -> web.Response:
    """The page outside WeChat: a code that, scanned in WeChat, brings this browser's cart."""
    session = await browser(request).ensure()
    limiter = request.config_dict[LIMITER]
    await limiter.hit("handover", str(session.id), most=HANDOVERS_A_MINUTE, seconds=60)
    token = await write(request, members.begin_handover, session.id, next_path)
    link = f"{request.config_dict[CONFIG].public_url}/m/handover/{token}"
    return render(
        request,
        "h5/outside.html",
        status=401,
        link=link,
        next_path=next_path,
        watch={"check": "/m/whoami", "watch": True, "tries": 225},
    )


async def flash(request: web.Request, text: str) -> None:
    """Leave a message that the next page shows once."""
    session = await browser(request).ensure()
    await write(request, members.set_flash, session.id, text)


async def error_page(
    request: web.Request, status: int, code: str, error: DomainError | None
) -> web.StreamResponse:
    """A refusal as a page, or as a toast for a fragment, with the next step for the person."""
    if code == "csrf_bad" and browser(request).member_id is None and in_wechat(request):
        # the cookie ended with its session; nothing was done under another name: sign in again
        return await sign_in_first(request, form_page(request))
    request[COMPANY] = request.get(COMPANY) or legal.last_business()  # the database may be away
    text = TEXTS.of(error) if error is not None else TEXTS.text(code)
    if is_fragment(request):
        return render(request, "h5/_problem.html", status=status, text=text, code=code)
    is_missing = status == web.HTTPNotFound.status_code
    return render(
        request, "h5/problem.html", status=status, text=text, is_missing=is_missing,
        again=form_page(request),
    )  # fmt: skip


@web.middleware
async def take_flash(request: web.Request, handler: Page) -> web.StreamResponse:
    """Show the message that an earlier request left; once, and only on a whole page.

    A redirect shows nothing: the page that it leads to shows the message.
    """
    found = browser(request)
    waiting = found.info.flash if found.info is not None else None
    if not waiting or request.method != "GET" or is_fragment(request):
        return await handler(request)
    request[FLASH], is_shown = waiting, True
    try:
        answer = await handler(request)
        is_shown = not 300 <= answer.status < 400
    except web.HTTPRedirection:
        is_shown = False
        raise
    finally:
        if is_shown:
            await write(request, members.set_flash, found.info.id, None)
    return answer
