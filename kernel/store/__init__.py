"""The store: runs verbs and queries in transactions, on any of three databases (ADR 0002).

Faces, jobs and the command line call ``await store.write(verb, …)`` and ``await store.read(query,
…)``. Verbs and queries are plain functions that use the tables and never handle a connection.
"""

from kernel.store.base import (
    Store,
    StoreClosed,
    Table,
    after_commit,
    database,
    is_sqlite,
    lock_row,
    lock_rows,
    remainder,
    savepoint,
    when_committed,
)
from kernel.store.commands import command, was_done
from kernel.store.factory import open_database, open_store, store_for
from kernel.store.failures import is_unique_violation
from kernel.store.inserts import insert_once
from kernel.store.keys import CommandKey
from kernel.store.keyset import UNSORTED, Sorting, sorted_page
from kernel.store.lanes import in_lane
from kernel.store.prepared import Prepared, insert_row, insert_rows, prepared

__all__ = [
    "UNSORTED",
    "CommandKey",
    "Prepared",
    "Sorting",
    "Store",
    "StoreClosed",
    "Table",
    "after_commit",
    "command",
    "database",
    "in_lane",
    "insert_once",
    "insert_row",
    "insert_rows",
    "is_sqlite",
    "is_unique_violation",
    "lock_row",
    "lock_rows",
    "open_database",
    "open_store",
    "prepared",
    "remainder",
    "savepoint",
    "sorted_page",
    "store_for",
    "was_done",
    "when_committed",
]
