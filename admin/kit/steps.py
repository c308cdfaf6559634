"""A step (操作): a button with a few fields that runs one verb; the next page shows the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

from admin import as_shown
from admin.guard import Page as Handler
from admin.guard import actor_of, requires, staff_of
from admin.kit.page import Page
from admin.texts import TEXTS
from admin.web import command_key, done, once, refuse_bad, typed, write
from domain.staff import StaffSessionInfo
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form

W = TypeVar("W")
ID = r"{id:\d{1,18}}"


@dataclass(frozen=True)
class Ask:
    """The person who sends a request, and the variable parts of the address, such as ``id``."""

    who: StaffSessionInfo
    places: Mapping[str, str]

    @property
    def actor(self) -> str:
        """The person's name in the audit log, such as ``staff:lisa``."""
        return actor_of(self.who)

    @property
    def id(self) -> int:
        """The id in the address."""
        return self.number("id")

    def number(self, place: str) -> int:
        """The number in the address under this name."""
        return int(self.places[place])


def ask_of(request: web.Request) -> Ask:
    """The ``Ask`` of a request."""
    return Ask(staff_of(request), dict(request.match_info))


def nothing(_: Form) -> None:
    """Read nothing: the step has no fields."""


def reason(form: Form) -> str:
    """Read the field of the reason."""
    return form.text("reason", most=200)


@dataclass(frozen=True)
class Step(Generic[W]):
    """A POST below /admin/ that runs ``act`` in one transaction if all typed values are valid.

    ``reads`` reads the form. A mistake in the form or a refusal of the verb leads to ``back``,
    which shows the reason. ``act`` calls one verb of the domain and returns the sentence that the
    next page shows. ``word`` has to be typed to confirm a step that can't be undone. ``fresh``
    asks for the one-time code. ``shows`` is the subject whose facts must not have changed since
    the page showed them (admin/as_shown.py). ``once`` is for a step that adds something: its form
    carries a key, so that two taps add once. ``done_at`` is the address after success.
    """

    path: str
    right: str
    act: Callable[[Ask, W], str]
    back: str
    reads: Callable[[Form], W]
    word: str = ""
    fresh: bool = False
    shows: str = ""
    once: bool = False
    done_at: str = ""

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The route of the step."""
        handler = requires(self.right, fresh=self.fresh)(self._handler())
        yield web.post(
            self.path, as_shown.refuses_if_changed(self.shows)(handler) if self.shows else handler
        )

    def _handler(self) -> Handler:
        async def take(request: web.Request) -> web.StreamResponse:
            ask = ask_of(request)
            back = self.back.format_map(ask.places)
            form = await read_form(request)
            if self.word:
                typed(form, self.word)
            wish = self.reads(form)
            await refuse_bad(request, form, back)
            try:
                said = await self._run(request, form, ask, wish)
            except DomainError as error:
                return await done(request, f"未完成：{TEXTS.of(error)}", back)
            return await done(request, said, (self.done_at or back).format_map(ask.places))

        take.__name__, take.__module__ = self.act.__name__, self.act.__module__
        take.__doc__ = self.act.__doc__
        return take

    async def _run(self, request: web.Request, form: Form, ask: Ask, wish: W) -> str:
        if self.shows:
            said: str = await as_shown.write_as_shown(request, self.act, ask, wish)
            return said
        if self.once:
            key = command_key(request, form, self.path, repr(wish))
            return await once(request, key, self.act, ask, wish)
        return await write(request, self.act, ask, wish)
