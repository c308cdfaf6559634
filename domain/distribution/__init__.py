"""Distribution (分销): distributors, bindings, commission and withdrawals.

See ``binding.md``, ``commission.md`` and ``withdrawal.md`` in ``docs/algorithms``.
"""

from domain.distribution.erasing import PERSONAL, give_up_commission, money_left
from domain.distribution.finding import find_distributors
from domain.distribution.flows.posters import media_for, poster_for
from domain.distribution.queries.commissions import (
    commission_per_piece,
    list_commission,
    list_commission_of_member,
    list_commission_of_order,
    list_commission_rules,
    list_level_signatures,
    list_waiting_commission,
    preview_commission,
    why_no_commission,
)
from domain.distribution.queries.figures import (
    distributor_figures,
    merchant_figures,
    owed_figures,
    place_this_month,
    sold_in_a_month,
)
from domain.distribution.queries.origins import OriginFigures, origin_figures
from domain.distribution.queries.people import (
    customer_count,
    customer_counts,
    distributor,
    is_active,
    list_customers,
    list_customers_for_merchant,
    list_distributors,
    list_grades,
    own_referral_code,
    upline_of,
    upline_with_history,
)
from domain.distribution.queries.scenes import SceneView, scene_of
from domain.distribution.queries.withdrawals import (
    find_withdrawals,
    ids_of_withdrawals,
    list_payroll_withdrawals,
    list_withdrawals,
    list_withdrawals_of_member,
    withdrawal_detail,
)
from domain.distribution.rules.commission import MODES, SCOPES
from domain.distribution.service.admission import (
    apply_as_distributor,
    appoint_distributor,
    leave_and_withdraw_consent,
    leave_distribution,
    restore_distributor,
    review_application,
    save_grade,
    set_display_name,
    set_grade,
    set_grade_and_payee_type,
    sign_agreement,
    suspend_distributor,
)
from domain.distribution.service.binding import bind, move_upline
from domain.distribution.service.clawback import write_off_debt
from domain.distribution.service.levels import levels_now, sign_levels
from domain.distribution.service.names import (
    ShownTo,
    decide_names,
    has_open_names_question,
    note_customer,
    shown_to,
)
from domain.distribution.service.naming import (
    count_names_in_review,
    names_to_review,
    put_names_to_review,
    rehash_display_names,
    review_display_name,
)
from domain.distribution.service.origins import record_arrival
from domain.distribution.service.posters import Carrier, PosterReady, PosterTerms, short_link
from domain.distribution.service.rebinding import move_or_propose
from domain.distribution.service.release import release_due
from domain.distribution.service.rules_admin import retire_rule, save_rule
from domain.distribution.service.touches import (
    apply_touches,
    count_visit,
    record_scene_touch,
    record_touch,
)
from domain.distribution.service.withdrawal_rows import lock_withdrawal
from domain.distribution.service.withdrawals import (
    approve_withdrawal,
    cancel_withdrawal,
    pause_withdrawal,
    record_payroll_export,
    reject_withdrawal,
    request_withdrawal,
    request_withdrawal_as_shown,
    resume_withdrawal,
    settle_payroll,
    withdrawal_preview,
)
from domain.distribution.views import (
    BindingChange,
    BindResult,
    CommissionPreview,
    CommissionView,
    CustomerCounts,
    CustomerView,
    DistributorRow,
    DistributorView,
    Figures,
    LevelCommission,
    LevelSignatureView,
    MerchantFigures,
    NoCommissionView,
    OwedFigures,
    PeriodFigures,
    Place,
    RuleView,
    SoldFigures,
    TouchResult,
    UplineView,
    WithdrawalPreview,
    WithdrawalView,
)

__all__ = [
    "MODES", "PERSONAL", "SCOPES", "BindResult", "BindingChange", "Carrier", "CommissionPreview",
    "CommissionView", "CustomerCounts", "CustomerView", "DistributorRow", "DistributorView",
    "Figures", "LevelCommission", "LevelSignatureView", "MerchantFigures", "NoCommissionView",
    "OriginFigures", "OwedFigures", "PeriodFigures", "Place", "PosterReady", "PosterTerms",
    "RuleView", "SceneView", "ShownTo", "SoldFigures", "TouchResult", "UplineView",
    "WithdrawalPreview", "WithdrawalView", "apply_as_distributor", "apply_touches",
    "appoint_distributor", "approve_withdrawal", "bind", "cancel_withdrawal",
    "commission_per_piece", "count_names_in_review", "count_visit", "customer_count",
    "customer_counts", "decide_names", "distributor", "distributor_figures", "find_distributors",
    "find_withdrawals", "give_up_commission", "has_open_names_question", "ids_of_withdrawals",
    "is_active", "leave_and_withdraw_consent", "leave_distribution", "levels_now",
    "list_commission", "list_commission_of_member", "list_commission_of_order",
    "list_commission_rules", "list_customers", "list_customers_for_merchant", "list_distributors",
    "list_grades", "list_level_signatures", "list_payroll_withdrawals", "list_waiting_commission",
    "list_withdrawals", "list_withdrawals_of_member", "lock_withdrawal", "media_for",
    "merchant_figures", "money_left", "move_or_propose", "move_upline", "names_to_review",
    "note_customer", "origin_figures", "owed_figures", "own_referral_code", "pause_withdrawal",
    "place_this_month", "poster_for", "preview_commission", "put_names_to_review",
    "record_arrival", "record_payroll_export", "record_scene_touch", "record_touch",
    "rehash_display_names", "reject_withdrawal", "release_due", "request_withdrawal",
    "request_withdrawal_as_shown", "restore_distributor", "resume_withdrawal", "retire_rule",
    "review_application", "review_display_name", "save_grade", "save_rule", "scene_of",
    "set_display_name", "set_grade", "set_grade_and_payee_type", "settle_payroll", "short_link",
    "shown_to", "sign_agreement", "sign_levels", "sold_in_a_month", "suspend_distributor",
    "upline_of", "upline_with_history", "why_no_commission", "withdrawal_detail",
    "withdrawal_preview", "write_off_debt",
]  # fmt: skip
