"""The tables of the first release (首次建表), frozen.

Cut from the tables once; from then on each change is a numbered file. Defaults are
in the database too, so that an older program may insert while a newer one rolls out.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class Base(Model):
    """Every table counts up in a BIGINT."""

    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class CommandResult(Base):
    actor = CharField(max_length=64)
    verb = CharField(max_length=48)
    key = CharField(max_length=64)
    body_hash = CharField(max_length=64)
    result = TextField(null=True)
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "command_result"
        indexes = (
            (("actor", "verb", "key"), True),
        )


class Setting(Base):
    key = CharField(max_length=48, unique=True)
    value = TextField()
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    updated_at = BigIntegerField()
    updated_by = CharField(max_length=64, constraints=[SQL("DEFAULT 'system'")])

    class Meta:
        table_name = "setting"


class AuditEntry(Base):
    actor = CharField(max_length=64)
    action = CharField(max_length=64)
    target_type = CharField(max_length=32)
    target_id = CharField(max_length=40)
    before = TextField(null=True)
    after = TextField(null=True)
    ip = CharField(max_length=45, null=True)
    request_id = CharField(max_length=36, null=True)
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "audit_entry"
        indexes = (
            (("target_type", "target_id", "id"), False),
            (("actor", "id"), False),
        )


class OutboxRow(Base):
    kind = CharField(max_length=48)
    payload = TextField()
    order_key = CharField(max_length=64, null=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'due'")])
    attempts = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_at = BigIntegerField()
    leased_until = BigIntegerField(null=True)
    leased_by = CharField(max_length=48, null=True)
    last_error = TextField(null=True)
    request_id = CharField(max_length=36, null=True)
    created_at = BigIntegerField()
    done_at = BigIntegerField(null=True)

    class Meta:
        table_name = "outbox_row"
        indexes = (
            (("state", "next_at", "id"), False),
            (("order_key", "state", "id"), False),
        )


class PeriodicJob(Base):
    name = CharField(max_length=48, unique=True)
    due_at = BigIntegerField(index=True)
    leased_until = BigIntegerField(null=True)
    leased_by = CharField(max_length=48, null=True)
    last_ran_at = BigIntegerField(null=True)
    last_result = CharField(max_length=200, null=True)
    failures = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "periodic_job"


class ClockOffset(Base):
    offset_us = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    is_moved = BooleanField(constraints=[SQL("DEFAULT FALSE")])

    class Meta:
        table_name = "clock_offset"


class Staff(Base):
    login = CharField(max_length=40, unique=True)
    name = CharField(max_length=30)
    password_hash = CharField(max_length=200)
    sealed_totp = TextField(null=True)
    totp_last_step = IntegerField(constraints=[SQL("DEFAULT 0")])
    roles = TextField()
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'active'")])
    failures = IntegerField(constraints=[SQL("DEFAULT 0")])
    locked_until = BigIntegerField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "staff"


class StaffSession(Base):
    token_hash = CharField(max_length=64, unique=True)
    staff = ForeignKeyField(Staff, backref="+", on_delete="RESTRICT")
    ip = CharField(max_length=45)
    user_agent = CharField(max_length=200)
    confirmed_at = BigIntegerField(null=True)
    flash = TextField(null=True)
    created_at = BigIntegerField()
    seen_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)

    class Meta:
        table_name = "staff_session"


class Member(Base):
    public_no = CharField(max_length=12, unique=True)
    nickname = CharField(max_length=64, null=True)
    avatar = CharField(max_length=64, null=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'active'")])
    adult_confirmed_at = BigIntegerField(null=True)
    push_agreed_at = BigIntegerField(null=True)
    push_stopped_at = BigIntegerField(null=True)
    wrapped_key = TextField(null=True)
    created_at = BigIntegerField(index=True)

    class Meta:
        table_name = "member"


class WechatIdentity(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    appid = CharField(max_length=32)
    openid = CharField(max_length=64)
    unionid = CharField(max_length=64, null=True)
    is_following = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    followed_at = BigIntegerField(null=True)
    unfollowed_at = BigIntegerField(null=True)
    last_message_at = BigIntegerField(null=True)
    last_tap_at = BigIntegerField(null=True)
    first_scene = CharField(max_length=64, null=True)

    class Meta:
        table_name = "wechat_identity"
        indexes = (
            (("appid", "openid"), True),
            (("is_following", "id"), False),
        )


class WebSession(Base):
    token_hash = CharField(max_length=64, unique=True)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    is_care_mode = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    visitor = CharField(max_length=40)
    flash = TextField(null=True)
    created_at = BigIntegerField()
    seen_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)

    class Meta:
        table_name = "web_session"


class OauthState(Base):
    state_hash = CharField(max_length=64, unique=True)
    session = ForeignKeyField(WebSession, backref="+", on_delete="RESTRICT")
    next_path = CharField(max_length=600)
    scope = CharField(max_length=20, constraints=[SQL("DEFAULT 'snsapi_base'")])
    round = IntegerField(constraints=[SQL("DEFAULT 1")])
    created_at = BigIntegerField(index=True)
    used_at = BigIntegerField(null=True)

    class Meta:
        table_name = "oauth_state"


class Handover(Base):
    token_hash = CharField(max_length=64, unique=True)
    session = ForeignKeyField(WebSession, backref="+", on_delete="RESTRICT")
    next_path = CharField(max_length=600)
    created_at = BigIntegerField(index=True)
    used_at = BigIntegerField(null=True)
    used_by = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)

    class Meta:
        table_name = "handover"


class Consent(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    purpose = CharField(max_length=32)
    version = CharField(max_length=16)
    given_at = BigIntegerField()
    withdrawn_at = BigIntegerField(null=True)

    class Meta:
        table_name = "consent"
        indexes = (
            (("member", "purpose", "version"), True),
        )


class Address(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    sealed = TextField()
    masked = CharField(max_length=120)
    is_default = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    created_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "address"


class Picture(Base):
    digest = CharField(max_length=64, unique=True)
    width = IntegerField()
    height = IntegerField()
    color = CharField(max_length=7)
    widths = TextField()
    alt = CharField(max_length=120, constraints=[SQL("DEFAULT ''")])
    created_at = BigIntegerField()

    class Meta:
        table_name = "picture"


class Category(Base):
    name = CharField(max_length=24)
    position = IntegerField(constraints=[SQL("DEFAULT 0")])
    is_hidden = BooleanField(constraints=[SQL("DEFAULT FALSE")])

    class Meta:
        table_name = "category"


class Product(Base):
    title = CharField(max_length=80)
    subtitle = CharField(max_length=160, constraints=[SQL("DEFAULT ''")])
    category = ForeignKeyField(Category, backref="+", on_delete="RESTRICT")
    description = TextField(constraints=[SQL("DEFAULT ('')")])
    usage = TextField(constraints=[SQL("DEFAULT ('')")])
    strength = CharField(max_length=20, constraints=[SQL("DEFAULT ''")])
    is_liquor = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    is_return_exempt = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    tags = TextField(null=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'draft'")])
    position = IntegerField(constraints=[SQL("DEFAULT 0")])
    search_text = CharField(max_length=600, constraints=[SQL("DEFAULT ''")])
    from_price_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "product"
        indexes = (
            (("state", "position", "id"), False),
            (("category", "state", "position", "id"), False),
        )


class ProductPicture(Base):
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT", index=False)
    picture = ForeignKeyField(Picture, backref="+", on_delete="RESTRICT", index=False)
    position = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "product_picture"
        indexes = (
            (("product", "position"), True),
        )


class Sku(Base):
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT")
    spec_text = CharField(max_length=80, constraints=[SQL("DEFAULT ''")])
    code = CharField(max_length=40, null=True, unique=True)
    price_fen = BigIntegerField()
    stock = IntegerField(constraints=[SQL("DEFAULT 0"), Check("stock >= 0")])
    held = IntegerField(constraints=[SQL("DEFAULT 0"), Check("held >= 0")])
    sold = IntegerField(constraints=[SQL("DEFAULT 0"), Check("sold >= 0")])
    low_stock = IntegerField(constraints=[SQL("DEFAULT 10")])
    weight_g = IntegerField(constraints=[SQL("DEFAULT 0")])
    position = IntegerField(constraints=[SQL("DEFAULT 0")])
    is_removed = BooleanField(constraints=[SQL("DEFAULT FALSE")])

    class Meta:
        table_name = "sku"


class PriceHistory(Base):
    sku = ForeignKeyField(Sku, backref="+", on_delete="RESTRICT", index=False)
    price_fen = BigIntegerField()
    from_at = BigIntegerField()
    by = CharField(max_length=64)

    class Meta:
        table_name = "price_history"
        indexes = (
            (("sku", "from_at"), False),
        )


class StockMove(Base):
    sku = ForeignKeyField(Sku, backref="+", on_delete="RESTRICT")
    delta = IntegerField()
    quantity = IntegerField()
    reason = CharField(max_length=16)
    source = CharField(max_length=48, constraints=[SQL("DEFAULT ''")])
    note = CharField(max_length=80, constraints=[SQL("DEFAULT ''")])
    actor = CharField(max_length=64)
    at = BigIntegerField()

    class Meta:
        table_name = "stock_move"
        indexes = (
            (("reason", "at"), False),
        )


class CartLine(Base):
    owner = CharField(max_length=32)
    sku = ForeignKeyField(Sku, backref="+", on_delete="RESTRICT", index=False)
    quantity = IntegerField()
    seen_price_fen = BigIntegerField()
    is_selected = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    added_at = BigIntegerField()

    class Meta:
        table_name = "cart_line"
        indexes = (
            (("owner", "sku"), True),
        )


class Order(Base):
    order_no = CharField(max_length=32, unique=True)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'awaiting_payment'")])
    payment_id = BigIntegerField(null=True)
    open_cases = IntegerField(index=True, constraints=[SQL("DEFAULT 0"), Check("open_cases >= 0")])
    goods_fen = BigIntegerField()
    reduction_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    freight_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    payable_fen = BigIntegerField()
    paid_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    refunded_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    refunded_freight_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    claimed_freight_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    sealed_address = TextField()
    masked_address = CharField(max_length=120)
    note = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    merchant_note = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    seller = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    source = CharField(max_length=32, constraints=[SQL("DEFAULT ''")])
    cancel_reason = CharField(max_length=40, null=True)
    created_at = BigIntegerField(index=True)
    pay_by_at = BigIntegerField()
    closing_at = BigIntegerField(null=True)
    paid_at = BigIntegerField(index=True, null=True)
    shipped_at = BigIntegerField(null=True)
    receive_by_at = BigIntegerField(null=True)
    received_at = BigIntegerField(null=True)
    complete_by_at = BigIntegerField(null=True)
    completed_at = BigIntegerField(null=True)
    cancelled_at = BigIntegerField(null=True)

    class Meta:
        table_name = "mall_order"
        indexes = (
            (("member", "id"), False),
            (("state", "pay_by_at"), False),
            (("state", "receive_by_at"), False),
            (("state", "complete_by_at"), False),
            (("state", "closing_at"), False),
        )


class OrderLine(Base):
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    sku = ForeignKeyField(Sku, backref="+", on_delete="RESTRICT")
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT")
    title = CharField(max_length=80)
    spec_text = CharField(max_length=80, constraints=[SQL("DEFAULT ''")])
    picture = CharField(max_length=64, null=True)
    is_liquor = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    is_return_exempt = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    unit_price_fen = BigIntegerField()
    quantity = IntegerField()
    line_fen = BigIntegerField()
    paid_fen = BigIntegerField()
    adjustments = TextField()
    shipped = IntegerField(constraints=[SQL("DEFAULT 0")])
    withheld = IntegerField(constraints=[SQL("DEFAULT 0")])
    dropped = IntegerField(constraints=[SQL("DEFAULT 0")])
    claimed = IntegerField(constraints=[SQL("DEFAULT 0")])
    claimed_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    refunded = IntegerField(constraints=[SQL("DEFAULT 0")])
    refunded_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "order_line"
        constraints = (
            Check("shipped + withheld <= quantity"),
            Check("dropped <= withheld"),
            Check("claimed <= quantity"),
            Check("claimed_fen <= paid_fen"),
            Check("refunded_fen <= claimed_fen"),
        )


class OrderLog(Base):
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    from_state = CharField(max_length=20, null=True)
    to_state = CharField(max_length=20)
    actor = CharField(max_length=64)
    why = CharField(max_length=80, constraints=[SQL("DEFAULT ''")])
    facts = TextField(null=True)
    at = BigIntegerField()

    class Meta:
        table_name = "order_log"


class Parcel(Base):
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    company = CharField(max_length=24)
    tracking_no = CharField(max_length=40)
    shipped_at = BigIntegerField()
    by = CharField(max_length=64)

    class Meta:
        table_name = "parcel"


class ParcelLine(Base):
    parcel = ForeignKeyField(Parcel, backref="+", on_delete="RESTRICT")
    line = ForeignKeyField(OrderLine, backref="+", on_delete="RESTRICT", index=False)
    quantity = IntegerField()

    class Meta:
        table_name = "parcel_line"


class Payment(Base):
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    out_trade_no = CharField(max_length=32, unique=True)
    channel = CharField(max_length=8)
    mchid = CharField(max_length=16)
    appid = CharField(max_length=32)
    openid = CharField(max_length=64, null=True)
    amount_fen = BigIntegerField()
    received_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    refunding_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'created'")])
    prepay_id = CharField(max_length=128, null=True)
    pay_url = CharField(max_length=512, null=True)
    transaction_id = CharField(max_length=40, null=True)
    description = CharField(max_length=64, constraints=[SQL("DEFAULT ''")])
    expires_at = BigIntegerField()
    created_at = BigIntegerField()
    opened_at = BigIntegerField(null=True)
    paid_at = BigIntegerField(null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    last_error = CharField(max_length=200, null=True)

    class Meta:
        table_name = "payment"
        constraints = (
            Check("refunding_fen <= received_fen"),
        )


class Refund(Base):
    payment = ForeignKeyField(Payment, backref="+", on_delete="RESTRICT")
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    case_id = BigIntegerField(index=True, null=True)
    cause = CharField(max_length=20)
    out_refund_no = CharField(max_length=32, unique=True)
    amount_fen = BigIntegerField()
    total_fen = BigIntegerField()
    reason = CharField(max_length=80)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'created'")])
    refund_id = CharField(max_length=40, null=True)
    proof = CharField(max_length=200, null=True)
    hand_by = CharField(max_length=64, null=True)
    created_at = BigIntegerField()
    succeeded_at = BigIntegerField(null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    last_error = CharField(max_length=200, null=True)

    class Meta:
        table_name = "refund"


class PayNotice(Base):
    notice_id = CharField(max_length=64, unique=True)
    event_type = CharField(max_length=40)
    out_number = CharField(max_length=64)
    content = TextField()
    received_at = BigIntegerField(index=True)
    outcome = CharField(max_length=40, constraints=[SQL("DEFAULT 'received'")])

    class Meta:
        table_name = "pay_notice"
        indexes = (
            (("out_number",), False),
        )


class BillLine(Base):
    bill_day = CharField(max_length=10)
    mchid = CharField(max_length=16)
    kind = CharField(max_length=16)
    out_number = CharField(max_length=64)
    amount_fen = BigIntegerField(null=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'matched'")])
    ours_fen = BigIntegerField(null=True)
    closed_by = CharField(max_length=64, null=True)
    closed_reason = CharField(max_length=200, null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "bill_line"
        indexes = (
            (("mchid", "kind", "out_number"), True),
            (("bill_day", "state"), False),
        )


class AfterSale(Base):
    case_no = CharField(max_length=32, unique=True)
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=12)
    goods_fen = BigIntegerField()
    freight_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'requested'")])
    reason = CharField(max_length=24)
    note = CharField(max_length=300, constraints=[SQL("DEFAULT ''")])
    pictures = TextField(null=True)
    decided_by = CharField(max_length=64, null=True)
    decision_note = CharField(max_length=200, null=True)
    return_company = CharField(max_length=24, null=True)
    return_tracking_no = CharField(max_length=40, null=True)
    sent_company = CharField(max_length=24, null=True)
    sent_tracking_no = CharField(max_length=40, null=True)
    due_at = BigIntegerField(index=True, null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "after_sale"


class AfterSaleLine(Base):
    case = ForeignKeyField(AfterSale, backref="+", on_delete="RESTRICT", index=False)
    line = ForeignKeyField(OrderLine, backref="+", on_delete="RESTRICT")
    quantity = IntegerField()
    unshipped = IntegerField(constraints=[SQL("DEFAULT 0")])
    claim_fen = BigIntegerField()
    goods_fen = BigIntegerField()

    class Meta:
        table_name = "after_sale_line"
        constraints = (
            Check("goods_fen <= claim_fen"),
        )
        indexes = (
            (("case", "line"), True),
        )


class AfterSaleLog(Base):
    case = ForeignKeyField(AfterSale, backref="+", on_delete="RESTRICT")
    from_state = CharField(max_length=20, null=True)
    to_state = CharField(max_length=20)
    actor = CharField(max_length=64)
    why = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    at = BigIntegerField()

    class Meta:
        table_name = "after_sale_log"


class Account(Base):
    kind = CharField(max_length=32)
    owner_id = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    owner_code = CharField(max_length=32, constraints=[SQL("DEFAULT ''")])
    book = CharField(max_length=8, constraints=[SQL("DEFAULT 'CNY'")])
    balance_fen = BigIntegerField(null=True)

    class Meta:
        table_name = "account"
        indexes = (
            (("kind", "owner_id", "owner_code", "book"), True),
        )


class LedgerTransfer(Base):
    idem_key = CharField(max_length=80, unique=True)
    book = CharField(max_length=8)
    from_account = ForeignKeyField(Account, backref="+", on_delete="RESTRICT", index=False)
    to_account = ForeignKeyField(Account, backref="+", on_delete="RESTRICT", index=False)
    amount_fen = BigIntegerField(constraints=[Check("amount_fen > 0")])
    reason = CharField(max_length=32)
    source_type = CharField(max_length=24)
    source_id = BigIntegerField()
    created_at = BigIntegerField(index=True)

    class Meta:
        table_name = "ledger_transfer"
        constraints = (
            Check("from_account_id <> to_account_id"),
        )
        indexes = (
            (("from_account", "id"), False),
            (("to_account", "id"), False),
            (("source_type", "source_id"), False),
        )


class Grade(Base):
    name = CharField(max_length=20, unique=True)
    position = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "grade"


class Distributor(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", unique=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'applied'")])
    display_name = CharField(max_length=30)
    referral_code = CharField(max_length=12, unique=True)
    payee_type = CharField(max_length=16, constraints=[SQL("DEFAULT 'individual'")])
    grade = ForeignKeyField(Grade, backref="+", on_delete="RESTRICT", null=True)
    sealed_identity = TextField(null=True)
    identity_masked = CharField(max_length=60, null=True)
    identity_at = BigIntegerField(null=True)
    terms_version = CharField(max_length=16)
    applied_at = BigIntegerField()
    decided_at = BigIntegerField(null=True)
    decided_by = CharField(max_length=64, null=True)
    reason = CharField(max_length=200, null=True)

    class Meta:
        table_name = "distributor"


class Touch(Base):
    visitor = CharField(max_length=40)
    referrer = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    source = CharField(max_length=16)
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT", index=False, null=True)
    first_at = BigIntegerField()
    last_at = BigIntegerField()
    visits = IntegerField(constraints=[SQL("DEFAULT 1")])

    class Meta:
        table_name = "touch"
        indexes = (
            (("visitor", "referrer"), True),
            (("referrer", "last_at"), False),
        )


class VisitDay(Base):
    referrer = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    day = CharField(max_length=10)
    visits = IntegerField(constraints=[SQL("DEFAULT 0")])
    visitors = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "visit_day"
        indexes = (
            (("referrer", "day"), True),
            (("day",), False),
        )


class Binding(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", unique=True)
    p1 = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    p2 = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    p3 = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    bound_at = BigIntegerField(index=True, null=True)
    expires_at = BigIntegerField(null=True)
    protected_until = BigIntegerField(null=True)

    class Meta:
        table_name = "binding"
        indexes = (
            (("p1", "expires_at"), False),
        )


class BindingLog(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    from_member = ForeignKeyField(
        Member,
        backref="+", on_delete="RESTRICT",
        index=False,
        null=True,
    )
    to_member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False, null=True)
    cause = CharField(max_length=24)
    refusal = CharField(max_length=24, null=True)
    policy = CharField(max_length=24)
    actor = CharField(max_length=64)
    facts = TextField(null=True)
    at = BigIntegerField()

    class Meta:
        table_name = "binding_log"


class ReferralTree(Base):
    moves = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "referral_tree"


class LevelsSwitch(Base):
    levels = IntegerField(constraints=[Check("levels >= 0 AND levels <= 3")])
    signed_name = CharField(max_length=30)
    signed_by = CharField(max_length=64)
    text = TextField()
    signed_at = BigIntegerField()

    class Meta:
        table_name = "levels_switch"


class CommissionRule(Base):
    scope = CharField(max_length=12)
    target_id = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    grade = ForeignKeyField(Grade, backref="+", on_delete="RESTRICT", null=True)
    mode = CharField(max_length=12)
    pool_bp = IntegerField(constraints=[SQL("DEFAULT 0")])
    shares = TextField()
    is_active = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    effective_at = BigIntegerField()
    created_at = BigIntegerField()
    by = CharField(max_length=64)

    class Meta:
        table_name = "commission_rule"
        indexes = (
            (("scope", "target_id", "is_active"), False),
        )


class Commission(Base):
    line = ForeignKeyField(OrderLine, backref="+", on_delete="RESTRICT", index=False)
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT")
    level = IntegerField(constraints=[Check("level >= 1 AND level <= 3")])
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    base_fen = BigIntegerField()
    amount_fen = BigIntegerField()
    taken_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    rule = TextField()
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'planned'")])
    frozen_until = BigIntegerField(null=True)
    released_at = BigIntegerField(null=True)
    created_at = BigIntegerField(index=True)

    class Meta:
        table_name = "commission"
        constraints = (
            Check("taken_fen <= amount_fen"),
        )
        indexes = (
            (("line", "level"), True),
            (("member", "id"), False),
            (("state", "frozen_until"), False),
        )


class Withdrawal(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    out_bill_no = CharField(max_length=32, unique=True)
    channel = CharField(max_length=8, constraints=[SQL("DEFAULT 'wechat'")])
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'requested'")])
    gross_fen = BigIntegerField()
    taken_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    fee_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    net_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax = TextField(null=True)
    openid = CharField(max_length=64)
    request = TextField(null=True)
    package_info = TextField(null=True)
    transfer_bill_no = CharField(max_length=64, null=True)
    fail_reason = CharField(max_length=60, null=True)
    is_on_hold = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    hold_reason = CharField(max_length=80, null=True)
    note = CharField(max_length=200, null=True)
    approved_by = CharField(max_length=64, null=True)
    second_by = CharField(max_length=64, null=True)
    requested_at = BigIntegerField(index=True)
    approved_at = BigIntegerField(null=True)
    sent_at = BigIntegerField(index=True, null=True)
    paid_at = BigIntegerField(null=True)
    returned_at = BigIntegerField(null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)

    class Meta:
        table_name = "withdrawal"
        constraints = (
            Check("gross_fen > 0"),
            Check("taken_fen <= gross_fen"),
        )


class WithdrawalLog(Base):
    withdrawal = ForeignKeyField(Withdrawal, backref="+", on_delete="RESTRICT")
    from_state = CharField(max_length=20, null=True)
    to_state = CharField(max_length=20)
    actor = CharField(max_length=64)
    why = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    at = BigIntegerField()

    class Meta:
        table_name = "withdrawal_log"


class PayeeYear(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    year = IntegerField()
    gross_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "payee_year"
        indexes = (
            (("member", "year"), True),
        )


class Scene(Base):
    scene = CharField(max_length=64, unique=True)
    kind = CharField(max_length=16)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", null=True)
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT", index=False, null=True)
    ticket = CharField(max_length=200, null=True)
    url = CharField(max_length=200, null=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField(null=True)

    class Meta:
        table_name = "scene"


class Poster(Base):
    content_key = CharField(max_length=64, unique=True)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    product = ForeignKeyField(Product, backref="+", on_delete="RESTRICT", index=False, null=True)
    scene = ForeignKeyField(Scene, backref="+", on_delete="RESTRICT", index=False, null=True)
    file = CharField(max_length=120)
    media_id = CharField(max_length=128, null=True)
    media_until_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField(null=True)

    class Meta:
        table_name = "poster"


class PushCampaign(Base):
    title = CharField(max_length=60)
    carrier = CharField(max_length=16)
    is_promotion = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    content = TextField()
    audience = TextField()
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'draft'")])
    audience_size = IntegerField(constraints=[SQL("DEFAULT 0")])
    queued = IntegerField(constraints=[SQL("DEFAULT 0")])
    stop_reason = CharField(max_length=80, null=True)
    mass_msg_id = CharField(max_length=64, null=True)
    created_by = CharField(max_length=64)
    created_at = BigIntegerField(index=True)
    send_at = BigIntegerField(null=True)
    started_at = BigIntegerField(null=True)
    finished_at = BigIntegerField(null=True)

    class Meta:
        table_name = "push_campaign"


class Delivery(Base):
    campaign = ForeignKeyField(PushCampaign, backref="+", on_delete="RESTRICT", index=False)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    openid = CharField(max_length=64)
    state = CharField(max_length=20, constraints=[SQL("DEFAULT 'queued'")])
    client_msg_id = CharField(max_length=48, null=True)
    msg_id = CharField(max_length=40, null=True)
    error = CharField(max_length=60, null=True)
    at = BigIntegerField()

    class Meta:
        table_name = "delivery"
        indexes = (
            (("campaign", "member"), True),
            (("campaign", "state", "id"), False),
            (("member", "at"), False),
            (("msg_id",), False),
        )


class PushTemplate(Base):
    template_id = CharField(max_length=64, unique=True)
    kind = CharField(max_length=16)
    title = CharField(max_length=60)
    purpose = CharField(max_length=32, null=True)
    fields = TextField()
    is_active = BooleanField(constraints=[SQL("DEFAULT TRUE")])
    updated_at = BigIntegerField()

    class Meta:
        table_name = "push_template"


class SubscriptionGrant(Base):
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT", index=False)
    template_id = CharField(max_length=64)
    remaining = IntegerField(constraints=[SQL("DEFAULT 0")])
    updated_at = BigIntegerField()

    class Meta:
        table_name = "subscription_grant"
        indexes = (
            (("member", "template_id"), True),
        )


class ServiceTicket(Base):
    ticket_no = CharField(max_length=32, unique=True)
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=12, constraints=[SQL("DEFAULT 'question'")])
    text = TextField()
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'open'")])
    owner = CharField(max_length=64, null=True)
    answer = TextField(null=True)
    due_at = BigIntegerField(index=True)
    created_at = BigIntegerField()
    closed_at = BigIntegerField(null=True)

    class Meta:
        table_name = "service_ticket"


TABLES = (
    CommandResult,
    Setting,
    AuditEntry,
    OutboxRow,
    PeriodicJob,
    ClockOffset,
    Staff,
    StaffSession,
    Member,
    WechatIdentity,
    WebSession,
    OauthState,
    Handover,
    Consent,
    Address,
    Picture,
    Category,
    Product,
    ProductPicture,
    Sku,
    PriceHistory,
    StockMove,
    CartLine,
    Order,
    OrderLine,
    OrderLog,
    Parcel,
    ParcelLine,
    Payment,
    Refund,
    PayNotice,
    BillLine,
    AfterSale,
    AfterSaleLine,
    AfterSaleLog,
    Account,
    LedgerTransfer,
    Grade,
    Distributor,
    Touch,
    VisitDay,
    Binding,
    BindingLog,
    ReferralTree,
    LevelsSwitch,
    CommissionRule,
    Commission,
    Withdrawal,
    WithdrawalLog,
    PayeeYear,
    Scene,
    Poster,
    PushCampaign,
    Delivery,
    PushTemplate,
    SubscriptionGrant,
    ServiceTicket,
)


def up(migrator: Any, db: Any) -> None:
    """Create every table, those referred to first."""
    create_tables(db, TABLES)
