"""Orders (订单). Their rules are written down in ``docs/algorithms/orders.md``."""

from domain.orders.claims import (
    Claim,
    LineRefund,
    is_wholly_claimed,
    open_claims,
    record_replaced,
    record_restocked,
    refund_claims,
    release_claims,
    release_freight_claim,
)
from domain.orders.companies import COMPANIES
from domain.orders.deliveries import (
    DeliveryKind,
    Destination,
    register_delivery,
    sealed_destination,
)
from domain.orders.erasing import PERSONAL
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
from domain.orders.finding import find_orders
from domain.orders.flows import PrepayView, cancel_order, confirm_order, prepay
from domain.orders.held import Hold, held_ids, holds_of
from domain.orders.notices import order_no_of
from domain.orders.origins import (
    DIRECT,
    LINK,
    OF_DISTRIBUTORS,
    OF_THE_ACCOUNT,
    ORIGINS,
    record_origin,
)
from domain.orders.paying import (
    is_of_order,
    open_numbers,
    payable_kinds,
    payments_of,
    refund_order,
    refunds_of,
    register_payable,
)
from domain.orders.placing import (
    Blocked,
    blocked_items,
    place_checkout,
    place_order,
    preview_order,
    rehash_orders,
)
from domain.orders.queries import (
    TABS,
    OrderFilter,
    decrypted_address,
    delivery_address,
    is_only_paid_order,
    list_orders,
    list_orders_of_member,
    order_by_id,
    order_counts,
    order_detail_for_buyer,
    order_detail_for_merchant,
    order_just_placed,
    parcels_of,
    tab_counts,
)
from domain.orders.rules import (
    BOUGHT,
    EXPRESS,
    GIFT,
    PAID_STATES,
    STATES,
    Given,
    PlaceOrder,
    ShipForm,
    Wishes,
    checked_tracking,
)
from domain.orders.service import (
    begin_closing,
    cancel_unpaid,
    confirm_receipt,
    confirm_receipt_of_gift,
    extend_receipt,
    extend_receipt_as_buyer,
    give_recipient,
    hand_over,
    mark_paid,
    order_id_of,
    redirect,
    refuse_unproven_buyer,
    ship_parcel,
    write_merchant_note,
)
from domain.orders.ship_sheet import (
    ShipFault,
    ShipRow,
    ToShip,
    check_ship_rows,
    list_to_ship,
    pieces_to_ship,
    ship_row,
)
from domain.orders.statements import Tab
from domain.orders.steps import lock_order
from domain.orders.views import LineView, LogView, OrderCard, OrderDetail, ParcelView

__all__ = [
    "BOUGHT", "COMPANIES", "DIRECT", "EXPRESS", "GIFT", "LINK", "OF_DISTRIBUTORS",
    "OF_THE_ACCOUNT", "ORIGINS", "PAID_STATES", "PERSONAL", "STATES", "TABS", "Blocked", "Claim",
    "DeliveryKind", "Destination", "Given", "Hold", "LineRefund", "LineView", "LogView",
    "OrderCancelled", "OrderCard", "OrderCompleted", "OrderDetail", "OrderFilter", "OrderPaid",
    "OrderPaidLate", "OrderPlaced", "OrderReceived", "OrderRefunded", "OrderShipped", "ParcelView",
    "PlaceOrder", "PrepayView", "ShipFault", "ShipForm", "ShipRow", "Tab", "ToShip", "Wishes",
    "begin_closing", "blocked_items", "cancel_order", "cancel_unpaid", "check_ship_rows",
    "checked_tracking", "confirm_order", "confirm_receipt", "confirm_receipt_of_gift",
    "decrypted_address", "delivery_address", "extend_receipt", "extend_receipt_as_buyer",
    "find_orders", "give_recipient", "hand_over", "held_ids", "holds_of", "is_of_order",
    "is_only_paid_order", "is_wholly_claimed", "list_orders", "list_orders_of_member",
    "list_to_ship", "lock_order", "mark_paid", "open_claims", "open_numbers", "order_by_id",
    "order_counts", "order_detail_for_buyer", "order_detail_for_merchant", "order_id_of",
    "order_just_placed", "order_no_of", "parcels_of", "payable_kinds", "payments_of",
    "pieces_to_ship", "place_checkout", "place_order", "prepay", "preview_order", "record_origin",
    "record_replaced", "record_restocked", "redirect", "refund_claims", "refund_order",
    "refunds_of", "refuse_unproven_buyer", "register_delivery", "register_payable",
    "rehash_orders", "release_claims", "release_freight_claim", "sealed_destination",
    "ship_parcel", "ship_row", "tab_counts", "write_merchant_note",
]  # fmt: skip
