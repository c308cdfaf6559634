"""Functions that all merchant pages use: store calls, frame, messages, error pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NoReturn, ParamSpec, TypeVar

from aiohttp import web

from admin import log_words, resend
from admin.diffs import GROUP, diff
from admin.guard import Page, actor_of, staff_of
from admin.kit import MENU
from admin.nav import NavSection, nav_of
from admin.public_texts import judge, judge_or_raise
from admin.texts import TEXTS
from admin.words import catalogue, stop_reason
from domain import approvals, members, overview, staff
from domain.overview import Todo
from domain.staff import StaffSessionInfo
from kernel.errors import DomainError
from kernel.store import CommandKey
from kernel.web.forms import Form, cookie_of, query_param
from kernel.web.keys import BODY_LIMIT, BROWSER, FLASH, SESSIONS, STORE
from kernel.web.paging import Page as ListPage
from kernel.web.render import is_fragment, render
from kernel.web.sessions import browser

P = ParamSpec("P")
T = TypeVar("T")
PAGE_SIZE = 30
TEXT_MOST = 60
WORDS = catalogue() | log_words.catalogue() | {"say": TEXTS.of, "diff": diff, "GROUP": GROUP}


async def read(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a query."""
    return await request.config_dict[STORE].read(fn, *args, **kwargs)


async def report(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a long query, without waiting for the writer."""
    return await request.config_dict[STORE].report(fn, *args, **kwargs)


async def write(request: web.Request, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a verb in its own transaction, after the public texts of the form were checked."""
    await judge_or_raise(request)
    return await request.config_dict[STORE].write(fn, *args, **kwargs)


async def once(
    request: web.Request, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a verb once per key, also after two taps; texts are checked as by ``write``."""
    await judge_or_raise(request)
    return await request.config_dict[STORE].once(key, fn, *args, **kwargs)


def command_key(request: web.Request, form: Form, name: str, body: Any = None) -> CommandKey:
    """The key of a command, from its name and the form's one-time key. Raises Invalid.

    ``body`` contains all values that the result depends on: another body under the same key is
    refused.
    """
    key = form.idem_key()
    form.check()
    return CommandKey(actor(request), name, key, body)


def actor(request: web.Request) -> str:
    """The acting person's name for the audit log."""
    return actor_of(staff_of(request))


async def page(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """A page inside the frame, which shows the person, the menu and a stop of payouts."""
    frame: dict[str, Any] = {}
    if not is_fragment(request):
        todo, frame = await read(request, _frame, staff_of(request))
        frame["nav"] = _nav(request, todo)
    return render(request, template, status=status, **(_who(request) | frame | context))


def _who(request: web.Request) -> dict[str, Any]:
    who = staff_of(request)
    return {"staff": who, "may": who.may, "w": WORDS}


def _nav(request: web.Request, todo: Todo | None) -> list[NavSection]:
    return nav_of(request.config_dict[MENU], request.path, staff_of(request).may, todo)


def _frame(who: StaffSessionInfo) -> tuple[Todo, dict[str, Any]]:
    found = overview.todo()
    if who.may("approvals.decide"):
        waiting = approvals.count_to_decide(actor_of(who), who.rights)
        found = replace(found, to_decide=waiting)
    stopped, where = "", "/admin/brakes"
    if found.is_held:
        stopped, where = "系统刚从备份恢复，付款、退款与发送等待核对", "/admin/reconcile"
    elif found.is_stopped:
        stopped = stop_reason(found.stop_cause, found.stopped_why)
    names = {f"staff:{each.login}": each.name for each in staff.list_staff()}
    return found, {"stopped": stopped, "stopped_href": where, "names": names}


def people_of(actors: Iterable[str]) -> dict[str, str]:
    """The masked names of those actors who are members, for ``w.who``."""
    ids = {int(a[7:]) for a in actors if a.startswith("member:") and a[7:].isdigit()}
    found = members.member_views(ids)
    return {f"member:{member_id}": one.masked_name for member_id, one in found.items()}


async def done(request: web.Request, text: str, url: str) -> NoReturn:
    """Redirect to ``url``, where the text is shown once."""
    store = request.config_dict[STORE]
    await store.write(staff.set_staff_flash, staff_of(request).id, text)
    raise web.HTTPSeeOther(url)


async def refuse_bad(request: web.Request, form: Form, url: str) -> None:
    """Redirect to ``url`` with the first mistake of the form, if it has any."""
    await judge(request, form)
    if not form.is_valid:
        await done(request, f"未完成：{next(iter(form_errors(form).values()))}", url)


async def try_step(
    request: web.Request, url: str, fn: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Run a verb; a refusal redirects to ``url``, which shows the reason."""
    try:
        return await write(request, fn, *args, **kwargs)
    except DomainError as error:
        await done(request, f"未完成：{TEXTS.of(error)}", url)


def errors_of(error: DomainError) -> dict[str, str]:
    """The text of a refusal, by the field that it is about."""
    return {error.field or "": TEXTS.of(error)}


def form_errors(form: Form) -> dict[str, str]:
    """The texts of all mistakes of a form, by field."""
    return {name: TEXTS.of(error) for name, error in form.errors.items()}


def id_of(request: web.Request, name: str = "id") -> int:
    """The id in the address."""
    return int(request.match_info[name])


def words(request: web.Request, name: str = "q") -> str:
    """The typed text of a list's filter."""
    return query_param(request, name, most=TEXT_MOST)


def chosen(request: web.Request, name: str, options: Any) -> str | None:
    """A filter's value; None if it is none of the options."""
    value = query_param(request, name)
    return value if value in options else None


def next_url(request: web.Request, found: ListPage[Any], name: str = "before") -> str:
    """The address of a list's next page with the same filters; '' on the last page."""
    if found.next_cursor is None:
        return ""
    return str(request.rel_url.update_query({name: str(found.next_cursor)}))


def first_url(request: web.Request, name: str = "before") -> str:
    """The address of a list's first page; '' on the first page."""
    if name not in request.query:
        return ""
    query = {k: v for k, v in request.query.items() if k != name}
    return str(request.rel_url.with_query(query))


def typed(form: Form, word: str) -> None:
    """Note a mistake if the word that confirms an irreversible step was not typed."""
    if form.raw("_typed").strip() != word:
        form.fail("_typed", "typed_wrong", word=word)


async def error_page(
    request: web.Request, status: int, code: str, error: DomainError | None
) -> web.StreamResponse:
    """The page of an error; it reads no database, so that it works while that is down."""
    if code == "csrf_bad" and (again := await resend.out_of_date(request)) is not None:
        return again
    text = TEXTS.of(error) if error is not None else TEXTS.text(code)
    found = request.get(BROWSER)
    who = found.info if found is not None else None
    more = {} if who is None else _who(request) | {"nav": _nav(request, None)}
    return render(
        request,
        "admin/problem.html",
        status=status,
        text=text,
        code=code,
        bare=who is None,
        **more,
    )


@web.middleware
async def take_flash(request: web.Request, handler: Page) -> web.StreamResponse:
    """Show the message of the previous request, once, on a whole page."""
    info = browser(request).info
    if info is not None and info.flash and request.method == "GET" and not is_fragment(request):
        request[FLASH] = info.flash
        await write(request, staff.set_staff_flash, info.id, None)
    return await handler(request)


@web.middleware
async def allow_uploads(request: web.Request, handler: Page) -> web.StreamResponse:
    """Allow larger bodies for forms with files, if a member of staff is signed in."""
    from admin.deps import DEPS

    if not getattr(request.match_info.handler, "admin_upload", False):
        return await handler(request)
    sessions = request.config_dict[SESSIONS]
    if await sessions.find(cookie_of(request, sessions.cookie)) is not None:
        request[BODY_LIMIT] = request.config_dict[DEPS].upload_most
    return await handler(request)


def takes_upload(handler: Page) -> Page:
    """Mark a handler whose form contains files."""
    handler.admin_upload = True  # type: ignore[attr-defined]
    return handler
