"""Distributors, who invited whom, commission rules and entries, requests for payouts, posters."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, Check, IntegerField, TextField

from schema.catalog import Product
from schema.columns import BpField, FenField, JsonField, Table, UtcField, ref, state, word
from schema.members import Member
from schema.orders import Order, OrderLine


class Grade(Table):
    """A distributor's grade by own sales, never by people recruited (分销等级)."""

    name = word(20, unique=True)
    position = IntegerField(default=0)


class Distributor(Table):
    """A member who may share and earn (分销商)."""

    member = ref(Member, unique=True)
    state = state("applied")  # applied, rejected, active, suspended, left
    display_name = word(30)
    name_state = word(10, default="free")  # free, review, approved, refused: who sees the name
    name_reason = word(200, null=True)
    referral_code = word(12, unique=True)
    grade = ref(Grade, null=True)
    terms_version = word(16)
    applied_at = UtcField()
    decided_at = UtcField(null=True)
    decided_by = word(64, null=True)
    reason = word(200, null=True)


class Touch(Table):
    """A visitor met a distributor's link or poster (触达). Kept as evidence for bindings."""

    visitor = word(40)  # a session's visitor id, or ``o:{openid}`` for scans in chat
    referrer = ref(Member)
    member = ref(Member, null=True)
    source = word(16)  # link, poster, scan, storefront
    product = ref(Product, null=True, index=False)
    first_at = UtcField()
    last_at = UtcField()
    visits = IntegerField(default=1)
    counted_at = UtcField(null=True)  # when a visit of theirs last came into the figures

    class Meta:
        indexes = ((("visitor", "referrer"), True), (("referrer", "last_at"), False))


class VisitDay(Table):
    """Visits of a distributor's links per business day that were really seen (访问量)."""

    referrer = ref(Member, index=False)
    day = word(10)
    visits = IntegerField(default=0)
    visitors = IntegerField(default=0)

    class Meta:
        # days are summed in the index alone
        indexes = ((("referrer", "day"), True), (("day", "visits", "visitors"), False))


class Binding(Table):
    """Who invited a member: the three people above, nearest first (上级关系)."""

    member = ref(Member, unique=True)
    p1 = ref(Member, null=True)  # by it and the id pages are cut
    p2 = ref(Member, null=True)
    p3 = ref(Member, null=True)
    version = IntegerField(default=1)
    bound_at = UtcField(null=True, index=True)
    expires_at = UtcField(null=True)
    protected_until = UtcField(null=True)

    class Meta:
        # a hub's customers are counted in the index alone
        indexes = ((("p1", "expires_at"), False),)


class BindingLog(Table):
    """Every change of a binding with its cause: answers "why is X my upline"."""

    member = ref(Member)
    from_member = ref(Member, null=True, index=False)
    to_member = ref(Member, null=True, index=False)
    cause = word(24)  # follow, scan, link, order, merchant, expired, refused
    refusal = word(24, null=True)
    policy = word(24)
    actor = word(64)
    facts = JsonField(null=True)
    at = UtcField()


class ReferralTree(Table):
    """The single row (id 1) that whoever could close a cycle locks first."""

    moves = IntegerField(default=0)


class LevelsSwitch(Table):
    """The owner's signed decision on how many levels are paid (分销层级开关)."""

    levels = IntegerField(constraints=[Check("levels >= 0 AND levels <= 3")])
    signed_name = word(30)
    signed_by = word(64)
    text = TextField()
    signed_at = UtcField()


class CommissionRule(Table):
    """How much of a sale is paid to whom; the most specific active rule wins (佣金规则)."""

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
    """What one level earns of one line: the snapshot taken when the order was placed (佣金)."""

    line = ref(OrderLine, index=False)
    order = ref(Order)
    level = IntegerField(constraints=[Check("level >= 1 AND level <= 3")])
    member = ref(Member, index=False)
    base_fen = FenField()
    amount_fen = FenField()
    taken_fen = FenField(default=0)
    rule = JsonField()  # rule id, mode, rate, weights, chain, grade: why this much
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
    """A distributor's request to be paid (提现). Once approved its bill says what became of it."""

    member = ref(Member)
    out_bill_no = word(32, unique=True)
    channel = word(8, default="wechat")
    state = state("requested")  # requested, rejected; approved: then it follows its bill
    gross_fen = FenField()
    taken_fen = FenField(default=0)  # taken back by refunds before it was sent
    fee_fen = FenField(default=0)  # as shown when it was asked for; the bill has what was paid
    tax_fen = FenField(default=0)
    net_fen = FenField(default=0)
    tax = JsonField(null=True)  # method, version, inputs, result
    openid = word(64)
    is_on_hold = BooleanField(default=False)
    hold_reason = word(80, null=True)
    note = word(200, null=True)
    approved_by = word(64, null=True)
    second_by = word(64, null=True)
    requested_at = UtcField(index=True)
    approved_at = UtcField(null=True)
    returned_at = UtcField(null=True)

    class Meta:
        constraints = (Check("gross_fen > 0"), Check("taken_fen <= gross_fen"))


class WithdrawalLog(Table):
    """Every step of a request until it has a bill: who, from, to, why."""

    withdrawal = ref(Withdrawal)
    from_state = word(20, null=True)
    to_state = word(20)
    actor = word(64)
    why = word(200, default="")
    at = UtcField()


class Scene(Table):
    """A scene QR code of the account and what scanning it means (带参二维码)."""

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
