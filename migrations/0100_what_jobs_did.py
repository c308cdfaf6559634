"""Periodic jobs keep what they did as figures; ``last_result`` is for the error of a failed run.

The sentences of former runs go: each job writes its figures in its next run. The release before
still writes them; only errors are read.
"""

from __future__ import annotations

from typing import Any

from peewee import Model, TextField

from kernel.migrate import add_columns


class PeriodicJob(Model):
    last_did = TextField(null=True)

    class Meta:
        table_name = "periodic_job"


def up(_: Any, db: Any) -> None:
    add_columns(db, PeriodicJob, "last_did")
    db.execute_sql("UPDATE periodic_job SET last_result = NULL WHERE failures = 0")
