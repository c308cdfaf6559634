"""After-sales cases (售后). ``docs/algorithms/refunds.md`` is the prose."""

from domain.aftersales.events import CaseClosed, CaseOpened, LineRefunded
from domain.aftersales.opening import (
    Preview,
    cancel_paid_order,
    merchant_refund,
    preview_case,
    request_case,
)
from domain.aftersales.queries import (
    CaseLineView,
    CaseLogView,
    CaseView,
    case_counts,
    case_desk,
    case_page,
    case_sheet,
    cases_of,
    my_cases,
)
from domain.aftersales.rules import KINDS, OPEN, REASONS, CaseForm, Kind
from domain.aftersales.service import (
    act_on_silence,
    approve_case,
    case_id_of,
    refund_instead,
    reject_case,
    send_back,
    send_replacement,
    take_back,
    withdraw_case,
)

__all__ = [
    "KINDS", "OPEN", "REASONS", "CaseClosed", "CaseForm", "CaseLineView", "CaseLogView",
    "CaseOpened", "CaseView", "Kind", "LineRefunded", "Preview", "act_on_silence",
    "approve_case", "cancel_paid_order", "case_counts", "case_desk", "case_id_of", "case_page",
    "case_sheet", "cases_of", "merchant_refund", "my_cases", "preview_case", "refund_instead",
    "reject_case", "request_case", "send_back", "send_replacement", "take_back",
    "withdraw_case",
]  # fmt: skip
