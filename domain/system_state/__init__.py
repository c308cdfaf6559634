"""State that processes keep (系统状态), and named locks. No person edits it. See ADR 0062."""

from domain.system_state.service import State, get, lock, locked, put

__all__ = ["State", "get", "lock", "locked", "put"]
