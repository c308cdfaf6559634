"""Orders, their lines, parcels and log."""

from __future__ import annotations

from peewee import BooleanField, Check, IntegerField, TextField

from schema.catalog import Product, Sku
from schema.columns import FenField, JsonField, Table, UtcField, ref, word
from schema.members import Member


class Order(Table):
    """An order (订单). ``domain.orders.rules`` has its states."""

    order_no = word(32, unique=True)
    member = ref(Member, index=False)
    state = word(20, default="awaiting_payment")  # covered by the indexes that begin with it
    open_cases = IntegerField(default=0, index=True, constraints=[Check("open_cases >= 0")])
    delivery = word(8, default="express")  # domain.orders.deliveries
    goods_fen = FenField()
    reduction_fen = FenField(default=0)
    freight_fen = FenField(default=0)
    payable_fen = FenField()
    paid_fen = FenField(default=0)
    refunded_fen = FenField(default=0)  # goods and freight together
    refunded_freight_fen = FenField(default=0)
    claimed_freight_fen = FenField(default=0)
    recipient = ref(Member, null=True)  # a friend, of a gift; the address is sealed for them
    sealed_address = TextField()
    masked_address = word(120)
    region = word(6, default="")  # code of the division (domain.regions); "" in old rows
    # searchable parts of the masked address; null in rows of an earlier release
    receiver = word(20, null=True)  # 林**
    phone_end = word(4, null=True)
    # of the encrypted address, as kernel.people_hashes makes them
    name_hash = word(64, null=True)
    phone_hash = word(64, null=True)
    note = word(200, default="")
    greeting = word(200, default="")  # for the card in the parcel
    invoice_kind = word(8, default="")  # personal, company; "" for none
    invoice_title = word(100, default="")
    invoice_tax_no = word(20, default="")
    merchant_note = word(200, default="")
    seller = ref(Member, null=True)  # the selling distributor when the order was placed
    source = word(32, default="")  # what brought the buyer: domain.orders.origins
    medium = word(16, default="")  # by what they came in for this order
    cancel_reason = word(40, null=True)
    created_at = UtcField(index=True)
    pay_by_at = UtcField()
    closing_at = UtcField(null=True)
    paid_at = UtcField(null=True)  # counts as a sale from then on, also if refunded
    shipped_at = UtcField(null=True)
    receive_by_at = UtcField(null=True)
    received_at = UtcField(null=True)
    complete_by_at = UtcField(null=True)
    completed_at = UtcField(null=True)
    cancelled_at = UtcField(null=True)

    class Meta:
        table_name = "mall_order"
        indexes = (
            (("member", "id"), False),
            (("state", "pay_by_at"), False),
            (("state", "receive_by_at"), False),
            (("state", "complete_by_at"), False),
            (("state", "closing_at"), False),
            (("state", "paid_at"), False),
            # a covering index for sums of sales
            (("paid_at", "paid_fen", "seller", "payable_fen", "freight_fen"), False),
            (("receiver", "id"), False),
            (("phone_end", "id"), False),
            (("name_hash", "id"), False),
            (("phone_hash", "id"), False),
            (("payable_fen", "id"), False),
        )


class OrderLine(Table):
    """A line of an order (订单行): SKU, price, quantities shipped, claimed and refunded."""

    order = ref(Order, index=False)
    kind = word(8, default="bought")  # bought, gift, reward
    sku = ref(Sku)
    product = ref(Product)
    title = word(80)
    spec_text = word(80, default="")
    picture = word(64, null=True)
    is_liquor = BooleanField(default=True)
    is_return_exempt = BooleanField(default=False)  # the buyer confirmed it when ordering
    unit_price_fen = FenField()
    quantity = IntegerField()
    line_fen = FenField()
    paid_fen = FenField()
    adjustments = JsonField()
    shipped = IntegerField(default=0)
    withheld = IntegerField(default=0)  # not to be shipped, because claimed before shipping
    dropped = IntegerField(default=0)  # of ``withheld``, finally refunded
    claimed = IntegerField(default=0)  # in open and completed after-sales cases
    claimed_fen = FenField(default=0)
    refunded = IntegerField(default=0)
    refunded_fen = FenField(default=0)
    restocked = IntegerField(default=0)  # returned to stock: fit for sale, or never shipped
    replaced = IntegerField(default=0)  # sent in exchange

    class Meta:
        constraints = (
            Check("shipped + withheld <= quantity"),
            Check("dropped <= withheld"),
            Check("claimed <= quantity"),
            Check("claimed_fen <= paid_fen"),
            Check("refunded_fen <= claimed_fen"),
        )
        # a covering index for best sellers
        indexes = ((("order", "kind", "product", "quantity", "paid_fen"), False),)


class OrderLog(Table):
    """The log of an order's state changes (订单日志)."""

    order = ref(Order)
    from_state = word(20, null=True)
    to_state = word(20)
    actor = word(64)
    why = word(80, default="")
    facts = JsonField(null=True)
    at = UtcField()


class Parcel(Table):
    """A parcel of an order (包裹)."""

    order = ref(Order)
    company = word(24)
    tracking_no = word(40, index=True)
    shipped_at = UtcField()
    by = word(64)


class ParcelLine(Table):
    """The quantity of an order line in a parcel."""

    parcel = ref(Parcel)
    line = ref(OrderLine, index=False)
    quantity = IntegerField()
