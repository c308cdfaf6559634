"""What ``app`` collects from the catalogue: planned shelving, and pictures that nothing shows."""

from __future__ import annotations

from datetime import timedelta

from domain.catalog.ports import ForgetsPictures
from domain.catalog.shelving import carry_out_plans
from domain.catalog.stories import drop_unused_pictures
from domain.outbox import Did, Periodic
from kernel.store import Store


def periodic(store: Store, pictures: ForgetsPictures) -> list[Periodic]:
    """Jobs: put products on and off the shelf as planned, delete unused pictures of editors."""

    async def shelve() -> Did:
        return await store.write(carry_out_plans)

    async def tidy() -> Did:
        return {"dropped": await drop_unused_pictures(store, pictures)}

    return [
        Periodic("catalog.shelve", timedelta(minutes=1), shelve),
        Periodic("catalog.story_pictures", timedelta(hours=6), tidy),
    ]
