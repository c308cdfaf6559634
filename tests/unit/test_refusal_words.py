"""Texts of WeChat's codes: sentences and steps, unknown codes, texts for payees."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from gateways.wechat.errors import LATER as ACCOUNT_LATER
from gateways.wechatpay.errors import LATER, NEVER
from kernel import catalogues
from kernel.refusals import (
    TRANSFERS,
    explain,
    find,
    is_listed,
    is_shown,
    payee_words,
    said_of_transfer,
)
from kernel.refusals.entries import ACCOUNT, PAY, Steps, Written
from kernel.refusals.table import FACTS

TABLES = (("account", ACCOUNT), ("pay", PAY))
WRITTEN = [
    entry
    for key in ("account", "pay", "transfer")
    for entry in catalogues.of("wechat").records(key, Written).values()
]
ASKED_FOR = (
    "40001", "40164", "40013", "40125", "41001", "41002", "42001", "43004", "43101", "45009",
    "45015", "45047", "47003", "48001", "48004", "40037", "40036", "45028", "45065",
)  # fmt: skip


@pytest.mark.parametrize(("side", "code"), [(s, c) for s, t in TABLES for c in t])
def test_each_listed_code_has_a_whole_sentence_and_steps(side: str, code: str) -> None:
    said = explain(side, code, call="transfer", detail="d", template="付款成功")  # type: ignore[arg-type]
    text = said.sentence + "".join(said.todo)
    assert "{" not in text
    assert said.sentence.endswith("。") or said.urgency == "none"
    if said.urgency in ("now", "soon"):
        assert said.todo, code


@pytest.mark.parametrize("code", ASKED_FOR)
def test_the_documented_codes_of_the_account_are_listed(code: str) -> None:
    assert is_listed("account", code)


@pytest.mark.parametrize("code", sorted({str(c) for c in ACCOUNT_LATER} - {"-1"}))
def test_codes_of_the_account_gateway_are_listed(code: str) -> None:
    assert is_listed("account", code)


@pytest.mark.parametrize("code", sorted(LATER | NEVER))
def test_codes_of_the_pay_gateway_are_listed(code: str) -> None:
    assert is_listed("pay", code)


def test_40164_names_the_address_to_allow() -> None:
    for detail, address in (
        ("invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist", "203.0.113.9"),
        ("invalid ip 2001:db8::1, not in whitelist", "2001:db8::1"),
    ):
        said = explain("account", "40164", detail=detail)
        assert address in said.sentence
        assert address in said.todo[0]
        assert "IP 白名单" in said.todo[0]


@pytest.mark.parametrize(("side", "code"), [("account", "99001"), ("pay", "BRAND_NEW")])
def test_the_text_of_an_unknown_code_has_the_code_and_wechat_s_message(
    side: str, code: str
) -> None:
    said = explain(side, code, call="transfer", detail="what WeChat said")  # type: ignore[arg-type]
    assert code in said.sentence
    assert "提现付款" in said.sentence
    assert "what WeChat said" in said.sentence
    assert is_shown(side, code)  # type: ignore[arg-type]


def test_braces_in_wechat_s_message_are_kept_as_text() -> None:
    assert "{0}{x}" in explain("pay", "PARAM_ERROR", detail="{0}{x}").sentence


CODES = sorted(TRANSFERS) + sorted(PAY) + ["BRAND_NEW", "", "http_502", "no_answer"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("is_open", [True, False])
def test_a_payee_s_text_has_no_code_and_names_the_next_step(code: str, is_open: bool) -> None:
    text = payee_words(code, is_open=is_open)
    assert len(text) > 12, code
    assert not re.search(r"[A-Z]{3}_|http_|\{", text)
    assert re.search(
        "不用操作|重新提现|联系客服|处理|钱包|分几次|改天|确认收款|实名|登录|注销", text
    ), text


def test_the_merchant_s_words_for_a_transfer_are_never_a_bare_code() -> None:
    assert said_of_transfer("NAME_NOT_CORRECT").sentence == "姓名与微信支付实名不一致。"
    assert "商户号余额不足" in said_of_transfer("NOT_ENOUGH").sentence
    assert find("pay", "NOT_ENOUGH").urgency == "now"


def test_every_text_of_the_catalogue_is_used() -> None:
    assert sorted(catalogues.of("wechat").unread) == []
    shared = {entry.todo for entry in WRITTEN if isinstance(entry.todo, str)} - {""}
    assert shared == set(catalogues.of("wechat").records("todo", Steps))
    facts = {name for said in (*ACCOUNT.values(), *PAY.values(), *TRANSFERS.values())
             for text in (said.sentence, *said.todo)
             for _, name, _, _ in Formatter().parse(text) if name}  # fmt: skip
    assert facts <= set(FACTS)
