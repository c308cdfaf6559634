"""A rejected bill has no ``fail_reason``: what the person said who rejected it is in the log."""

from __future__ import annotations

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Clear the words that rejections left where a code of WeChat is kept."""
    db.execute_sql(
        "UPDATE payout_bill SET fail_reason = NULL WHERE fail_reason IS NOT NULL AND id IN "
        "(SELECT bill_id FROM payout_log WHERE to_state = 'rejected')"
    )
