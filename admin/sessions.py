"""Staff sessions by the merchant's cookie, separate from members' sessions."""

from __future__ import annotations

import time
from typing import Any, NoReturn

from domain.staff import SESSION, StaffSessionInfo, find_staff_session, record_session_use
from kernel.store import Store

SEEN_EVERY = 300.0
_MOST_KNOWN = 1000


class StaffSessions:
    """``SessionBackend`` over ``domain.staff``; only a sign-in opens a session."""

    cookie = "fm_admin"
    max_age = int(SESSION.total_seconds())

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[int, float] = {}

    async def find(self, cookie: str) -> StaffSessionInfo | None:
        """The live session of a cookie; its use is recorded every five minutes."""
        info: StaffSessionInfo | None = await self._store.read(find_staff_session, cookie)
        if info is not None and self._is_time_to_note(info.id):
            await self._store.write(record_session_use, info.id)
        return info

    async def open(self, cookie: str, visitor: str) -> Any:
        """Raise RuntimeError: a staff session needs a password."""
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise RuntimeError("a staff session is opened by signing in")

    def _is_time_to_note(self, session_id: int) -> bool:
        now = time.monotonic()
        if now - self._seen.get(session_id, -SEEN_EVERY) < SEEN_EVERY:
            return False
        if len(self._seen) >= _MOST_KNOWN:
            self._seen.clear()
        self._seen[session_id] = now
        return True
