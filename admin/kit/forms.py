"""A form (表单) that adds or changes something and keeps the typed values after a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

from admin.guard import Page as Handler
from admin.guard import requires
from admin.kit import stale
from admin.kit.page import Page
from admin.kit.steps import Ask, ask_of
from admin.public_texts import judge
from admin.web import command_key, done, errors_of, form_errors, once, read, write
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form

W = TypeVar("W")
Show = Callable[[web.Request, dict[str, str], dict[str, str]], Awaitable[web.StreamResponse]]
"""Renders the page of a form with the values of its fields and their errors."""


@dataclass(frozen=True)
class Present:
    """The current values by field, their version, and the labels of choices."""

    values: Mapping[str, Any]
    version: int
    names: Mapping[str, Mapping[str, str]]

    @property
    def carried(self) -> dict[str, str]:
        """The form's hidden fields, from which a later save knows what was shown."""
        return {"version": str(self.version), stale.WAS: stale.carried(self.values)}


@dataclass(frozen=True)
class FormSpec(Generic[W]):
    """A POST below /admin/ that runs ``save`` if all values are valid; else ``show`` renders it.

    With ``present`` the form changes an existing thing and carries its version. If somebody else
    saved in between, the verb refuses with a code of ``moved``, and both changes are merged field
    by field. Without ``present`` the form adds a thing and carries a key, so that two taps add it
    once. ``save`` returns the id of the new thing, which replaces ``{new}`` in ``done_at``; the
    page there shows ``says``. ``look`` may answer with a confirmation page.
    """

    path: str
    right: str
    reads: Callable[[Form], W]
    save: Callable[[Ask, W, int], int | None]
    show: Show
    says: str
    done_at: str
    present: Callable[[Ask], Present] | None = None
    moved: frozenset[str] = frozenset()
    look: Callable[[web.Request, Form, W], Awaitable[web.StreamResponse | None]] | None = None
    errors: Callable[[DomainError], dict[str, str]] = errors_of
    fresh: bool = False

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The route that receives the form."""
        yield web.post(self.path, requires(self.right, fresh=self.fresh)(self._handler()))

    def _handler(self) -> Handler:
        async def take(request: web.Request) -> web.StreamResponse:
            form = await read_form(request)
            wish = self.reads(form)
            await judge(request, form)
            errors = form_errors(form)
            if not errors and self.look and (look := await self.look(request, form, wish)):
                return look
            if not errors:
                try:
                    new = await self._run(request, form, wish)
                except DomainError as error:
                    if error.code in self.moved:
                        return await self._merged(request, form)
                    errors = self.errors(error)
                else:
                    places = {**request.match_info, "new": str(new)}
                    return await done(request, self.says, self.done_at.format_map(places))
            return await self.show(request, form.values, errors)

        take.__name__, take.__module__ = self.save.__name__, self.save.__module__
        take.__doc__ = self.save.__doc__
        return take

    async def _run(self, request: web.Request, form: Form, wish: W) -> int | None:
        ask = ask_of(request)
        if self.present is None:
            key = command_key(request, form, self.path, repr(wish))
            return await once(request, key, self.save, ask, wish, 0)
        version = form.integer("version", least=0, most=2**31)
        form.check()
        return await write(request, self.save, ask, wish, version)

    async def _merged(self, request: web.Request, form: Form) -> web.StreamResponse:
        """Show the typed values merged with those that somebody else saved in between."""
        assert self.present is not None
        now = await read(request, self.present, ask_of(request))
        merged = stale.merge(form, now.values, now.names)
        values = merged.values | {"version": str(now.version)}
        return await self.show(request, values, merged.errors)
