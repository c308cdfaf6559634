"""How many examples a property is tried with: the short form in each run, the long one in a soak.

``make soak`` sets ``SOAK``, by which every number of examples is multiplied. The short form tries
the same examples each time, a soak new ones.
"""

from __future__ import annotations

import os

TIMES = int(os.environ.get("SOAK", "1"))


def examples(count: int) -> int:
    """The number of examples for this run, from that of the short form."""
    return count * TIMES
