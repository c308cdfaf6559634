"""Payouts (付款): payees, bills, tax and brakes.

A source (commission today) says what is to be paid. See ``docs/algorithms/withdrawal.md`` and
``docs/algorithms/tax.md``.
"""

from domain.payouts.adopting import adopt_transfer, gross_for_net
from domain.payouts.answers import receive_transfer, receive_transfer_notice
from domain.payouts.bills import bill_of, bill_of_entry, make_bill, reject_bill
from domain.payouts.brakes import (
    LedgerCheck,
    PayoutStop,
    are_grants_offered,
    check_ledger,
    ledger_check,
    payout_stop,
    record_ledger_check,
    resume_payouts,
    stop_payouts,
    why_payouts_stopped_now,
)
from domain.payouts.documents import move_and_delete_documents, open_document, submit_document
from domain.payouts.ending import confirm_not_arrived, settle_payroll
from domain.payouts.erasing import PERSONAL
from domain.payouts.flows import (
    cancel_bill,
    cancel_transfer_of_ended_bill,
    cancel_transfer_of_frozen,
    query_bill_at_intervals,
    query_bill_at_wechat,
    query_due_bills,
    send_bill,
    send_waiting,
)
from domain.payouts.freezes import (
    FreezeView,
    answer_appeal,
    appeal_against_freeze,
    count_freezes_to_review,
    freeze_of,
    freeze_payee,
    frozen_members,
    frozen_of,
    is_frozen,
    lift_freeze,
    list_freezes,
)
from domain.payouts.grant_answers import receive_grant, receive_grant_notice
from domain.payouts.grant_flows import (
    close_grant,
    query_due_grants,
    query_grant_at_intervals,
    request_grant,
)
from domain.payouts.grants import grant_of
from domain.payouts.payees import TYPES as PAYEE_TYPES
from domain.payouts.payees import (
    check_type,
    decrypted_identity,
    lock_payee,
    members_by_real_name,
    payee_of,
    payee_or_raise,
    rehash_real_names,
    reveal_identity,
    review_payee,
    save_document,
    save_identity,
    set_payee_type,
    why_not_payable,
)
from domain.payouts.queries import (
    bill_detail,
    bills_of,
    income_of_year,
    is_sent,
    page_of_bill,
    paid_by_number,
    payee_view,
    payee_views,
    payee_years,
    payees_to_review,
    sent_numbers,
    sources_of_transfer,
    uncertain_bills,
)
from domain.payouts.rules.tax import Table as TaxTable
from domain.payouts.rules.tax import table_of as tax_table
from domain.payouts.sending import WECHAT_LEAST_FEN, PayoutTerms
from domain.payouts.sources import AmountToPay, BillStep, Source, all_sources, register
from domain.payouts.tax import tax_facts, tax_method_of, tax_of
from domain.payouts.views import BillView, GrantView, PayeeIncomeView, PayeeView, StepView

__all__ = [
    "PAYEE_TYPES", "PERSONAL", "WECHAT_LEAST_FEN", "AmountToPay", "BillStep", "BillView",
    "FreezeView", "GrantView", "LedgerCheck", "PayeeIncomeView", "PayeeView", "PayoutStop",
    "PayoutTerms", "Source", "StepView", "TaxTable", "adopt_transfer", "all_sources",
    "answer_appeal", "appeal_against_freeze", "are_grants_offered", "bill_detail", "bill_of",
    "bill_of_entry", "bills_of", "cancel_bill", "cancel_transfer_of_ended_bill",
    "cancel_transfer_of_frozen", "check_ledger", "check_type", "close_grant",
    "confirm_not_arrived", "count_freezes_to_review", "decrypted_identity", "freeze_of",
    "freeze_payee", "frozen_members", "frozen_of", "grant_of", "gross_for_net", "income_of_year",
    "is_frozen", "is_sent", "ledger_check", "lift_freeze", "list_freezes", "lock_payee",
    "make_bill", "members_by_real_name", "move_and_delete_documents", "open_document",
    "page_of_bill", "paid_by_number", "payee_of", "payee_or_raise", "payee_view", "payee_views",
    "payee_years", "payees_to_review", "payout_stop", "query_bill_at_intervals",
    "query_bill_at_wechat", "query_due_bills", "query_due_grants", "query_grant_at_intervals",
    "receive_grant", "receive_grant_notice", "receive_transfer", "receive_transfer_notice",
    "record_ledger_check", "register", "rehash_real_names", "reject_bill", "request_grant",
    "resume_payouts", "reveal_identity", "review_payee", "save_document", "save_identity",
    "send_bill", "send_waiting", "sent_numbers", "set_payee_type", "settle_payroll",
    "sources_of_transfer", "stop_payouts", "submit_document", "tax_facts", "tax_method_of",
    "tax_of", "tax_table", "uncertain_bills", "why_not_payable", "why_payouts_stopped_now",
]  # fmt: skip
