"""Distribution (分销): distributors, bindings, commission and withdrawals.

See ``binding.md``, ``commission.md`` and ``withdrawal.md`` in ``docs/algorithms``.
"""

from domain.distribution.flows.posters import media_for, poster_for
from domain.distribution.queries.commissions import (
    commission_desk,
    commission_per_piece,
    commission_rules,
    entries,
    entries_of_order,
    levels_page,
    preview_commission,
    why_not_mine,
)
from domain.distribution.queries.figures import (
    figures,
    merchant_figures,
    owed,
    period,
    sold_in_a_month,
)
from domain.distribution.queries.people import (
    customer_count,
    customers,
    distributor,
    distributor_by_code,
    distributor_desk,
    grades,
    upline_of,
    why_upline,
)
from domain.distribution.queries.scenes import SceneView, scene_of
from domain.distribution.queries.withdrawals import (
    payroll_export,
    withdrawal_desk,
    withdrawal_page,
    withdrawals,
)
from domain.distribution.rules.commission import MODES, SCOPES
from domain.distribution.service.admission import (
    accept_terms,
    apply,
    appoint,
    change_terms,
    leave,
    leave_for_good,
    rename,
    restore,
    review,
    save_grade,
    set_grade,
    sign,
    suspend,
)
from domain.distribution.service.binding import bind, move_upline
from domain.distribution.service.levels import levels_now, sign_levels
from domain.distribution.service.naming import (
    decide_name,
    names_waiting,
    review_names,
    unjudged_names,
)
from domain.distribution.service.posters import Carrier, PosterReady, PosterTerms, short_link
from domain.distribution.service.rebinding import move_or_propose
from domain.distribution.service.release import release_due, run_after
from domain.distribution.service.rules_admin import retire_rule, save_rule
from domain.distribution.service.takeback import write_off_debt
from domain.distribution.service.touches import apply_touches, arrived_by_scene, count_visit, touch
from domain.distribution.service.withdrawal_rows import lock_withdrawal
from domain.distribution.service.withdrawals import (
    approve_withdrawal,
    hold_withdrawal,
    reject_withdrawal,
    request_as_seen,
    request_withdrawal,
    settle_payroll,
    take_payroll,
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
    Owed,
    PeriodFigures,
    RuleView,
    SoldFigures,
    TouchResult,
    UplineView,
    WithdrawalPreview,
    WithdrawalView,
)

__all__ = [
    "MODES", "SCOPES", "BindResult", "BindingChange", "Carrier", "CommissionPreview",
    "CustomerView", "DistributorRow", "DistributorView", "EntryView", "Figures", "LevelPay",
    "LevelsView", "MerchantFigures", "NotMineView", "Owed", "PeriodFigures", "PosterReady",
    "PosterTerms", "RuleView", "SceneView", "SoldFigures", "TouchResult", "UplineView",
    "WithdrawalPreview", "WithdrawalView", "accept_terms", "apply", "apply_touches", "appoint",
    "approve_withdrawal", "arrived_by_scene", "bind", "change_terms", "commission_desk",
    "commission_per_piece", "commission_rules", "count_visit", "customer_count", "customers",
    "decide_name", "distributor", "distributor_by_code", "distributor_desk", "entries",
    "entries_of_order", "figures", "grades", "hold_withdrawal", "leave", "leave_for_good",
    "levels_now", "levels_page", "lock_withdrawal", "media_for", "merchant_figures",
    "move_or_propose", "move_upline", "names_waiting", "owed", "payroll_export", "period",
    "poster_for", "preview_commission", "reject_withdrawal", "release_due", "rename",
    "request_as_seen", "request_withdrawal", "restore", "retire_rule", "review", "review_names",
    "run_after", "save_grade", "save_rule", "scene_of", "set_grade", "settle_payroll",
    "short_link", "sign", "sign_levels", "sold_in_a_month", "suspend", "take_payroll", "touch",
    "unhold_withdrawal", "unjudged_names", "upline_of", "why_not_mine", "why_upline",
    "withdraw_request", "withdrawal_desk", "withdrawal_page", "withdrawal_preview", "withdrawals",
    "write_off_debt",
]  # fmt: skip
