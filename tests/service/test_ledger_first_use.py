"""The first posting to an account that another transaction creates at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from domain import ledger
from domain.ledger import Posting, member_account, merchant_account, service, statements


def test_an_account_created_meanwhile_is_not_refused_as_too_low(
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
