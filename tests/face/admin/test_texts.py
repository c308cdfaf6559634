"""Nothing on the merchant's pages is said in code: every refusal and state has its words."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from string import Formatter
from typing import get_args

import pytest

from admin import diffs, fault_words, log_words, words
from admin.event_words import EVENT
from admin.menu import MENU
from admin.shop.settings_fields import GROUPS
from admin.texts import TEXTS
from admin.trade.reconcile import ASIDE
from app.wiring import subscribe_all
from domain import approvals
from domain.aftersales import reasons
from domain.aftersales.approving import Answer
from domain.aftersales.rules import CASE_STATES, KINDS, REASONS
from domain.catalog.rules import PRODUCT_STATES
from domain.distribution.rules import binding
from domain.distribution.rules.commission import MODES, SCOPES
from domain.distribution.rules.commission import Phase as CommissionPhase
from domain.distribution.rules.states import DISTRIBUTOR
from domain.exports.service import Shown as ExportState
from domain.exports.service import Why as ExportWhy
from domain.ledger import faults as ledger_faults
from domain.lint.lists import lists
from domain.lint.rules import Ground
from domain.orders import ORIGINS, STATES, TABS
from domain.orders.rules import ORDER_STATES, GivenKind
from domain.payments import UNMATCHED
from domain.payments.ports import TransferState, Unreadable
from domain.payments.rules import PAYMENT_STATES, REFUND_STATES, Cause
from domain.payouts.payees import TYPES
from domain.payouts.rules.states import BILL, GRANT
from domain.promotions.rules import OFFER_STATES, Phase
from domain.push import CARRIERS, PURPOSES
from domain.push import rules as push_rules
from domain.reconcile.rules import DAY_STATES, ENDS, IN_FLIGHT, OPEN
from domain.segments import KINDS as AUDIENCES
from domain.service_desk import HOURS, service
from domain.staff import ROLES
from domain.staff import tries as staff_tries
from kernel import catalogues
from kernel.faults import SAID_BEFORE
from tests.arch.source import modules

Pairs = dict[tuple[str, str], str]
Steps = dict[str, dict[str, str]]


def of(table: Pairs) -> set[str]:
    """The states of a table of (state, event) → state."""
    return {state for state, _ in table} | set(table.values())


def through(table: Steps) -> set[str]:
    """The states of a table of event → {state before: state after}."""
    return {state for steps in table.values() for pair in steps.items() for state in pair}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.ORDER, STATES),
        (words.ORIGIN, ORIGINS),
        (dict(words.ORDER_TABS), TABS),
        (words.GIVEN, get_args(GivenKind)),
        (words.PRODUCT, of(PRODUCT_STATES)),
        (words.OFFER, get_args(Phase)),
        (words.OFFER_STATE, {*get_args(Phase), *of(OFFER_STATES)}),
        (words.PAYMENT, of(PAYMENT_STATES)),
        (words.REFUND, of(REFUND_STATES)),
        (words.REFUND_CAUSE, get_args(Cause)),
        (words.CASE, of(CASE_STATES)),
        (words.CASE_KIND, KINDS),
        (words.CASE_REASON, REASONS),
        (words.CASE_DUTY, get_args(reasons.Class)),
        (words.DISTRIBUTOR, through(DISTRIBUTOR)),
        (words.BIND_CAUSE, get_args(binding.Cause)),
        (words.REFUSAL, binding.REFUSALS),
        (words.POLICY, binding.KINDS),
        (words.SCOPE, SCOPES),
        (words.MODE, MODES),
        (words.PAYEE, TYPES),
        (words.WITHDRAWAL, through(BILL) - {"made"} | {"requested", "approved"}),
        (words.TRANSFER, [state.value for state in TransferState]),
        (words.GRANT, through(GRANT) - {"active"}),
        (words.BILL_STATE, {*OPEN, IN_FLIGHT}),
        (words.BILL_END, {*ENDS, "matched_later", "gone"}),
        (words.BILL_DAY, DAY_STATES),
        (words.BILL_SIGN, DAY_STATES),
        (words.BILL_READ, {"read", "missing", "unreadable"}),
        (words.CAMPAIGN, get_args(push_rules.CampaignState)),
        (words.CAMPAIGN_STOP, get_args(push_rules.StopCause)),
        (words.DELIVERY, get_args(push_rules.DeliveryState)),
        (words.NOT_SENT, get_args(push_rules.NotSent)),
        (words.COMMISSION, get_args(CommissionPhase)),
        (words.EXPORT, get_args(ExportState)),
        (words.EXPORT_WHY, get_args(ExportWhy)),
        (words.TICKET, get_args(service.State)),
        (words.CARRIER, CARRIERS),
        (words.CARRIER_NOTE, CARRIERS),
        (words.AUDIENCE, AUDIENCES),
        (words.PURPOSE, PURPOSES),
        (words.LINT, get_args(Ground)),
        (words.LINT, {rule.ground for rule in lists().rules}),
        (words.LINT_WHY, {rule.why for rule in lists().rules}),
        (words.BOOK_FAULT, get_args(ledger_faults.Code)),
        (words.NOTICE_OUTCOME, UNMATCHED),
        (ASIDE, {*get_args(Unreadable), SAID_BEFORE}),
        (words.TICKET_TYPE, HOURS),
        (words.ROLE, ROLES),
        (words.ROLE_NOTE, ROLES),
        (words.PROPOSAL, approvals.rules.STATES),
        (words.PROPOSAL_CAUSE, get_args(approvals.rules.Cause)),
        (words.PROPOSAL_DO, get_args(Answer)),
        (diffs.VALUE["door"], get_args(staff_tries.Door)),
        (diffs.VALUE["from"], get_args(staff_tries.Kind)),
    ],
)
def test_each_code_has_its_name_and_no_name_is_left_over(
    table: dict[str, object], codes: Collection[str]
) -> None:
    assert len(codes) > 1
    assert set(table) == set(codes)


def test_each_kind_of_proposal_has_its_name() -> None:
    subscribe_all()
    assert set(words.PROPOSAL_KIND) == set(approvals.rules.all_kinds())


def test_each_trouble_has_a_text_with_facts_that_it_knows() -> None:
    known = {"code", "count", "which", "what", "minutes", "machine", "who", "day"}
    for place, text in fault_words.TROUBLES.values():
        assert place.tone in fault_words.TONES
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= known


def test_the_desk_asks_for_every_text_of_its_catalogue() -> None:
    assert MENU  # every page is loaded
    assert log_words.ACTION == words.ACTION
    assert sorted(catalogues.of("admin").unread) == []


@pytest.mark.parametrize(
    ("actor", "shown"),
    [("wechatpay", "微信支付"), ("outbox:payments.refund", "系统"),
     ("periodic:orders.close", "系统"), ("staff:owner", "owner"),
     ("member:3", "会员 3"), ("seed", "初始数据")],
)  # fmt: skip
def test_who_acted_is_said_in_chinese(actor: str, shown: str) -> None:
    assert words.who(actor) == shown


def test_every_step_of_a_case_is_said_in_chinese() -> None:
    assert {event for _, event in CASE_STATES} - set(words.WHY) == set()


def test_every_switch_of_a_group_is_on_its_form() -> None:
    for group in GROUPS:
        fields = {field.name for field in group.fields}
        wanted = set(group.switches.model_fields)
        assert wanted - fields == set(), group.key


def test_facts_are_put_into_words() -> None:
    assert TEXTS.text("stock_short", left=3, sku_id=1) == "库存不足，现有 3 件"
    assert TEXTS.text("net_too_small", limit_fen=30) == "到账金额低于微信最低限额 ¥0.30"


@pytest.mark.parametrize(
    ("rate_bp", "text"), [(0, "0%"), (1, "0.01%"), (1250, "12.5%"), (10_000, "100%")]
)
def test_rates_are_shown_without_floats(rate_bp: int, text: str) -> None:
    assert words.rate(rate_bp) == text


@pytest.mark.parametrize(
    ("actor", "text"),
    [("staff:boss", "boss"), ("member:7", "会员 7"), ("system", "系统"), ("other", "other")],
)
def test_actors_are_named(actor: str, text: str) -> None:
    assert words.who(actor) == text


RECORDING = {"audit.record", "audit.record_either", "audit.record_event"}
COMPOSED = {
    *(f"distributor.{event}" for event in DISTRIBUTOR), "withdrawal.hold", "withdrawal.unhold",
    "outbox.replay", "outbox.skip", *(f"product.{event}" for _, event in PRODUCT_STATES), *EVENT,
}  # fmt: skip
"""Acts whose names are put together, and events that carry the key of their notice."""
FORMER = {"distributor.identity", "withdrawal.payroll"}
"""Acts of former releases; the log keeps their lines for good."""
NO_ACT = {"distributor.apply_again"}  # it is recorded as distributor.apply


def _recorded(place: int) -> Iterator[str]:
    """The actions (0) or the kinds of thing (1) that are written into the two logs."""
    for package in ("domain", "admin", "app"):
        for module in modules(package):
            for call in module.calls():
                args = call.args
                if len(args) > 2 and ast.unparse(args[1]) == "audit.record":
                    args = args[2:]  # write(request, audit.record, …)
                elif ast.unparse(call.func) not in RECORDING:
                    continue
                if isinstance(args[place], ast.Constant):
                    yield str(args[place].value)


@pytest.mark.source
def test_the_log_showed_names_of_the_code() -> None:
    """payee, payout and payment.adopt stood there as they are called inside."""
    acts = set(_recorded(0)) | COMPOSED - NO_ACT
    assert not acts & FORMER
    assert len(acts) > 100
    assert (acts - set(words.ACTION), set(words.ACTION) - acts) == (set(), FORMER)
    things = set(_recorded(1))
    assert (things - set(words.SECTION), set(words.SECTION) - things) == (set(), set())


def _codes_of(package: str) -> set[str]:
    """Every string of a package that could be a code."""
    found = {
        node.value
        for module in modules(package)
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {each for each in found if each.replace("_", "").isalnum()}


@pytest.mark.source
def test_why_a_thing_took_a_step_is_said_and_nothing_else_is() -> None:
    events = {event for _, event in (*ORDER_STATES, *CASE_STATES)}
    assert events - set(words.WHY) == set()
    known = _codes_of("domain") | {state.value for state in TransferState}
    composed = {code for code in words.WAIT if code.startswith("ceiling_per_")}
    assert {*words.WHY, *words.STEP, *words.WAIT} - composed - known == set()
    facts = {"code", "state", "days", "reason", "answer", "refusal", "wait", "state_name"}
    for text in words.STEP.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= facts


@pytest.mark.parametrize(
    ("code", "facts", "text"),
    [
        ("no_result", {"code": "no_answer"}, "微信没有回答"),
        ("uncertain", {"code": "no_answer"}, "是否付出不能确定（微信没有回答）"),
        ("in_no_bill", {"days": "11-01 至 11-03"}, "初次确认：11-01 至 11-03 的微信账单里没有"),
        ("NEVER_ARRIVED", {"days": "11-01"}, "两人确认未付出（账单 11-01）"),
        ("taken_back_there", {"state": "CANCELLED"}, "在微信撤回：已撤回"),
        ("paused", {"reason": "核实身份"}, "挂起：核实身份"),
        ("waits", {"code": "payouts_stopped"}, "等待：付款已暂停"),
        ("waits", {}, "waits"),  # typed by somebody
        ("NAME_NOT_CORRECT", {}, "姓名与微信支付实名不一致"),
    ],
)
def test_a_step_of_a_payout_is_said_with_its_facts(
    code: str, facts: dict[str, str], text: str
) -> None:
    assert words.step_why(code, facts) == text
