"""A product with commission, and a distributor who can be paid."""

from __future__ import annotations

from typing import Any

import pytest

from domain import payouts
from tests.factories.catalog import make_product
from tests.factories.distribution import ID_NUMBER, make_rule, ready_for_payouts


@pytest.fixture
def chenniang(db: Any) -> int:
    """A product for ¥298 of which the seller gets 14 %; its SKU."""
    make_rule(1400)
    return int(make_product("陈酿", price_fen=29800).sku_id)


@pytest.fixture
def known(seller: int) -> int:
    """The distributor who chats, with name and identity number; the shop has a tax method."""
    payouts.save_identity(seller, "林小山", ID_NUMBER)
    ready_for_payouts()
    return seller
