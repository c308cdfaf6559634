"""Orders (订单). Their rules are written down in ``docs/algorithms/orders.md``."""

from domain.orders.claims import (
    Claim,
    LineRefund,
    close_case,
    give_up_claims,
    give_up_freight,
    is_wholly_claimed,
    open_claims,
    refund_claims,
    replace_goods,
    restock_goods,
)
from domain.orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderPaidLate,
    OrderPlaced,
    OrderReceived,
    OrderRefunded,
    OrderShipped,
)
from domain.orders.flows import PrepayView, cancel_order, confirm_order, prepay
from domain.orders.notices import order_no_of
from domain.orders.paying import (
    is_of_order,
    open_numbers,
    payable_kinds,
    payments_of,
    refund_order,
    refunds_of,
    register_payable,
)
from domain.orders.placing import place_checkout, place_order, preview
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
from domain.orders.rules import (
    BOUGHT,
    PAID_STATES,
    STATES,
    Given,
    PlaceOrder,
    ShipForm,
    checked_tracking,
)
from domain.orders.service import (
    begin_closing,
    cancel_unpaid,
    confirm_receipt,
    credit_seller,
    extend_once,
    extend_receipt,
    mark_paid,
    order_id_of,
    ship,
    write_merchant_note,
)
from domain.orders.steps import locked
from domain.orders.views import LineView, LogView, OrderCard, OrderPage, ParcelView

__all__ = [
    "BOUGHT", "PAID_STATES", "STATES", "TABS", "Claim", "DeskFilter", "Given", "LineRefund",
    "LineView", "LogView", "OrderCancelled", "OrderCard", "OrderCompleted", "OrderPage",
    "OrderPaid", "OrderPaidLate", "OrderPlaced", "OrderReceived", "OrderRefunded",
    "OrderShipped", "ParcelView",
    "PlaceOrder", "PrepayView", "ShipForm", "Tab", "begin_closing", "cancel_order",
    "cancel_unpaid", "checked_tracking", "close_case", "confirm_order", "confirm_receipt",
    "credit_seller", "delivery_address", "desk_counts", "extend_once", "extend_receipt",
    "give_up_claims", "give_up_freight", "is_of_order", "is_wholly_claimed", "locked", "log_of",
    "mark_paid", "my_orders", "open_claims", "open_numbers", "order_by_id", "order_desk",
    "order_id_of", "order_no_of", "order_page", "order_sheet", "parcels_of", "payable_kinds",
    "payments_of", "place_checkout", "place_order", "prepay", "preview", "refund_claims",
    "refund_order", "refunds_of", "register_payable", "replace_goods", "restock_goods", "ship",
    "tab_counts", "write_merchant_note",
]  # fmt: skip
