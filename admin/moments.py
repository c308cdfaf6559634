"""Instants as forms show and read them, in Shanghai time."""

from __future__ import annotations

from datetime import datetime

from kernel import clock
from kernel.web.forms import Form


def typed_moment(form: Form, name: str, *, required: bool) -> datetime | None:
    """An instant typed in Shanghai time; None if the field is empty or unreadable."""
    text = form.raw(name).strip()
    if not text:
        if required:
            form.fail(name, "field_missing")
        return None
    for shape in ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"):
        try:
            local = datetime.strptime(text, shape)  # noqa: DTZ007 - Shanghai, below
        except ValueError:
            continue
        return local.replace(tzinfo=clock.SHANGHAI)
    form.fail(name, "moment_bad")
    return None


def shown_moment(at: datetime | None) -> str:
    """An instant as the browser's field takes it; "" for None."""
    return "" if at is None else at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
