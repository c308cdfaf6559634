"""Stored settings with a removed switch can still be read."""

from __future__ import annotations

from typing import Any

from domain import settings
from kernel import clock
from models import Setting


def test_a_stored_switch_that_no_longer_exists_is_ignored(db: Any) -> None:
    kept = {"freeze_days": 9, "cycle": "none"}
    Setting.create(key=settings.Distribution.KEY, value=kept, updated_at=clock.now())
    assert settings.fresh(settings.Distribution).freeze_days == 9
    settings.change(settings.Distribution, {"freeze_days": 10})
    assert "cycle" not in Setting.get().value
