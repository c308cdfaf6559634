"""Proposals for the merchant's search (全站查找)."""

from __future__ import annotations

import re

from kernel.finding import Found, Sought
from kernel.text import number_of
from models import Proposal

_NUMBER = re.compile(r"(?:#|NO\.?)?([0-9]{1,18})")


def find_proposals(sought: Sought, limit: int) -> list[Found]:
    """By a proposal's number, alone or as '#12'."""
    number = _NUMBER.fullmatch(number_of(sought.text))
    if number is None:
        return []
    rows = Proposal.select().where(Proposal.id == int(number[1])).limit(limit)
    return [
        Found(str(row.id), str(row.id), row.reason, row.state, at=row.proposed_at) for row in rows
    ]
