"""Roles, what each may do, and what a password must be. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.errors import Invalid

# A right is a verb on a part of the shop. Every merchant route names the one it needs.
RIGHTS = (
    "today.see",
    "orders.see", "orders.ship", "orders.refund", "orders.personal",
    "products.see", "products.edit", "products.stock",
    "members.see",
    "distribution.see", "distribution.review", "distribution.rules", "distribution.levels",
    "payouts.see", "payouts.review", "payouts.stop",
    "push.see", "push.edit", "push.send",
    "tickets.see", "tickets.answer",
    "settings.see", "settings.edit", "menu.edit",
    "staff.manage", "audit.see", "outbox.replay",
)  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(RIGHTS),
    "operator": frozenset({
        "today.see", "orders.see", "orders.ship", "orders.refund", "orders.personal",
        "products.see", "products.edit", "products.stock", "members.see",
        "distribution.see", "distribution.review", "push.see", "push.edit", "push.send",
        "tickets.see", "tickets.answer", "settings.see", "menu.edit",
    }),
    "finance": frozenset({
        "today.see", "orders.see", "orders.refund", "products.see", "members.see",
        "distribution.see", "distribution.rules", "payouts.see", "payouts.review",
        "payouts.stop", "settings.see", "audit.see", "outbox.replay",
    }),
    "service": frozenset({
        "today.see", "orders.see", "orders.personal", "products.see", "members.see",
        "tickets.see", "tickets.answer",
    }),
}  # fmt: skip

PASSWORD_LEAST = 10
_COMMON = ("password", "12345678", "qwertyui", "11111111", "admin123")


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def needs_totp(roles: Iterable[str]) -> bool:
    """Owner and finance sign in with a one-time code."""
    return bool({"owner", "finance"} & set(roles))


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Known roles without repeats. Raises Invalid('role_unknown')."""
    wanted = sorted(set(roles))
    if not wanted or any(role not in ROLES for role in wanted):
        raise Invalid("role_unknown", "roles")
    return wanted


def check_password(password: str, login: str) -> None:
    """A password is long, and neither common nor the login. Raises Invalid."""
    if len(password) < PASSWORD_LEAST:
        raise Invalid("password_short", "password", least=PASSWORD_LEAST)
    low = password.lower()
    if login.lower() in low or any(low.startswith(word) for word in _COMMON):
        raise Invalid("password_weak", "password")
