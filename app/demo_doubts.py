"""What staff of the demo shop have to look at: an age in doubt, and a picture that waits.

小齐 follows, orders, says in the chat to be a minor, and adds a picture of cups.
"""

from __future__ import annotations

import asyncio
import io

from app.runtime import Runtime
from app.seed import ASSETS
from domain import adults, catalog, members
from kernel import context


async def add_doubt(runtime: Runtime, member_id: int) -> None:
    """Let a member say that they are a minor, and add a picture."""
    data = await asyncio.to_thread((ASSETS / "cups.jpg").read_bytes)
    stored = await runtime.pictures.take(io.BytesIO(data))
    with context.acting(f"member:{member_id}"):
        await runtime.store.write(catalog.save_picture, stored, "会员头像")
        await runtime.store.write(members.submit_avatar, member_id, stored.id)
        await runtime.store.write(adults.doubt_what_was_told, member_id, "said")
