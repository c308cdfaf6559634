"""What queries of requests return: facts and codes, without texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.rights.rules import CameBy, RequestKind, State, Stop


@dataclass(frozen=True)
class RequestView:
    """A request with its number, owner, clock and outcome (个人信息请求)."""

    id: int
    request_no: str
    member_id: int
    name: str
    kind: RequestKind
    state: State
    came_by: CameBy
    text: str
    gives_up: bool
    owner: str | None
    answer: str | None
    created_at: datetime
    due_at: datetime
    is_overdue: bool
    ends_at: datetime | None
    stopped_by: tuple[Stop, ...]
    closed_at: datetime | None
    has_file: bool
    bytes: int
    file_until_at: datetime | None
    asked_channel: str | None
    checked_how: str | None
    checked_note: str | None
    asked_at: datetime | None


@dataclass(frozen=True)
class Obstacle:
    """What stands against a deletion: how many things, or how many fen."""

    code: Stop
    count: int = 0
    fen: int = 0
    pending_fen: int = 0


@dataclass(frozen=True)
class Leaving:
    """What a person sees who wants to be deleted: obstacles, and what would be given up."""

    obstacles: tuple[Obstacle, ...]
    available_fen: int
    pending_fen: int
    returnable: int
    """Orders received that may still be returned; this ends with the account."""

    @property
    def money_fen(self) -> int:
        """What the person would give up."""
        return self.available_fen + self.pending_fen
