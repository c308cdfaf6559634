"""The double-entry book. ``docs/algorithms/ledger.md`` lists accounts and postings."""

from __future__ import annotations

from peewee import BigIntegerField, Check

from schema.columns import FenField, Table, UtcField, ref, word


class Account(Table):
    """An account with a balance in one book (账户). Kinds without a limit store no balance."""

    kind = word(32)
    owner_id = BigIntegerField(default=0)
    owner_code = word(32, default="")
    book = word(8, default="CNY")
    balance_fen = FenField(null=True)

    class Meta:
        indexes = ((("kind", "owner_id", "owner_code", "book"), True),)


class LedgerTransfer(Table):
    """A transfer from one account to another (分录); rows are never changed."""

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
    """An instant of the book (封账标记).

    ``open``: nothing is booked before it any more. ``sealed``: ``LedgerDay`` is complete up to it
    (docs/adr/0064-sealed-days.md).
    """

    name = word(8, unique=True)
    at = UtcField()


class LedgerDay(Table):
    """An account's credits and debits on a sealed business day, in fen (日封账).

    ``account_id`` is no foreign key: on MariaDB a foreign key locks the account's row, and
    postings would wait for the sealing of a whole day.
    """

    account_id = BigIntegerField()
    day = word(10)
    came_fen = FenField()
    went_fen = FenField()

    class Meta:
        indexes = ((("day", "account_id"), True),)


class LedgerSum(Table):
    """An account's credits and debits on all sealed days together, in fen (封账累计)."""

    account_id = BigIntegerField(unique=True)
    came_fen = FenField()
    went_fen = FenField()
