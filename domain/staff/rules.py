"""Rights, roles and the rules for passwords. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kernel.errors import Invalid

State = Literal["active", "disabled"]
Moves = Literal["money", "bindings", "power", "messages", "personal", "nothing"]


@dataclass(frozen=True)
class Right:
    """A right, and what its holder can move with it.

    ``power`` are other people's rights. Staff with a right that moves anything sign in with a
    one-time code.
    """

    name: str
    moves: Moves


# Every merchant route names the right it needs. Rights to propose count as moving.
_RIGHTS = (
    Right("today.see", "nothing"),
    Right("orders.see", "nothing"),
    Right("orders.ship", "nothing"),
    Right("orders.refund", "money"),
    Right("orders.personal", "personal"),
    Right("pickups.verify", "nothing"),  # of the own places, unless one ships all orders
    Right("refunds.propose", "money"),
    Right("products.see", "nothing"),
    Right("products.edit", "money"),  # prices
    Right("products.cost", "nothing"),  # what the goods cost the merchant
    Right("products.stock", "nothing"),
    Right("offers.see", "nothing"),
    Right("offers.edit", "money"),  # prices for a time
    Right("members.see", "nothing"),
    Right("ages.doubt", "nothing"),
    Right("ages.decide", "nothing"),
    Right("lists.export", "personal"),
    Right("bindings.move", "bindings"),
    Right("bindings.propose", "bindings"),
    Right("distribution.see", "nothing"),
    Right("distribution.review", "bindings"),
    Right("distribution.rules", "money"),
    Right("distribution.levels", "money"),
    Right("payouts.see", "personal"),
    Right("payouts.review", "money"),
    Right("payouts.stop", "money"),
    Right("push.see", "nothing"),
    Right("push.edit", "nothing"),
    Right("push.send", "messages"),
    Right("tickets.see", "nothing"),
    Right("tickets.answer", "messages"),
    Right("answers.see", "nothing"),
    Right("answers.edit", "messages"),
    Right("settings.see", "nothing"),
    Right("settings.edit", "money"),  # freight, limits
    Right("menu.edit", "messages"),
    Right("legal.edit", "messages"),  # what binds buyers and distributors
    Right("texts.see", "nothing"),
    Right("texts.decide", "nothing"),
    Right("pictures.decide", "nothing"),
    Right("approvals.see", "nothing"),
    Right("approvals.decide", "money"),
    Right("staff.manage", "power"),
    Right("audit.see", "nothing"),
    Right("outbox.replay", "money"),
)
RIGHTS = tuple(right.name for right in _RIGHTS)
MOVES: dict[str, Moves] = {right.name: right.moves for right in _RIGHTS}

_DESK = frozenset({
    "today.see", "orders.see", "orders.personal", "refunds.propose", "products.see",
    "offers.see", "members.see", "bindings.propose", "tickets.see", "tickets.answer",
    "answers.see", "approvals.see", "ages.doubt",
})  # fmt: skip
ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(RIGHTS),
    "operator": _DESK | {
        "orders.ship", "pickups.verify", "products.edit", "products.stock", "offers.edit",
        "distribution.see", "distribution.review", "push.see", "push.edit", "push.send",
        "settings.see", "menu.edit", "answers.edit", "texts.see", "ages.decide", "pictures.decide",
        "approvals.decide", "lists.export",
    },
    "finance": frozenset({
        "today.see", "orders.see", "orders.refund", "refunds.propose", "products.see",
        "products.cost", "offers.see", "members.see", "bindings.move", "bindings.propose",
        "distribution.see", "distribution.rules", "payouts.see", "payouts.review", "payouts.stop",
        "settings.see", "approvals.see", "approvals.decide", "audit.see", "outbox.replay",
        "lists.export",
    }),
    "service": _DESK,
    "clerk": frozenset({"pickups.verify"}),
}  # fmt: skip

PASSWORD_LEAST = 10
_COMMON = ("password", "12345678", "qwertyui", "11111111", "admin123")


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """All rights of these roles."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def needs_totp(roles: Iterable[str]) -> bool:
    """True if a right of these roles can move anything; sign-in then needs a one-time code."""
    return any(MOVES[right] != "nothing" for right in rights_of(roles))


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Known roles without repeats. Raises Invalid('role_unknown')."""
    wanted = sorted(set(roles))
    if not wanted or any(role not in ROLES for role in wanted):
        raise Invalid("role_unknown", "roles")
    return wanted


def check_password(password: str, login: str) -> None:
    """Check a password: long enough, neither common nor like the login. Raises Invalid."""
    if len(password) < PASSWORD_LEAST:
        raise Invalid("password_short", "password", least=PASSWORD_LEAST)
    low = password.lower()
    if login.lower() in low or any(low.startswith(word) for word in _COMMON):
        raise Invalid("password_weak", "password")
