"""Whether and when happy buyers are invited; the merchant's switches."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from domain import distribution, settings
from domain.settings import Switches

LATE = timedelta(days=30)
"""A receipt that is due for longer than this leads to no invitation."""

SHOWN = timedelta(days=30)
"""Pages show an open invitation for this long."""


class Invitations(Switches):
    """Whether happy buyers are invited to recommend, and how long after their receipt."""

    KEY: ClassVar[str] = "invitations"
    is_on: bool = True
    after_days: int = Field(default=7, ge=0, le=90)


def is_inviting() -> bool:
    """Whether anybody may be invited now.

    People must be able to apply, and one level must be paid: with more, nobody is recruited in
    public.
    """
    if not settings.get(Invitations).is_on or distribution.levels_now() != 1:
        return False
    return settings.get(settings.Distribution).admission != "appointed"
