"""Database drivers that this process does not need stay out of its memory.

peewee imports every driver that is installed: psycopg alone takes 9 MB. A driver that is marked as
missing before peewee is imported is left out; peewee then says so if its engine is asked for.
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}


def leave_out_other_drivers(url: str) -> None:
    """Only the driver of this database's engine is imported from here on.

    Has an effect only before peewee is imported; a driver that was imported stays.
    """
    if "peewee" in sys.modules:
        return
    for scheme, driver in DRIVERS.items():
        if scheme != urlsplit(url).scheme:
            sys.modules.setdefault(driver, None)  # type: ignore[arg-type]
