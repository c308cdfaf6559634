"""Payees, payout bills, standing authorisations, yearly income, freezes."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, Check, IntegerField, TextField

from schema.columns import FenField, JsonField, Table, UtcField, ref, state, word


class Payee(Table):
    """A person or company that the merchant may pay (收款人); one row per owner."""

    owner_kind = word(12, default="member")
    owner_id = BigIntegerField()
    type = word(16, default="individual")  # employee, individual, sole_trader, company
    sealed_identity = TextField(null=True)  # real name and number, by the member's key
    identity_masked = word(60, null=True)
    name_hash = word(64, null=True, index=True)  # of the real name: kernel.people_hashes
    identity_at = UtcField(null=True)
    document = word(64, null=True)  # encrypted file of the business licence (营业执照)
    document_at = UtcField(null=True)
    reviewed_at = UtcField(null=True)
    reviewed_by = word(64, null=True)
    review_note = word(200, null=True)  # the reason of a refusal
    is_frozen = BooleanField(default=False)

    class Meta:
        indexes = ((("owner_kind", "owner_id"), True), (("document_at", "reviewed_at"), False))


class PayeeFreeze(Table):
    """A freeze of a payee's money (冻结): reason, date of the next review, appeal."""

    payee = ref(Payee)
    reason = word(200)
    frozen_by = word(64)
    frozen_at = UtcField()
    review_by_at = UtcField()
    appeal = word(500, null=True)
    appealed_at = UtcField(null=True)
    answer = word(500, null=True)
    answered_by = word(64, null=True)
    answered_at = UtcField(null=True)
    lifted_at = UtcField(null=True)
    lifted_by = word(64, null=True)
    lift_reason = word(200, null=True)  # what a person wrote
    lift_cause = word(24, null=True)  # restored: with the distributor's suspension

    class Meta:
        indexes = ((("lifted_at", "review_by_at"), False),)


class PayoutBill(Table):
    """One payment to a payee, of any source (付款单). Its number never changes."""

    source = word(16)  # commission; later prizes and store shares
    source_id = BigIntegerField()
    part = IntegerField(default=0)
    payee = ref(Payee, index=False)
    tax_class = word(12, default="labour")
    mchid = word(16, null=True)
    channel = word(12, default="wechat")  # wechat, granted, payroll
    out_bill_no = word(32, unique=True)
    openid = word(64, null=True)
    state = state("made")
    gross_fen = FenField(default=0)  # fixed when it is sent
    fee_fen = FenField(default=0)
    tax_fen = FenField(default=0)
    net_fen = FenField(default=0)
    tax = JsonField(null=True)  # method, version, inputs, result
    request = JsonField(null=True)  # the exact body sent
    package_info = TextField(null=True)
    transfer_bill_no = word(64, null=True, index=True)
    fail_reason = word(60, null=True)
    note = word(200, null=True)
    made_at = UtcField()
    sent_at = UtcField(null=True, index=True)
    paid_at = UtcField(null=True)
    returned_at = UtcField(null=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    looked_at = UtcField(null=True)  # system time of the last query requested by a page
    uncertain_at = UtcField(null=True, index=True)
    given_up_by = word(64, null=True)  # the first of two people who declare that it never arrived

    class Meta:
        constraints = (Check("gross_fen >= 0"),)
        indexes = (
            (("source", "source_id", "part"), True),
            (("payee", "sent_at"), False),
        )


class PayoutGrant(Table):
    """A payee's standing authorisation (免确认收款授权). Its number never changes.

    ``open_key`` holds payee, merchant, account and scene while the grant is asked for or active,
    so that there is at most one.
    """

    payee = ref(Payee)
    mchid = word(16)
    appid = word(32)
    scene = word(16)
    openid = word(64)
    out_authorization_no = word(32, unique=True)
    state = state("asked")  # active, closed, expired, refused
    open_key = word(96, null=True, unique=True)
    request = JsonField()  # displayed name, notification URL
    authorization_id = word(64, null=True)  # WeChat's number
    package_info = TextField(null=True)  # opens WeChat's confirmation dialog
    asked_at = UtcField()
    active_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    end_reason = word(60, null=True)
    ended_by = word(64, null=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    looked_at = UtcField(null=True)  # system time of the last query requested by a page


class PayoutLog(Table):
    """The log of a bill's state changes."""

    bill = ref(PayoutBill)
    from_state = word(20, null=True)
    to_state = word(20)
    actor = word(64)
    why = word(200, default="")  # a code, or what a person typed
    facts = JsonField(null=True)
    at = UtcField()


class PayeeIncome(Table):
    """A payee's income of a year by tax class (年度收入); locked while tax is computed."""

    payee = ref(Payee, index=False)
    year = IntegerField()
    tax_class = word(12, default="labour")
    gross_fen = FenField(default=0)
    tax_fen = FenField(default=0)

    class Meta:
        indexes = ((("payee", "year", "tax_class"), True), (("year",), False))
