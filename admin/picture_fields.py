"""The value of a form's picture: the id of a stored picture, and what a page says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kernel.web.forms import Form

NAME = "picture"
_ID = re.compile(r"[0-9a-f]{64}")


def picture_of(form: Form, name: str = NAME) -> str:
    """The id of the picture that a form holds; "" if there is none, or it is taken away."""
    found = form.raw(name)
    if not found or form.flag(f"{name}_gone"):
        return ""
    if not _ID.fullmatch(found):
        form.fail(name, "picture_missing")
        return ""
    return found


class PictureNames(Mapping[str, str]):
    """What a page says of a picture whose id it would print."""

    def __getitem__(self, picture_id: str) -> str:
        return "一张图片" if picture_id else ""

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
