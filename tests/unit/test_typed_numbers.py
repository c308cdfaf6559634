"""Typed amounts, rates and counts: the value of each form, or the code of its refusal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import typed
from kernel.errors import Invalid
from kernel.money import yuan
from kernel.web.texts import TYPED, Texts

ROOT = Path(__file__).parents[2]
PROSE = ROOT / "docs/algorithms/typed-numbers.md"

READ = {
    "12.5": 1250, "12": 1200, "0.01": 1, "0": 0, "0.00": 0, "007": 700, "00.50": 50, " 12 ": 1200,
    "¥10": 1000, "￥10": 1000, "¥ 10": 1000, "10元": 1000, "10 元": 1000, "¥10元": 1000,
    "10块": 1000, "10块钱": 1000, "10元整": 1000, "10塊": 1000, "10圓": 1000,
    "RMB 10": 1000, "CNY10.5": 1050, "人民币10元": 1000, "人民币 ¥10": 1000, "10 RMB": 1000,
    "CN¥10": 1000, "ＲＭＢ１０": 1000,
    "１０": 1000, "１２．５０": 1250, "１，２３４．５０": 123450, "12。5": 1250, "12｡50": 1250,
    "1,234": 123400, "1,234.50": 123450, "1，234.5": 123450, "12,345,678.9": 1234567890,
    "1,000，000": 100000000, "123,456": 12345600,
    "\u00a010\u3000": 1000, "1\u200b0": 1000, "\ufeff10": 1000, "\u202a10\u202c": 1000,
    "10\u2009元": 1000, "\t10\n": 1000, "1\u00ad0": 1000,
    "1.2万": 1200000, "1.2萬": 1200000, "1.2345万元": 1234500, "0.000001万": 1, "2 万": 2000000,
    "1,200万": 1200000000,
    "10块5": 1050, "10块5毛": 1050, "10元5角": 1050, "10元5角3分": 1053, "10元3分": 1003,
    "5角": 50, "5毛钱": 50, "5分": 5, "50分": 50, "¥1,000元5角": 100050,
    "999999999.99": 99_999_999_999,
}  # fmt: skip

REFUSED = {
    "empty": ["", "   ", "¥", "￥", "元", "\u200b", "人民币", "\u3000"],
    "commas": ["99,9", "1,50", ",5", "5,", "1,0000", "12,34,567", "1,,000", "0,123", "1,234,5",
               "1.234,50", "1000,000", "，５", "99，9", "001,000", "1,23.4"],
    "spaced": ["1 000", "1 50", "1. 5", "1 .5", "1\u00a0000", "1\u3000000", "1, 000", "10 5元"],
    "point": [".5", "10.", ".", "．5", "10。", "。5", "¥.5", "10.元"],
    "points": ["1.2.3", "1..2", "12。5。0", "1.000.000"],
    "decimals": ["0.001", "1.000", "12.345", "0.999999", "1.2345678万"],
    "exponent": ["1e3", "1E3", "1e-3", "1.5e+2", "１ｅ３", "1 e 3"],
    "negative": ["-5", "−5", "－5", "–5", "¥-5", "-¥5", "- 5", "-0", "-"],
    "sign": ["+5", "＋5", "5-10", "5-", "5+5", "5–10"],
    "not_a_number": ["NaN", "nan", "inf", "Infinity", "-inf", "∞"],
    "currency": ["$10", "€10", "10美元", "10 USD", "HKD 10", "£1", "10港币", "₩10"],
    "letters": ["ten", "0x10", "10k", "1.2w", "abc", "提现100", "O", "l0"],
    "words": ["一百", "两块", "十", "〇", "一百二十元", "五毛", "壹佰"],
    "digits": ["١٢٣", "१२", "①", "¹²", "𝟏𝟐", "½", "Ⅻ", "๑๒"],
    "unit": ["元10", "1万2", "10块50", "10元5", "5千", "3百", "2亿", "10%",
             "10.5元5角", "15角", "百分之10"],
    "huge": ["1000000000", "999999999999", "9" * 5000, "100000万", "1,000,000,000元"],
    "unreadable": ["¥¥10", "(5)", "1/2", "1_000", "1'000", "#5", "=1", "1;2",
                   "\ufffd5", "x" * 300],
}  # fmt: skip


def _why(read: Callable[..., int], text: str, **options: Any) -> str:
    with pytest.raises(Invalid) as refused:
        read(text, "field", **options)
    assert refused.value.field == "field"
    return refused.value.code


@pytest.mark.parametrize(("text", "fen"), READ.items())
def test_each_usual_form_of_an_amount_is_read(text: str, fen: int) -> None:
    assert typed.amount(text) == fen


@pytest.mark.parametrize(
    ("text", "why"), [(text, why) for why, texts in REFUSED.items() for text in texts]
)
def test_an_ambiguous_amount_is_refused_with_its_reason(text: str, why: str) -> None:
    assert _why(typed.amount, text) == f"amount_{why}"


RATES = {"20": 2000, "20%": 2000, "20％": 2000, "２０％": 2000, "12.5": 1250, "20 %": 2000,
         "百分之20": 2000, "百分之 12.5": 1250, "0": 0, "100": 10_000, "100%": 10_000, "0.2": 20,
         "0.01": 1, "20.00": 2000, "\u00a020\u200b%": 2000}  # fmt: skip
BAD_RATES = {"": "empty", "%": "empty", "100.01": "above", "101": "above", "9" * 30: "above",
             "-5": "negative", "+5": "sign", "0.001": "decimals", "12.345%": "decimals",
             "1,5": "commas", "1,000": "commas", "1e1": "exponent", ".5": "point", "5.": "point",
             "1.2.3": "points", "百分之二十": "words", "5‰": "unit", "2成": "letters",
             "NaN": "not_a_number",
             "٢٠": "digits", "2 0": "spaced", "1万": "unit", "$5": "currency",
             "20%%": "unit"}  # fmt: skip


@pytest.mark.parametrize(("text", "bp"), RATES.items())
def test_a_rate_is_a_percentage_with_or_without_its_sign(text: str, bp: int) -> None:
    assert typed.rate(text) == bp


@pytest.mark.parametrize(("text", "why"), BAD_RATES.items())
def test_an_invalid_percentage_is_refused(text: str, why: str) -> None:
    assert _why(typed.rate, text) == f"rate_{why}"


COUNTS = {"5": 5, "５": 5, "0": 0, "1,000": 1000, "1.2万": 12_000, "2件": 2, "2 个": 2, "007": 7,
          " 3 ": 3, "1\u200b2": 12}  # fmt: skip
BAD_COUNTS = {"": "empty", "10,00": "commas", "2.5": "not_whole", "2.0": "not_whole",
              "0.00001万": "not_whole", "2瓶": "unit", "2箱": "unit", "-5": "negative",
              "+5": "sign", "1e3": "exponent", "一": "words", "1 0": "spaced", "9" * 19: "huge",
              "9" * 400: "huge", "NaN": "not_a_number", "٣": "digits", "five": "letters",
              "1/2": "unreadable", "5.": "point", "1-2": "sign"}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), COUNTS.items())
def test_a_whole_count_is_read(text: str, number: int) -> None:
    assert typed.count(text) == typed.count(text, signed=True) == number


@pytest.mark.parametrize(("text", "why"), BAD_COUNTS.items())
def test_a_count_that_is_not_whole_is_refused(text: str, why: str) -> None:
    assert _why(typed.count, text) == f"count_{why}"


@pytest.mark.parametrize(
    ("text", "number"),
    [("+5", 5), ("-5", -5), ("－5", -5), ("−5", -5), ("- 5", -5), ("＋1,000件", 1000)],
)
def test_a_change_of_stock_may_have_a_sign(text: str, number: int) -> None:
    assert typed.count(text, signed=True) == number


FEN = st.integers(0, typed.AMOUNT_MOST_FEN)
WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


@given(FEN, st.booleans(), st.sampled_from(["", "¥", "￥ ", "人民币", "RMB "]),
       st.sampled_from(["", "元", " 元", "块", "元整"]), st.booleans())  # fmt: skip
def test_every_printed_amount_is_read_back(
    fen: int, grouped: bool, before: str, behind: str, wide: bool
) -> None:
    text = f"{fen // 100:,}.{fen % 100:02d}" if grouped else yuan(fen)
    text = text.translate(WIDE) if wide else text
    assert typed.amount(f"{before}{text}{behind}") == fen


@given(FEN, st.integers(0, 30), st.sampled_from(["\u200b", "\ufeff", "\u2060", "\u202e"]))
def test_invisible_characters_do_not_change_an_amount(fen: int, at: int, unseen: str) -> None:
    text = yuan(fen)
    assert typed.amount(text[:at] + unseen + text[at:]) == fen


@given(st.text(alphabet="0123456789.,，。-+e %万元块角分¥１２一\u200b\u00a0", max_size=14))
def test_an_amount_that_is_read_has_the_typed_digits(text: str) -> None:
    """An amount is either refused, or its digits are the typed ones in their order."""
    fen = _or_code(typed.amount, text)
    if isinstance(fen, str):
        assert fen.startswith("amount_")
        return
    assert 0 <= fen <= typed.AMOUNT_MOST_FEN
    written = re.sub("[^0-9]", "", text.translate(str.maketrans("１２", "12"))).strip("0")
    assert str(fen).strip("0").replace("0", "") == written.replace("0", "")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_known_code(text: str) -> None:
    for read in (typed.amount, typed.rate, typed.count):
        found = _or_code(read, text)
        assert found in TYPED if isinstance(found, str) else found >= 0


def _or_code(read: Callable[[str], int], text: str) -> int | str:
    try:
        return read(text)
    except Invalid as refused:
        return refused.code


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    texts = Texts()
    for why, examples in REFUSED.items():
        with pytest.raises(Invalid) as refused:
            typed.amount(examples[0])
        said = texts.of(refused.value)
        assert "{" not in said, why
        assert "操作未完成" not in said, why
    assert texts.of(_error(typed.amount, "9" * 12)) == "金额最多 ¥999999999.99，请核对"


def _error(read: Callable[[str], int], text: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read(text)
    return refused.value


def test_the_documented_table_agrees_with_the_code() -> None:
    """A row of the table has forms in the first column, the code or amounts in the second."""
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", PROSE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 15
    for typed_forms, outcome in rows:
        forms = re.findall(r"`([^`]+)`", typed_forms)
        amounts = re.findall(r"¥([0-9.]+)", outcome)
        for number, form in enumerate(forms):
            if amounts:
                assert yuan(typed.amount(form)) == amounts[min(number, len(amounts) - 1)], form
            else:
                assert f"`{_why(typed.amount, form)}`" in outcome, form


def _command(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app", "--config", "/nowhere/at-all.yaml", "money", *arguments],
        input=stdin, capture_output=True, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_answers_each_line_without_server_or_configuration() -> None:
    texts = [*READ, *(t for group in REFUSED.values() for t in group)]
    texts = [t for t in texts if "\n" not in t]
    stdin = "\n".join([*texts, "", "12.5\r"]).encode() + b"\n\xff\xfe5"
    answered = _command("--lines", "--json", stdin=stdin)
    assert (answered.returncode, answered.stderr) == (0, b"")
    answers = [json.loads(line) for line in answered.stdout.decode().splitlines()]
    assert len(answers) == len(texts) + 3
    for text, answer in zip(texts, answers, strict=False):
        if text in READ:
            assert answer == {"fen": READ[text]}
        else:
            assert answer["error"] == _why(typed.amount, text)
            assert answer["message"]
    blank, returned, broken = answers[-3:]
    assert (blank["error"], returned, broken["error"]) == (
        "amount_empty", {"fen": 1250}, "amount_unreadable"
    )  # fmt: skip


def test_the_command_reads_its_arguments() -> None:
    answered = _command("12.5", "--json", "--as", "rate")
    assert (answered.returncode, json.loads(answered.stdout)) == (0, {"bp": 1250})
    refused = _command("99,9")
    assert refused.returncode == 1
    assert refused.stdout.decode().startswith("amount_commas: 逗号位置不对")
