"""Promotions for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import promotions
from domain.promotions import OfferForm
from domain.promotions.live import clear_cache
from kernel import clock


def limited_form(sku_id: int, fen: int = 26800, **more: Any) -> OfferForm:
    """The form of a limited-time price for one SKU that begins at once and lasts a day."""
    now = clock.now()
    values: dict[str, Any] = {
        "kind": "limited_price", "title": "周末限时价", "label": "限时价", "starts_at": now,
        "ends_at": now + timedelta(days=1), "scope": "sku", "targets": (sku_id,),
        "rules": {"prices": {sku_id: fen}},
    }  # fmt: skip
    return OfferForm(**(values | more))


def limited_price(sku_id: int, fen: int = 26800, **more: Any) -> int:
    """A limited-time price that is running; its id."""
    offer_id = promotions.draft_offer(limited_form(sku_id, fen, **more))
    promotions.start_offer(offer_id, 1)
    clear_cache()
    return offer_id


def stop(offer_id: int) -> None:
    """Stop a promotion, and drop this process's cache of offers."""
    promotions.stop_offer(offer_id, "卖完了")
    clear_cache()
