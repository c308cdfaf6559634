"""Payouts (付款): payees, bills, tax and brakes.

A source (commission today) says what is to be paid. See ``docs/algorithms/withdrawal.md`` and
``docs/algorithms/tax.md``.
"""

from domain.payouts.adopting import adopt_transfer, gross_of
from domain.payouts.answers import receive_transfer, receive_transfer_notice
from domain.payouts.bills import bill_of, bill_of_entry, make_bill, reject_bill
from domain.payouts.brakes import (
    BookCheck,
    PayoutStop,
    book_check,
    check_book,
    grants_offered,
    payout_stop,
    record_check,
    resume,
    stop_all,
    stopped_now,
)
from domain.payouts.documents import hand_in_document, open_document, tidy_documents
from domain.payouts.flows import (
    cancel_alive,
    cancel_bill,
    look,
    look_now_and_then,
    poll_due,
    send_bill,
    send_waiting,
    take_back_frozen,
)
from domain.payouts.freezes import (
    FreezeView,
    answer_appeal,
    appeal,
    freeze,
    freeze_of,
    freezes_to_look_at,
    frozen_among,
    frozen_members,
    is_frozen,
    lift,
    standing_freezes,
)
from domain.payouts.grant_answers import receive_grant, receive_grant_notice
from domain.payouts.grant_flows import (
    ask_for_grant,
    close_grant,
    look_at_grant,
    look_at_grant_now_and_then,
    poll_grants,
)
from domain.payouts.grants import grant_of
from domain.payouts.payees import TYPES as PAYEE_TYPES
from domain.payouts.payees import (
    check_type,
    lock_payee,
    look_at_identity,
    not_payable,
    opened_identity,
    payee_of,
    payee_or_raise,
    review_payee,
    save_document,
    save_identity,
    set_type,
)
from domain.payouts.queries import (
    bill,
    bills_of,
    is_sent,
    paid_by_number,
    payee,
    payee_years,
    payees,
    payees_to_review,
    sent_numbers,
    steps_of,
    uncertain_bills,
)
from domain.payouts.sending import WECHAT_LEAST_FEN, PayoutTerms
from domain.payouts.sources import Moved, Source, Wanted, all_sources, register
from domain.payouts.taking import give_up, settle_payroll, take_back_absent
from domain.payouts.tax import method_of, tax_facts, tax_of
from domain.payouts.views import BillView, GrantView, PayeeIncomeView, PayeeView, StepView

__all__ = [
    "PAYEE_TYPES", "WECHAT_LEAST_FEN", "BillView", "BookCheck", "FreezeView", "GrantView", "Moved",
    "PayeeIncomeView", "PayeeView", "PayoutStop", "PayoutTerms", "Source", "StepView", "Wanted",
    "adopt_transfer", "all_sources", "answer_appeal", "appeal", "ask_for_grant", "bill", "bill_of",
    "bill_of_entry", "bills_of", "book_check", "cancel_alive", "cancel_bill", "check_book",
    "check_type", "close_grant", "freeze", "freeze_of", "freezes_to_look_at", "frozen_among",
    "frozen_members", "give_up", "grant_of", "grants_offered", "gross_of", "hand_in_document",
    "is_frozen", "is_sent", "lift", "lock_payee", "look", "look_at_grant",
    "look_at_grant_now_and_then", "look_at_identity", "look_now_and_then", "make_bill",
    "method_of", "not_payable", "open_document", "opened_identity", "paid_by_number", "payee",
    "payee_of", "payee_or_raise", "payee_years", "payees", "payees_to_review", "payout_stop",
    "poll_due", "poll_grants", "receive_grant", "receive_grant_notice", "receive_transfer",
    "receive_transfer_notice", "record_check", "register", "reject_bill", "resume", "review_payee",
    "save_document", "save_identity", "send_bill", "send_waiting", "sent_numbers", "set_type",
    "settle_payroll", "standing_freezes", "steps_of", "stop_all", "stopped_now",
    "take_back_absent", "take_back_frozen", "tax_facts", "tax_of", "tidy_documents",
    "uncertain_bills",
]  # fmt: skip
