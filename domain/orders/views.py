"""What pages show of orders: frozen rows with derived figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.orders.rules import BOUGHT, GIFT, PAID_STATES
from kernel.personal import mask_numbers


@dataclass(frozen=True)
class LineView:
    """A line of an order."""

    id: int
    kind: str
    sku_id: int
    product_id: int
    title: str
    spec_text: str
    picture_id: str | None
    is_liquor: bool
    is_return_exempt: bool
    unit_price_fen: int
    quantity: int
    line_fen: int
    paid_fen: int
    adjustments: tuple[dict[str, Any], ...]
    shipped: int
    withheld: int
    claimed: int
    claimed_fen: int
    refunded: int
    refunded_fen: int

    @property
    def is_given(self) -> bool:
        """True for a gift or a reward, which cost nothing (赠品、奖品)."""
        return self.kind != BOUGHT

    @property
    def left_to_ship(self) -> int:
        """How many may be shipped now."""
        return self.quantity - self.shipped - self.withheld

    @property
    def can_claim(self) -> int:
        """Pieces that no after-sales case has claimed."""
        return self.quantity - self.claimed

    @property
    def can_claim_fen(self) -> int:
        """Fen paid for the line that no case has claimed."""
        return max(self.paid_fen - self.claimed_fen, 0)


@dataclass(frozen=True)
class ParcelView:
    """A parcel with its contents as (line_id, pieces)."""

    id: int
    company: str
    tracking_no: str
    shipped_at: datetime
    contents: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class LogView:
    """A row of an order's log."""

    from_state: str | None
    to_state: str
    actor: str
    why: str
    facts: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True)
class OrderCard:
    """An order in a list. Refunding and partly refunded are derived; they are no states."""

    id: int
    order_no: str
    member_id: int
    state: str
    delivery: str
    goods_fen: int
    reduction_fen: int
    freight_fen: int
    payable_fen: int
    paid_fen: int
    refunded_fen: int
    open_cases: int
    masked_address: str
    recipient_id: int | None
    note: str
    greeting: str
    invoice_kind: str
    invoice_title: str
    invoice_tax_no: str
    merchant_note: str
    source: str
    medium: str
    seller_id: int | None
    cancel_reason: str | None
    created_at: datetime
    pay_by_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    receive_by_at: datetime | None
    received_at: datetime | None
    complete_by_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    lines: tuple[LineView, ...]

    @property
    def is_refunding(self) -> bool:
        """True while an after-sales case is open (退款中)."""
        return self.open_cases > 0

    @property
    def is_partly_refunded(self) -> bool:
        """True if some, but not all, of the money was refunded (部分退款)."""
        return 0 < self.refunded_fen < self.paid_fen

    @property
    def can_pay(self) -> bool:
        """True while the order waits for its payment."""
        return self.state == "awaiting_payment"

    @property
    def can_confirm(self) -> bool:
        """True when the buyer may confirm receipt."""
        return self.state == "shipped"

    @property
    def can_cancel_paid(self) -> bool:
        """True when a case can still cancel the paid order as a whole."""
        return self.state == "paid" and any(line.can_claim for line in self.lines)

    @property
    def can_claim(self) -> bool:
        """True when the buyer may open an after-sales case."""
        paid = self.state in PAID_STATES and self.state != "completed"
        return paid and any(line.can_claim for line in self.lines)

    @property
    def waits_for_address(self) -> bool:
        """True for a paid gift that no friend has taken yet (待领取)."""
        return self.state == "paid" and self.delivery == GIFT and self.recipient_id is None

    @property
    def count(self) -> int:
        """How many pieces were ordered."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True)
class OrderDetail(OrderCard):
    """An order with everything that its page shows; ``address`` is set for the buyer only."""

    parcels: tuple[ParcelView, ...] = ()
    log: tuple[LogView, ...] = ()
    address: dict[str, str] | None = None


def line_view(row: Any) -> LineView:
    """A line's row as a view."""
    return LineView(
        id=row.id,
        kind=row.kind,
        sku_id=row.sku_id,
        product_id=row.product_id,
        title=row.title,
        spec_text=row.spec_text,
        picture_id=row.picture,
        is_liquor=row.is_liquor,
        is_return_exempt=row.is_return_exempt,
        unit_price_fen=row.unit_price_fen,
        quantity=row.quantity,
        line_fen=row.line_fen,
        paid_fen=row.paid_fen,
        adjustments=tuple(row.adjustments),
        shipped=row.shipped,
        withheld=row.withheld,
        claimed=row.claimed,
        claimed_fen=row.claimed_fen,
        refunded=row.refunded,
        refunded_fen=row.refunded_fen,
    )


def card_values(row: Any, lines: tuple[LineView, ...], *, is_own: bool = False) -> dict[str, Any]:
    """The values that a card and a page share; only the buyer reads numbers in the own words."""
    names = (
        "id", "order_no", "member_id", "state", "delivery", "goods_fen", "reduction_fen",
        "freight_fen", "payable_fen", "paid_fen", "refunded_fen", "open_cases", "masked_address",
        "recipient_id",
        "merchant_note", "invoice_kind", "invoice_title", "invoice_tax_no", "source", "medium",
        "seller_id", "cancel_reason", "created_at", "pay_by_at", "paid_at", "shipped_at",
        "receive_by_at", "received_at", "complete_by_at", "completed_at", "cancelled_at",
    )  # fmt: skip
    said = {
        name: text if is_own else mask_numbers(text)
        for name, text in (("note", row.note), ("greeting", row.greeting))
    }
    return {name: getattr(row, name) for name in names} | said | {"lines": lines}
