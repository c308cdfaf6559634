"""What ``app`` collects from the search: its subscription and its jobs."""

from __future__ import annotations

from datetime import timedelta

from domain.catalog.events import CategoryRenamed, ProductChanged
from domain.outbox import Did, Periodic
from domain.search.indexing import index_missing, on_changed, on_renamed, update_sales
from kernel import events
from kernel.store import Store


def subscribe_all() -> None:
    """Write a product's terms whenever it, or its category's name, changes."""
    events.subscribe(ProductChanged, on_changed)
    events.subscribe(CategoryRenamed, on_renamed)


def periodic(store: Store) -> list[Periodic]:
    """The jobs that write missing terms and count sales."""

    async def index() -> Did:
        return {"written": await store.write(index_missing)}

    async def count() -> Did:
        return {"moved": await store.write(update_sales)}

    return [
        Periodic("search.index", timedelta(minutes=1), index),
        Periodic("search.sales", timedelta(hours=1), count),
    ]
