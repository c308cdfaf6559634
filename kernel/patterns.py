"""Regular expressions that are compiled at their first use.

Compiling a long pattern of Chinese classes takes 5 to 10 ms. What is looked for only in some texts
needs no place in the start.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class _Lazy:
    """Stands for a compiled pattern."""

    def __init__(self, source: str) -> None:
        self._source = source

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._source)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._compiled, name)
        setattr(self, name, found)  # the next use finds it here
        return found


def compiled_later(source: str) -> re.Pattern[str]:
    """A pattern that is compiled when one of its attributes is first asked for.

    Raises ``re.error`` then, so that a test has to use each.
    """
    return cast("re.Pattern[str]", _Lazy(source))
