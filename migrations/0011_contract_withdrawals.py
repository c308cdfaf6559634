"""Drops what 0010 moved to payees and bills (提现): the release before can't run on it."""

from __future__ import annotations

from typing import Any

from kernel.migrate import drop_columns

WITHDRAWAL = (
    "request", "package_info", "transfer_bill_no", "fail_reason", "sent_at", "paid_at", "queries",
    "next_query_at",
)  # fmt: skip
DISTRIBUTOR = ("payee_type", "sealed_identity", "identity_masked", "identity_at")


def up(migrator: Any, db: Any) -> None:
    """Drop the moved columns and the payee years."""
    drop_columns(db, "withdrawal", *WITHDRAWAL)
    drop_columns(db, "distributor", *DISTRIBUTOR)
    db.execute_sql("DROP TABLE IF EXISTS payee_year")
