"""Keeps the database drivers that this process does not need out of its memory.

peewee imports every installed driver; psycopg alone takes 9 MB. A driver that is marked as missing
before peewee is imported is not loaded; peewee raises if its engine is used nevertheless.
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}


def leave_out_other_drivers(url: str) -> None:
    """Mark the drivers of the other engines as missing. Does nothing once peewee is imported."""
    if "peewee" in sys.modules:
        return
    for scheme, driver in DRIVERS.items():
        if scheme != urlsplit(url).scheme:
            sys.modules.setdefault(driver, None)  # type: ignore[arg-type]
