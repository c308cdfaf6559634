"""After-sales cases (售后). See ``docs/algorithms/refunds.md``."""

from domain.aftersales.approving import (
    Answer,
    answer_case,
    plan_answer,
    plan_refund,
    refund_by_hand,
)
from domain.aftersales.events import CaseClosed, CaseOpened, LineRefunded
from domain.aftersales.opening import (
    Preview,
    cancel_paid_order,
    give_money_back,
    merchant_refund,
    offered,
    open_case,
    preview_case,
    preview_refund,
    request_case,
)
from domain.aftersales.parcels import ParcelFlag
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
from domain.aftersales.reasons import ASKS, REASONS, Ask
from domain.aftersales.rules import KINDS, OPEN, CaseForm, Kind
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
from domain.aftersales.steps import begin_refunding, locked_case

__all__ = [
    "ASKS", "KINDS", "OPEN", "REASONS", "Answer", "Ask", "CaseClosed", "CaseForm", "CaseLineView",
    "CaseLogView", "CaseOpened", "CaseView", "Kind", "LineRefunded", "ParcelFlag", "Preview",
    "act_on_silence", "answer_case", "approve_case", "begin_refunding", "cancel_paid_order",
    "case_counts", "case_desk", "case_id_of", "case_page", "case_sheet", "cases_of",
    "give_money_back", "locked_case", "merchant_refund", "my_cases", "offered", "open_case",
    "plan_answer", "plan_refund", "preview_case", "preview_refund", "refund_by_hand",
    "refund_instead", "reject_case", "request_case", "send_back", "send_replacement", "take_back",
    "withdraw_case",
]  # fmt: skip
