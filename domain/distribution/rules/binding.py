"""The policy's decision about a binding (绑定). See ``docs/algorithms/binding.md``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Cause = Literal["follow", "scan", "link", "merchant", "refused"]
"""Why a binding was made; ``refused`` in the history: it was not."""

KINDS = ("forever", "days", "last_click", "new_members")
REFUSALS = (
    "oneself", "descendant", "suspended", "bound", "protected", "not_new", "already",
)  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """The merchant's binding policy (绑定规则)."""

    kind: str
    days: int
    protect_days: int


@dataclass(frozen=True)
class BindingFacts:
    """A member's binding; ``upline_id`` is None if the member was never bound."""

    upline_id: int | None = None
    expires_at: datetime | None = None
    protected_until: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """True while the member has an upline."""
        return self.upline_id is not None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Candidate:
    """A possible upline, with what the tables say about the two members."""

    referrer_id: int
    is_active: bool
    is_descendant: bool = False


def why_not_bound(
    policy: Policy,
    member_id: int,
    bond: BindingFacts,
    other: Candidate,
    *,
    is_new: bool,
    now: datetime,
) -> str | None:
    """Why the policy does not bind the member to this upline (one of REFUSALS), or None.

    Always refused: oneself, a suspended distributor, a descendant. A valid binding stands, unless
    the policy is ``last_click`` and the protect window is over.
    """
    if other.referrer_id == member_id:
        return "oneself"
    if not other.is_active:
        return "suspended"
    if other.is_descendant:
        return "descendant"
    if bond.is_valid(now):
        return _why_taken(policy, bond, other.referrer_id, now)
    if policy.kind == "new_members" and not is_new:
        return "not_new"
    return None


def _why_taken(policy: Policy, bond: BindingFacts, referrer_id: int, now: datetime) -> str | None:
    if bond.upline_id == referrer_id:
        return "already"
    if policy.kind != "last_click":
        return "bound"
    if bond.protected_until is not None and now < bond.protected_until:
        return "protected"
    return None


def binding_until(policy: Policy, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When a binding made now ends, and until when it is protected; None: never, or not."""
    expires = now + timedelta(days=policy.days) if policy.kind == "days" else None
    protected = now + timedelta(days=policy.protect_days) if policy.protect_days else None
    return expires, protected
