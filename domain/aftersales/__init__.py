"""After-sales cases (售后). See ``docs/algorithms/refunds.md``."""

from domain.aftersales.approving import (
    Answer,
    answer_case,
    refund_by_hand,
)
from domain.aftersales.erasing import PERSONAL
from domain.aftersales.events import CaseClosed, CaseOpened, LineRefunded
from domain.aftersales.finding import find_cases, ids_of_cases
from domain.aftersales.opening import (
    Preview,
    allowed_requests,
    cancel_paid_order,
    merchant_refund,
    open_and_refund,
    open_case,
    preview_case,
    preview_refund,
    refund_by_rule,
    refund_unsent,
    request_case,
)
from domain.aftersales.parcels import ParcelFlag
from domain.aftersales.queries import (
    CaseLineView,
    CaseLogView,
    CaseView,
    case_counts,
    case_detail_for_buyer,
    case_detail_for_merchant,
    list_cases,
    list_cases_of_member,
    list_cases_of_order,
    reveal_case_note,
)
from domain.aftersales.reasons import ASKS, REASONS, Ask
from domain.aftersales.rules import KINDS, OPEN, REFUNDED_AT_WECHAT, RESTORE, CaseForm, Kind
from domain.aftersales.service import (
    apply_timeout,
    approve_case,
    case_id_of,
    receive_returned_goods,
    refund_instead,
    reject_case,
    send_back,
    send_replacement,
    withdraw_case,
)
from domain.aftersales.steps import begin_refunding, lock_case

__all__ = [
    "ASKS", "KINDS", "OPEN", "PERSONAL", "REASONS", "REFUNDED_AT_WECHAT", "RESTORE", "Answer",
    "Ask", "CaseClosed", "CaseForm", "CaseLineView", "CaseLogView", "CaseOpened", "CaseView",
    "Kind", "LineRefunded", "ParcelFlag", "Preview", "allowed_requests", "answer_case",
    "apply_timeout", "approve_case", "begin_refunding", "cancel_paid_order", "case_counts",
    "case_detail_for_buyer", "case_detail_for_merchant", "case_id_of", "find_cases",
    "ids_of_cases", "list_cases", "list_cases_of_member", "list_cases_of_order", "lock_case",
    "merchant_refund", "open_and_refund", "open_case", "preview_case", "preview_refund",
    "receive_returned_goods", "refund_by_hand", "refund_by_rule", "refund_instead",
    "refund_unsent", "reject_case", "request_case", "reveal_case_note", "send_back",
    "send_replacement", "withdraw_case",
]  # fmt: skip
