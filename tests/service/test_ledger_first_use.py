"""The first posting of an account, while another transaction makes the same account."""

from __future__ import annotations

from typing import Any

import pytest

from domain import ledger
from domain.ledger import Posting, member_account, merchant_account, service, statements


def test_an_account_that_was_made_in_between_was_said_to_be_too_low(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = member_account("commission_pending", 7)
    real = statements.account.first

    def made_meanwhile(*ref: Any) -> Any:
        if ref == tuple(pending) and real(*ref) is None:
            service._insert_account(pending)
        return real(*ref)

    monkeypatch.setattr(statements.account, "first", made_meanwhile)
    one = Posting("k", merchant_account("commission_expense"), pending, 100, "commission")
    ledger.post([one], "test", 1)
    assert ledger.balance(pending) == 100
