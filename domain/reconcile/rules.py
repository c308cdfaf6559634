"""Pairing of bill lines and ledger entries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.payments.ports import FundBill, SetAside, TradeBill

OPEN = ("ours_only", "theirs_only", "amount_differs")
IN_FLIGHT = "in_flight"
REFUNDED = "SUCCESS"
FAILED = "FAIL"
KINDS = {"trade": ("payment", "refund"), "fund": ("transfer",)}
"""WeChat's two bills of a day, and the kinds of lines that each has."""
ENDS = ("booked", "explained")
"""How a person ends a difference: our book was put right, or a ground explains it."""
DAY_STATES = (
    "reading", "not_due", "due", "missing", "unreadable", "lost", "open", "unseen", "clean",
)  # fmt: skip
"""What a page says of a day; see ``day_state``."""
Key = tuple[str, str]
"""Kind and out-number."""


EndedHow = Literal["matched_later", "gone", "booked", "explained"]
FileState = Literal["missing", "read", "unreadable"]
Kind = Literal["payment", "refund", "transfer"]
State = Literal["matched", "ours_only", "theirs_only", "amount_differs", "in_flight", "closed"]


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
    """One of WeChat's bills of a day, reduced to what reconciliation needs."""

    name: str
    lines: tuple[Side, ...]
    fees: tuple[Fee, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    aside: tuple[SetAside, ...] = ()
    records: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of lines that this bill has."""
        return KINDS[self.name]

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Numbers of refunds that were under way."""
        return tuple(each.out_number for each in self.snapshots)

    @property
    def keys(self) -> frozenset[Key]:
        """Everything that the bill names."""
        named = {(side.kind, side.out_number) for side in self.lines}
        return frozenset(named | {("refund", number) for number in self.unfinished})

    def parts(self, most: int) -> Iterator[Bill]:
        """The bill in parts of at most ``most`` lines, each with the fees of its lines."""
        fees: dict[Key, list[Fee]] = {}
        for fee in self.fees:
            fees.setdefault((fee.kind, fee.out_number), []).append(fee)
        for start in range(0, len(self.lines), most):
            lines = self.lines[start : start + most]
            mine = [f for side in lines for f in fees.get((side.kind, side.out_number), ())]
            yield Bill(self.name, lines, tuple(mine))
        for start in range(0, len(self.snapshots), most):
            yield Bill(self.name, (), (), self.snapshots[start : start + most])


def read_trade(trade: TradeBill) -> Bill:
    """The day's payments and refunds, with their fees."""
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
    records = len(trade.lines) + len(trade.aside)
    return Bill("trade", tuple(lines), tuple(fees), tuple(snapshots), trade.aside, records)


def read_fund(fund: FundBill) -> Bill:
    """The day's transfers to payees."""
    records = len(fund.lines) + len(fund.aside)
    return Bill("fund", tuple(_transfers(fund)), aside=fund.aside, records=records)


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


def day_state(
    files: Sequence[str], *, is_asked: bool, is_due: bool, is_late: bool, is_kept: bool,
    open_lines: int, unseen: int,
) -> str:  # fmt: skip
    """What a page says of a day; ``files`` are the states of its two bills.

    ``clean`` (没有差异) needs both bills read, no open difference and no unseen line.
    """
    if is_asked:
        return "reading"
    if "unreadable" in files:
        return "unreadable"
    if "missing" in files:
        return _missing(is_due=is_due, is_late=is_late, is_kept=is_kept)
    return "open" if open_lines else "unseen" if unseen else "clean"


def _missing(*, is_due: bool, is_late: bool, is_kept: bool) -> str:
    if not is_due:
        return "not_due"
    if not is_kept:
        return "lost"
    return "missing" if is_late else "due"
