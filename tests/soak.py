"""The number of examples for property tests, in an ordinary run and in a soak.

``make soak`` sets ``SOAK``, by which every number of examples is multiplied. An ordinary run tries
the same examples each time, a soak tries new ones.
"""

from __future__ import annotations

import os

TIMES = int(os.environ.get("SOAK", "1"))


def examples(count: int) -> int:
    """The number of examples for this run, given that of an ordinary run."""
    return count * TIMES
