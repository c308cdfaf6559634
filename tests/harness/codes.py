"""The columns that hold codes, each with the registry of its codes or the reason why it has none.

A column belongs here if its name ends with one of ``ENDINGS``. ``Open`` columns hold texts of
people, or names of an extensible list. ``WeChats`` columns hold our codes and WeChat's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import models
from domain import approvals, rights
from domain.adults import rules as adults
from domain.aftersales import rules as cases
from domain.approvals import ceilings
from domain.catalog import ATTRIBUTE_KINDS, stock
from domain.catalog.rules import PRODUCT_STATES
from domain.chat_answers import facts as chat_answers
from domain.distribution.rules import binding, commission
from domain.distribution.rules.states import DISTRIBUTOR
from domain.distribution.service import naming, payout_source
from domain.exports import service as exports
from domain.freight import rules as freight
from domain.gifts import rules as gifts
from domain.imports import rules as imports
from domain.leaks import rules as leaks
from domain.leaks import telling
from domain.ledger.rules import BOUNDS
from domain.legal import rules as legal
from domain.members import rules as members
from domain.members.ports import OAuthScope
from domain.orders import OF_DISTRIBUTORS, OF_THE_ACCOUNT, ORIGINS
from domain.orders import rules as orders
from domain.outbox.claims import RowState
from domain.payments import rules as payments
from domain.payments.ports import Unreadable
from domain.payouts import freezes
from domain.payouts.payees import TYPES
from domain.payouts.rules import states as payouts
from domain.pickups import rules as pickups
from domain.picture_reviews import service as picture_reviews
from domain.promotions.kinds import KINDS as OFFER_KINDS
from domain.promotions.offers import Scope
from domain.promotions.rules import OFFER_STATES
from domain.public_texts import rulings
from domain.push import CARRIERS, PURPOSES
from domain.push import rules as push
from domain.reconcile import rules as bills
from domain.service_desk import HOURS
from domain.service_desk import service as desk
from domain.staff import rules as staff
from kernel.faults import SAID_BEFORE
from kernel.store import Table

ENDINGS = (
    "state", "kind", "reason", "cause", "why", "outcome", "mode", "scope", "policy", "purpose",
    "carrier", "type", "channel", "source", "error", "decision", "result", "action", "refusal",
    "how", "fault", "medium",
)  # fmt: skip
_WECHATS = re.compile(r"-?\d{1,6}|[A-Z][A-Z0-9_]+|http_\d{3}|[a-z]+_[a-z_]+")


@dataclass(frozen=True)
class Open:
    """A column without a registry, with the reason."""

    because: str


@dataclass(frozen=True)
class WeChats:
    """Our codes for a column that also holds WeChat's codes."""

    codes: Collection[str]

    def __contains__(self, value: object) -> bool:
        return value in self.codes or _WECHATS.fullmatch(str(value)) is not None


def _of(table: dict[tuple[str, str], str]) -> set[str]:
    return {state for state, _ in table} | set(table.values())


def _through(table: dict[str, dict[str, str]]) -> set[str]:
    return {state for steps in table.values() for pair in steps.items() for state in pair}


TYPED = Open("what a person wrote")
FAULT = Open("a code of a fault, ours or WeChat's; faces say one that nobody named with its facts")
NAMES = Open("names of acts and things; test_texts compares them with the two logs' writers")
CASE = _of(cases.CASE_STATES)
BILL = _through(payouts.BILL)
ORDER = set(orders.STATES)
CODES: dict[str, Open | WeChats | Collection[str]] = {
    "gift.state": _of(gifts.GIFT_STATES),
    "gift_answer.kind": get_args(gifts.AnswerKind),
    "age_doubt.cause": get_args(adults.Cause),
    "age_doubt.ended_how": get_args(adults.EndedHow),
    "age_doubt.reason": TYPED,
    "age_doubt.state": get_args(adults.State),
    "age_try.fault": FAULT,
    "age_try.result": get_args(adults.Result),
    "account.kind": BOUNDS,
    "arrival.medium": OF_THE_ACCOUNT,
    "after_sale.kind": cases.KINDS,
    "after_sale.state": CASE,
    "after_sale.reason": cases.REASONS,
    "after_sale.decision": get_args(cases.Decision),
    "after_sale_log.from_state": CASE,
    "after_sale_log.to_state": CASE,
    "after_sale_log.why": WeChats(
        {*(event for _, event in cases.CASE_STATES), *cases.REASONS, *cases.STEPS}
    ),
    "audit_entry.action": NAMES,
    "audit_entry.target_type": NAMES,
    "bill_aside.reason": {*get_args(Unreadable), SAID_BEFORE},
    "bill_day.state": get_args(bills.FileState),
    "bill_day.fault": FAULT,
    "bill_line.ended_how": get_args(bills.EndedHow),
    "bill_line.kind": get_args(bills.Kind),
    "bill_line.state": get_args(bills.State),
    "bill_line.closed_reason": TYPED,
    "binding_log.cause": get_args(binding.Cause),
    "binding_log.refusal": binding.REFUSALS,
    "binding_log.policy": binding.KINDS,
    "campaign_count.state": get_args(push.DeliveryState),
    "chat_day.outcome": chat_answers.OUTCOMES,
    "command_result.result": Open("the result of a verb as JSON"),
    "commission.state": get_args(commission.CommissionState),
    "commission_rule.scope": commission.SCOPES,
    "commission_rule.mode": commission.MODES,
    "consent.purpose": Open("named by the page that asks for the consent"),
    "delivery.state": get_args(push.DeliveryState),
    "delivery.error": WeChats(get_args(push.NotSent)),
    "distributor.state": _through(DISTRIBUTOR),
    "distributor.name_state": get_args(naming.State),
    "distributor.name_reason": TYPED,
    "distributor.reason": TYPED,
    "export_file.kind": ("xlsx", "csv"),
    "export_file.state": get_args(exports.State),
    "export_file.why": get_args(exports.Why),
    "legal_version.kind": get_args(legal.Kind),
    "legal_version.state": get_args(legal.State),
    "freight_row.kind": get_args(freight.Kind),
    "ledger_transfer.reason": Open("named by the package that books"),
    "ledger_transfer.source_type": Open("the thing for which a package books"),
    "member.state": get_args(members.State),
    "missed_sentence.outcome": {"choices", "unknown"},
    "missed_sentence.state": get_args(chat_answers.MissedState),
    "money_call.kind": Open("registered by the domain that owns the row"),
    "oauth_state.scope": get_args(OAuthScope),
    "offer.kind": OFFER_KINDS,
    "offer.state": _of(OFFER_STATES),
    "offer.scope": get_args(Scope),
    "offer.stop_reason": TYPED,
    "mall_order.invoice_kind": orders.INVOICE_KINDS,
    "mall_order.state": ORDER,
    "mall_order.source": ("", "mall", *ORIGINS),  # mall: of a former release
    "mall_order.medium": ("", *ORIGINS),
    "mall_order.cancel_reason": get_args(orders.CancelReason),
    "order_line.kind": ("bought", *get_args(orders.GivenKind)),
    "order_log.from_state": ORDER,
    "order_log.to_state": ORDER,
    "order_log.why": {*(event for _, event in orders.ORDER_STATES), *orders.STEPS},
    "order_take.kind": Open("registered by what an order takes"),
    "outbox_row.kind": Open("test_job_texts compares the wiring's handlers with their names"),
    "outbox_row.state": get_args(RowState),
    "outbox_row.last_error": FAULT,
    "pay_notice.event_type": Open("WeChat's name of an event"),
    "pay_notice.outcome": Open("what a verb returned; pages show UNMATCHED only"),
    "payee.owner_kind": ("member",),
    "pickup.state": pickups.STATES,
    "pickup_place.state": ("open", "closed"),
    "pickup_refusal.reason": pickups.REFUSALS,
    "payee.type": TYPES,
    "payee_freeze.reason": TYPED,
    "payee_freeze.lift_reason": TYPED,
    "payee_freeze.lift_cause": set(get_args(freezes.LiftCause)) - {""},
    "payment.payable_kind": Open("registered by what is paid"),
    "payment.channel": get_args(payments.Channel),
    "payment.state": _of(payments.PAYMENT_STATES),
    "payment.last_error": FAULT,
    "payout_bill.source": Open("registered by what pays out"),
    "payout_bill.channel": get_args(payouts.Channel),
    "payout_bill.state": BILL,
    "payout_bill.fail_reason": Open("our code, WeChat's, or what a person wrote at a rejection"),
    "payout_grant.state": _through(payouts.GRANT),
    "payout_grant.end_reason": WeChats(get_args(payouts.EndReason)),
    "payout_log.from_state": BILL,
    "payout_log.to_state": BILL,
    "payout_log.why": Open("a code, or what a person wrote at a rejection"),
    "periodic_job.last_result": FAULT,
    "picture_review.kind": ("avatar",),
    "picture_review.state": get_args(picture_reviews.State),
    "product.state": _of(PRODUCT_STATES),
    "attribute.kind": ATTRIBUTE_KINDS,
    "promotion_notice.purpose": Open("the key of a declared notice"),
    "proposal.kind": Open("registered by what may be proposed; test_texts compares the names"),
    "proposal.cause": get_args(approvals.rules.Cause),
    "proposal.reason": TYPED,
    "proposal.state": approvals.rules.STATES,
    "proposal.decision_reason": TYPED,
    "proposal.result": Open("the result of a verb as JSON"),
    "push_campaign.carrier": CARRIERS,
    "push_campaign.state": get_args(push.CampaignState),
    "push_campaign.stop_reason": TYPED,
    "push_campaign.stop_cause": WeChats(get_args(push.StopCause)),
    "push_campaign.source": Open("the thing that caused it, offer:{id}"),
    "push_template.kind": ("template", "subscription"),
    "push_template.purpose": PURPOSES,
    "refund.cause": get_args(payments.Cause),
    "refund.reason": Open("words that a former release may have sent to WeChat"),
    "refund.state": _of(payments.REFUND_STATES),
    "refund.last_error": FAULT,
    "impact_report.purpose": Open("the merchant's prose"),
    "leak.state": _of(leaks.EVENTS),
    "leak.cause": Open("the merchant's prose"),
    "leak.untold_reason": Open("staff"),
    "leak_person.state": get_args(leaks.PersonState),
    "leak_person.carrier": telling.REACHED,
    "leak_person.fault": Open("our own codes, and WeChat's after a colon"),
    "rights_request.kind": rights.KINDS,
    "rights_request.state": get_args(rights.State),
    "rights_request.asked_channel": rights.CHANNELS,
    "rights_request.checked_how": rights.CHECKS,
    "scene.kind": ("referral",),
    "service_ticket.kind": HOURS,
    "service_ticket.state": get_args(desk.State),
    "sheet_import.state": get_args(imports.State),
    "sheet_import.why": Open("the code of the refusal that stopped it"),
    "sheet_import_row.state": get_args(imports.RowState),
    "sheet_import_row.why": Open("the code of the refusal of its row"),
    "staff.state": get_args(staff.State),
    "staff_day.kind": get_args(ceilings.Used),
    "stock_move.cause": get_args(stock.Cause),
    "stock_move.reason": get_args(stock.Reason),
    "stock_move.source": Open("the number of the thing that moved it"),
    "system_event.source": Open("which machine"),
    "system_event.action": NAMES,
    "system_event.target_type": NAMES,
    "text_ruling.state": get_args(rulings.State),
    "text_ruling.reason": TYPED,
    "touch.source": OF_DISTRIBUTORS,
    "withdrawal.channel": get_args(payouts.Channel),
    "withdrawal.state": BILL | {"requested", "approved"},
    "withdrawal.hold_reason": TYPED,
    "withdrawal.hold_cause": get_args(payout_source.HoldCause),
    "withdrawal_log.from_state": BILL | {"requested", "approved"},
    "withdrawal_log.to_state": BILL | {"requested", "approved"},
    "withdrawal_log.why": Open("a code, or what a person wrote at a rejection"),
}


def columns() -> Iterator[tuple[str, Any]]:
    """Each text column whose name says that it holds a code, with its field."""
    for table in models.TABLES:
        assert issubclass(table, Table)
        meta: Any = table._meta
        for field in meta.sorted_fields:
            is_text = field.field_type in ("VARCHAR", "TEXT")
            if is_text and field.name.rpartition("_")[2] in ENDINGS:
                yield f"{meta.table_name}.{field.name}", field


def strays() -> list[str]:
    """Values of the open database that no registry has, as table.column: value."""
    found = []
    for name, field in columns():
        codes = CODES[name]
        if isinstance(codes, Open):
            continue
        query = field.model.select(field).where(field.is_null(False)).distinct().tuples()
        found += [f"{name}: {value}" for (value,) in query if value not in codes]
    return found
