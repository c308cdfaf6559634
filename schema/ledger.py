"""The double-entry book. ``docs/algorithms/ledger.md`` lists accounts and postings."""

from __future__ import annotations

from peewee import BigIntegerField, Check

from schema.columns import FenField, Table, UtcField, ref, word


class Account(Table):
    """Something that has a balance in one book (账户). Unbounded kinds store no balance."""

    kind = word(32)
    owner_id = BigIntegerField(default=0)
    owner_code = word(32, default="")
    book = word(8, default="CNY")
    balance_fen = FenField(null=True)

    class Meta:
        indexes = ((("kind", "owner_id", "owner_code", "book"), True),)


class LedgerTransfer(Table):
    """A final movement from one account to another; never changed (分录)."""

    idem_key = word(80, unique=True)
    book = word(8)
    from_account = ref(Account, index=False)
    to_account = ref(Account, index=False)
    amount_fen = FenField(constraints=[Check("amount_fen > 0")])
    reason = word(32)
    source_type = word(24)
    source_id = BigIntegerField()
    created_at = UtcField(index=True)

    class Meta:
        constraints = (Check("from_account_id <> to_account_id"),)
        indexes = (
            (("from_account", "id"), False),
            (("to_account", "id"), False),
            (("source_type", "source_id"), False),
        )


class LedgerMark(Table):
    """Two instants of the book: ``open``, before which nothing is booked any more, and ``sealed``,
    up to which ``LedgerDay`` has every day (封账标记)."""

    name = word(8, unique=True)
    at = UtcField()


class LedgerDay(Table):
    """What an account got and gave on a sealed business day, in fen (日封账).

    The account is a number without a reference: on MariaDB a reference locks the account's row,
    and whoever books would wait for the sealing of a whole day.
    """

    account_id = BigIntegerField()
    day = word(10)
    came_fen = FenField()
    went_fen = FenField()

    class Meta:
        indexes = ((("day", "account_id"), True),)


class LedgerSum(Table):
    """What an account got and gave on all sealed days together, in fen (封账累计)."""

    account_id = BigIntegerField(unique=True)
    came_fen = FenField()
    went_fen = FenField()
