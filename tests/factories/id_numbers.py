"""Well-formed id numbers of invented people, by their age today."""

from __future__ import annotations

from datetime import timedelta

from kernel import clock

WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))


def id_number(years: int, serial: int = 201) -> str:
    """The id number of somebody who was ``years`` old about half a year ago."""
    today = clock.business_day(clock.now())
    born = (today - timedelta(days=180)).replace(day=1)
    head = f"110101{born.year - years}{born:%m%d}{serial:03}"
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]
