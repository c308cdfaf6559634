"""The declarations of all packages, in the order in which rows go: referring tables first."""

from __future__ import annotations

from domain import (
    adults,
    aftersales,
    approvals,
    audit,
    cart,
    distribution,
    exports,
    gifts,
    imports,
    leaks,
    members,
    orders,
    outbox,
    payments,
    payouts,
    pickups,
    picture_reviews,
    public_texts,
    push,
    reconcile,
    refusals,
    rights,
    service_desk,
)
from kernel.erasure import Drop, Personal
from kernel.store.commands import CommandResult

COMMANDS = Personal(
    "kernel",
    rows=(
        Drop(CommandResult, lambda who: CommandResult.actor == f"member:{who.member_id}"),
    ),
)  # fmt: skip

DECLARED: tuple[Personal, ...] = (
    COMMANDS, cart.PERSONAL, gifts.PERSONAL, pickups.PERSONAL, aftersales.PERSONAL,
    orders.PERSONAL, payments.PERSONAL, payouts.PERSONAL, distribution.PERSONAL, push.PERSONAL,
    service_desk.PERSONAL, rights.PERSONAL, audit.PERSONAL, approvals.PERSONAL, outbox.PERSONAL,
    exports.PERSONAL, imports.PERSONAL, refusals.PERSONAL, public_texts.PERSONAL,
    reconcile.PERSONAL, adults.PERSONAL, picture_reviews.PERSONAL, leaks.PERSONAL,
    members.PERSONAL,
)  # fmt: skip
"""``first`` of a package runs in this order, too; the member comes last."""
