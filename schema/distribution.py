"""Distributors, bindings, commission rules and entries, withdrawals, posters."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, Check, IntegerField, TextField

from schema.catalog import Product
from schema.columns import BpField, FenField, JsonField, Table, UtcField, ref, state, word
from schema.members import Member
from schema.orders import Order, OrderLine


class Grade(Table):
    """A distributor's grade (分销等级), based on own sales, never on recruited people."""

    name = word(20, unique=True)
    position = IntegerField(default=0)


class Distributor(Table):
    """A member who may share and earn (分销商)."""

    member = ref(Member, unique=True)
    state = state("applied")  # applied, rejected, active, suspended, left
    display_name = word(30)
    name_hash = word(64, null=True, index=True)  # of the display name: kernel.people_hashes
    name_state = word(10, default="free")  # free, review, approved, refused: its visibility
    name_reason = word(200, null=True)
    referral_code = word(12, unique=True)
    grade = ref(Grade, null=True)
    terms_version = word(16)
    applied_at = UtcField()
    decided_at = UtcField(null=True)
    decided_by = word(64, null=True)
    reason = word(200, null=True)


class Touch(Table):
    """A visitor's contact with a distributor's link or poster (触达), as evidence for bindings."""

    visitor = word(40)  # a session's visitor id, or ``o:{openid}`` for scans in chat
    referrer = ref(Member)
    member = ref(Member, null=True)
    source = word(16)  # by what they met last: orders.OF_DISTRIBUTORS
    product = ref(Product, null=True, index=False)
    first_at = UtcField()
    last_at = UtcField()
    visits = IntegerField(default=1)
    counted_at = UtcField(null=True)  # when a visit was last counted in VisitDay

    class Meta:
        indexes = ((("visitor", "referrer"), True), (("referrer", "last_at"), False))


class Arrival(Table):
    """By which way of the account's own a member came into the mall last (入口)."""

    member = ref(Member, unique=True)
    medium = word(16)  # orders.OF_THE_ACCOUNT
    at = UtcField()


class VisitDay(Table):
    """Visits by people to a distributor's links per business day (访问量)."""

    referrer = ref(Member, index=False)
    day = word(10)
    visits = IntegerField(default=0)
    visitors = IntegerField(default=0)

    class Meta:
        # a covering index for sums of days
        indexes = ((("referrer", "day"), True), (("day", "visits", "visitors"), False))


class Binding(Table):
    """A member's upline: up to three inviters, nearest first (上级关系)."""

    member = ref(Member, unique=True)
    p1 = ref(Member, null=True)  # lists are paged by this and the id
    p2 = ref(Member, null=True)
    p3 = ref(Member, null=True)
    version = IntegerField(default=1)
    bound_at = UtcField(null=True, index=True)
    expires_at = UtcField(null=True)
    protected_until = UtcField(null=True)
    asked_at = UtcField(null=True)  # when the member answered what this upline may see of them

    class Meta:
        # a covering index for counting the customers of a distributor with many
        indexes = ((("p1", "expires_at"), False),)


class CustomerNote(Table):
    """What a distributor calls a customer; nobody else reads it (备注名)."""

    distributor = ref(Member, index=False)
    customer = ref(Member)
    sealed = TextField()  # encrypted under the customer's key
    at = UtcField()

    class Meta:
        indexes = ((("distributor", "customer"), True),)


class BindingLog(Table):
    """A change of a binding, or a refused one, with its cause."""

    member = ref(Member)
    from_member = ref(Member, null=True, index=False)
    to_member = ref(Member, null=True, index=False)
    cause = word(24)  # domain.distribution.rules.binding.Cause
    refusal = word(24, null=True)
    policy = word(24)
    actor = word(64)
    facts = JsonField(null=True)
    at = UtcField()


class ReferralTree(Table):
    """The only row (id 1) is locked before every change that could close a cycle of bindings."""

    moves = IntegerField(default=0)


class LevelsSwitch(Table):
    """The owner's signed decision on how many levels are paid (分销层级开关)."""

    levels = IntegerField(constraints=[Check("levels >= 0 AND levels <= 3")])
    signed_name = word(30)
    signed_by = word(64)
    text = TextField()
    signed_at = UtcField()


class CommissionRule(Table):
    """A commission rule (佣金规则); the most specific active rule applies."""

    scope = word(12)  # all, category, product, sku
    target_id = BigIntegerField(default=0)
    grade = ref(Grade, null=True)
    mode = word(12)  # off, pool, levels, fixed
    pool_bp = BpField(default=0)
    shares = JsonField()  # pool: weights; levels: bp; fixed: fen per item; level 1 first
    is_active = BooleanField(default=True)
    effective_at = UtcField()
    created_at = UtcField()
    by = word(64)

    class Meta:
        indexes = ((("scope", "target_id", "is_active"), False),)


class Commission(Table):
    """What one level earns of one order line (佣金), computed when the order was placed."""

    line = ref(OrderLine, index=False)
    order = ref(Order)
    level = IntegerField(constraints=[Check("level >= 1 AND level <= 3")])
    member = ref(Member, index=False)
    base_fen = FenField()
    amount_fen = FenField()
    taken_fen = FenField(default=0)
    rule = JsonField()  # rule id, mode, rate, weights, chain, grade, as the calculation's inputs
    state = state("planned")  # planned, pending, released, void
    frozen_until = UtcField(null=True)
    released_at = UtcField(null=True)
    created_at = UtcField()

    class Meta:
        constraints = (Check("taken_fen <= amount_fen"),)
        indexes = (
            (("created_at", "state", "amount_fen", "taken_fen"), False),
            (("line", "level"), True),
            (("member", "id"), False),
            (("state", "frozen_until"), False),
        )


class Withdrawal(Table):
    """A distributor's request to be paid (提现). Once approved its payout bill has the state."""

    member = ref(Member)
    out_bill_no = word(32, unique=True)
    channel = word(8, default="wechat")
    state = state("requested")  # requested, rejected; once approved that of its bill
    gross_fen = FenField()
    taken_fen = FenField(default=0)  # clawed back by refunds before it was sent
    fee_fen = FenField(default=0)  # as shown at the request; the bill has the paid amounts
    tax_fen = FenField(default=0)
    net_fen = FenField(default=0)
    tax = JsonField(null=True)  # method, version, inputs, result
    openid = word(64)
    is_on_hold = BooleanField(default=False)
    hold_reason = word(80, null=True)  # what a person wrote, for the merchant
    hold_told = word(80, null=True)  # what a person wrote for the payee
    hold_cause = word(24, null=True)  # refund: commission was taken back from it
    note = word(200, null=True)
    approved_by = word(64, null=True)
    second_by = word(64, null=True)
    requested_at = UtcField(index=True)
    approved_at = UtcField(null=True)
    returned_at = UtcField(null=True)

    class Meta:
        constraints = (Check("gross_fen > 0"), Check("taken_fen <= gross_fen"))
        indexes = ((("gross_fen", "id"), False),)


class WithdrawalLog(Table):
    """The log of a withdrawal's state changes until it has a bill."""

    withdrawal = ref(Withdrawal)
    from_state = word(20, null=True)
    to_state = word(20)
    actor = word(64)
    why = word(200, default="")  # a code, or what a person typed
    facts = JsonField(null=True)
    at = UtcField()


class Scene(Table):
    """A scene QR code of the account (带参二维码) and its purpose."""

    scene = word(64, unique=True)
    kind = word(16)  # referral
    member = ref(Member, null=True)
    product = ref(Product, null=True, index=False)
    ticket = word(200, null=True)
    url = word(200, null=True)
    created_at = UtcField()
    expires_at = UtcField(null=True)


class Poster(Table):
    """A drawn referral poster, cached by its content (海报)."""

    content_key = word(64, unique=True)
    member = ref(Member)
    product = ref(Product, null=True, index=False)
    scene = ref(Scene, null=True, index=False)
    file = word(120)
    media_id = word(128, null=True)
    media_until_at = UtcField(null=True)
    created_at = UtcField()
    expires_at = UtcField(null=True)
