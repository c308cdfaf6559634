"""Distribution (分销): who sells, who is whose customer, what is earned and how it is paid.

``docs/algorithms/{binding,commission,withdrawal,tax}.md`` are the prose.
"""

from domain.distribution.flows.payouts import (
    cancel_withdrawal,
    poll_due,
    poll_withdrawal,
    send_waiting,
    send_withdrawal,
)
from domain.distribution.flows.posters import media_for, poster_for
from domain.distribution.queries.commissions import (
    commission_desk,
    commission_rules,
    entries,
    entries_of_order,
    levels_page,
    preview_commission,
    why_not_mine,
)
from domain.distribution.queries.figures import figures, merchant_figures, period
from domain.distribution.queries.payouts import (
    PayeeYearView,
    payee_years,
    payroll_export,
    withdrawal_desk,
    withdrawal_page,
    withdrawals,
)
from domain.distribution.queries.people import (
    customer_count,
    customers,
    distributor,
    distributor_by_code,
    distributor_desk,
    grades,
    identity_opened,
    upline_of,
    why_upline,
)
from domain.distribution.queries.scenes import SceneView, scene_of
from domain.distribution.service.admission import (
    accept_terms,
    apply,
    appoint,
    leave,
    rename,
    restore,
    review,
    save_grade,
    set_grade,
    set_payee_type,
    suspend,
)
from domain.distribution.service.binding import bind, move_upline
from domain.distribution.service.brakes import check_book, resume, stop_all
from domain.distribution.service.identity import save_identity
from domain.distribution.service.levels import levels_now, sign_levels
from domain.distribution.service.payouts import PayoutTerms, settle_payroll
from domain.distribution.service.posters import PosterReady, PosterTerms, short_link
from domain.distribution.service.release import release_due, run_after
from domain.distribution.service.rules_admin import retire_rule, save_rule
from domain.distribution.service.takeback import write_off_debt
from domain.distribution.service.touches import apply_touches, arrived_by_scene, touch
from domain.distribution.service.transfers import receive_transfer, receive_transfer_notice
from domain.distribution.service.withdrawals import (
    approve_withdrawal,
    hold_withdrawal,
    reject_withdrawal,
    request_withdrawal,
    unhold_withdrawal,
    withdraw_request,
    withdrawal_preview,
)
from domain.distribution.views import (
    BindingChange,
    BindResult,
    CommissionPreview,
    CustomerView,
    DistributorRow,
    DistributorView,
    EntryView,
    Figures,
    LevelPay,
    LevelsView,
    MerchantFigures,
    NotMineView,
    PeriodFigures,
    Problem,
    RuleView,
    TouchResult,
    UplineView,
    WithdrawalPreview,
    WithdrawalStep,
    WithdrawalView,
)

__all__ = [
    "BindResult", "BindingChange", "CommissionPreview", "CustomerView", "DistributorRow",
    "DistributorView", "EntryView", "Figures", "LevelPay", "LevelsView", "MerchantFigures",
    "NotMineView", "PayeeYearView", "PayoutTerms", "PeriodFigures", "PosterReady", "PosterTerms",
    "Problem", "RuleView", "SceneView", "TouchResult", "UplineView", "WithdrawalPreview",
    "WithdrawalStep",
    "WithdrawalView", "accept_terms", "apply", "apply_touches", "appoint", "approve_withdrawal",
    "arrived_by_scene", "bind", "cancel_withdrawal", "check_book",
    "commission_desk", "commission_rules", "customer_count", "customers", "distributor",
    "distributor_by_code",
    "distributor_desk", "entries", "entries_of_order", "figures", "grades", "hold_withdrawal",
    "identity_opened", "leave", "levels_now", "levels_page", "media_for", "merchant_figures",
    "move_upline", "payee_years", "payroll_export", "period", "poll_due",
    "poll_withdrawal", "poster_for", "preview_commission", "receive_transfer",
    "receive_transfer_notice", "reject_withdrawal", "release_due", "rename", "request_withdrawal",
    "restore", "resume", "retire_rule", "review", "run_after", "save_grade",
    "save_identity", "save_rule", "scene_of", "send_waiting", "send_withdrawal", "set_grade",
    "set_payee_type", "settle_payroll", "short_link", "sign_levels", "stop_all", "suspend",
    "touch", "unhold_withdrawal", "upline_of", "why_not_mine", "why_upline", "withdraw_request",
    "withdrawal_desk", "withdrawal_page", "withdrawal_preview", "withdrawals", "write_off_debt",
]  # fmt: skip
