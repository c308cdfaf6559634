"""Nothing on the merchant's pages is said in code: every refusal and state has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from admin import words
from admin.shop.settings_fields import GROUPS
from admin.texts import TEXTS
from domain.aftersales.rules import CASE_STATES, REASONS
from domain.catalog.rules import PRODUCT_STATES
from domain.distribution.rules.commission import MODES, SCOPES
from domain.distribution.rules.states import DISTRIBUTOR
from domain.orders import STATES
from domain.payouts.rules.states import BILL
from domain.promotions.rules import OFFER_STATES
from domain.push import CARRIERS, PURPOSES
from domain.segments import KINDS
from domain.staff import ROLES

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (words.ORDER, STATES),
        (words.CASE, {s for s, _ in CASE_STATES} | set(CASE_STATES.values())),
        (words.PRODUCT, {s for s, _ in PRODUCT_STATES} | set(PRODUCT_STATES.values())),
        (words.DISTRIBUTOR, {s for t in DISTRIBUTOR.values() for p in t.items() for s in p}),
        (words.WITHDRAWAL, {s for t in BILL.values() for p in t.items() for s in p} - {"made"}),
        (words.OFFER, {s for s, _ in OFFER_STATES} - {"on"} | {"planned", "running", "ended"}),
        (words.CASE_REASON, REASONS),
        (words.CARRIER, CARRIERS),
        (words.CARRIER_NOTE, CARRIERS),
        (words.AUDIENCE, KINDS),
        (words.PURPOSE, PURPOSES),
        (words.ROLE, ROLES),
        (words.ROLE_NOTE, ROLES),
        (words.SCOPE, SCOPES),
        (words.MODE, MODES),
    ],
)
def test_every_state_has_its_name(table: dict[str, object], states: set[str]) -> None:
    assert set(states) - set(table) == set()


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


def _recorded(place: int) -> set[str]:
    """The actions (0) or the kinds of thing (1) that the domain writes into the two logs."""
    found = set()
    for file in (ROOT / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name in RECORDING and isinstance(node.args[place], ast.Constant):
                found.add(node.args[place].value)
    return found


def test_the_log_showed_names_of_the_code() -> None:
    """payee, payout and payment.adopt stood there as they are called inside."""
    assert len(_recorded(0)) > 80
    assert _recorded(0) - set(words.ACTION) == set()
    assert _recorded(1) - set(words.SECTION) == set()
