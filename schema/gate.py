"""Calls that may move money, each recorded before it is made (付款闸口; ADR 0055)."""

from __future__ import annotations

from peewee import BigIntegerField

from schema.columns import Table, UtcField, word


class MoneyCall(Table):
    """One call to WeChat that may move money, with its definite answer.

    Instants are system time, so that a moved business clock neither frees nor blocks a row. A call
    without ``left_at`` had no definite answer and may still take effect.
    """

    subject = word(12)  # payout, refund, payment: the table of ``row_id``
    row_id = BigIntegerField()
    kind = word(12)  # transfer, bank, cancel, refund, close
    asked_by = word(64)
    entered_at = UtcField()
    left_at = UtcField(null=True)
    answer = word(60, null=True)

    class Meta:
        indexes = ((("subject", "row_id", "left_at"), False), (("left_at",), False))
