"""Pairing of bill lines and ledger entries. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.payments.ports import FundBill, SetAside, TradeBill

OPEN = ("ours_only", "theirs_only", "amount_differs")
IN_FLIGHT = "in_flight"
REFUNDED = "SUCCESS"
FAILED = "FAIL"


@dataclass(frozen=True, order=True)
class Side:
    """One side of a pair: kind, out-number and fen."""

    kind: str
    out_number: str
    amount_fen: int


@dataclass(frozen=True)
class Fee:
    """WeChat's fee of a trade in fen, negative if it was returned."""

    kind: str
    out_number: str
    fee_fen: int


@dataclass(frozen=True)
class Snapshot:
    """A refund that was under way when WeChat wrote the bill; no later bill has it again."""

    out_number: str
    refund_fen: int
    fee_fen: int
    is_failed: bool


@dataclass(frozen=True)
class Bill:
    """A day's bills, reduced to what reconciliation needs."""

    lines: tuple[Side, ...]
    fees: tuple[Fee, ...]
    snapshots: tuple[Snapshot, ...] = ()
    aside: tuple[SetAside, ...] = ()

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Numbers of refunds that were under way."""
        return tuple(each.out_number for each in self.snapshots)


def read_bills(trade: TradeBill, fund: FundBill) -> Bill:
    """The day's payments, refunds, transfers and fees."""
    lines: list[Side] = []
    fees: list[Fee] = []
    snapshots: list[Snapshot] = []
    for each in trade.lines:
        is_refund = bool(each.out_refund_no)
        kind = "refund" if is_refund else "payment"
        number = each.out_refund_no if is_refund else each.out_trade_no
        if is_refund and each.refund_state != REFUNDED:
            is_failed = each.refund_state == FAILED
            snapshots.append(Snapshot(number, each.refund_fen, each.fee_fen, is_failed))
            continue
        lines.append(Side(kind, number, each.refund_fen if is_refund else each.amount_fen))
        if each.fee_fen:
            fees.append(Fee(kind, number, each.fee_fen))
    aside = (*trade.aside, *fund.aside)
    return Bill((*lines, *_transfers(fund)), tuple(fees), tuple(snapshots), aside)


def _transfers(fund: FundBill) -> Iterable[Side]:
    """Transfers net by number; one that went out and came back on the same day gives no line."""
    net: dict[str, int] = {}
    for line in fund.lines:
        if line.business == "商家转账":
            net[line.voucher] = net.get(line.voucher, 0) + line.out_fen - line.in_fen
    return [Side("transfer", number, fen) for number, fen in sorted(net.items()) if fen]


def paired(theirs_fen: int | None, ours_fen: int | None, *, is_sent: bool = False) -> str:
    """The state of a pair; ``is_sent``: our transfer or refund has no result yet.

    A transfer that WeChat took and gave back has 0 there and no entry here, which matches.
    """
    if ours_fen is None and theirs_fen == 0:
        return "matched"
    if ours_fen is None:
        return IN_FLIGHT if is_sent else "theirs_only"
    if theirs_fen is None:
        return "ours_only"
    return "matched" if theirs_fen == ours_fen else "amount_differs"
