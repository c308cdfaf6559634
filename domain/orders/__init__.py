"""Orders (订单). ``docs/algorithms/orders.md`` is the prose."""

from domain.orders.claims import (
    Claim,
    LineRefund,
    close_case,
    give_up_claims,
    give_up_freight,
    is_wholly_claimed,
    open_claims,
    refund_claims,
)
from domain.orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderPlaced,
    OrderReceived,
    OrderRefunded,
    OrderShipped,
)
from domain.orders.placing import place_order, preview
from domain.orders.queries import (
    TABS,
    DeskFilter,
    Tab,
    delivery_address,
    desk_counts,
    log_of,
    my_orders,
    order_by_id,
    order_desk,
    order_page,
    order_sheet,
    parcels_of,
    tab_counts,
)
from domain.orders.rules import PAID_STATES, STATES, PlaceOrder, ShipForm, checked_tracking
from domain.orders.service import (
    begin_closing,
    cancel_unpaid,
    confirm_receipt,
    credit_seller,
    extend_once,
    extend_receipt,
    mark_paid,
    order_id_of,
    payment_id_of,
    ship,
    write_merchant_note,
)
from domain.orders.views import LineView, LogView, OrderCard, OrderPage, ParcelView

__all__ = [
    "PAID_STATES", "STATES", "TABS", "Claim", "DeskFilter", "LineRefund", "LineView", "LogView",
    "OrderCancelled", "OrderCard", "OrderCompleted", "OrderPage", "OrderPaid", "OrderPlaced",
    "OrderReceived", "OrderRefunded", "OrderShipped", "ParcelView", "PlaceOrder", "ShipForm",
    "Tab", "begin_closing", "cancel_unpaid", "checked_tracking", "close_case", "confirm_receipt",
    "credit_seller", "delivery_address", "desk_counts", "extend_once", "extend_receipt",
    "give_up_claims", "give_up_freight",
    "is_wholly_claimed", "log_of", "mark_paid", "my_orders", "open_claims", "order_by_id",
    "order_desk", "order_id_of", "order_page", "order_sheet", "parcels_of", "payment_id_of",
    "place_order", "preview", "refund_claims", "ship", "tab_counts", "write_merchant_note",
]  # fmt: skip
