"""Checks of resident id numbers and credit codes agree with an independent library."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from domain.payouts.numbers import CREDIT_ALPHABET, check_id_number, is_credit_code
from kernel.errors import Invalid

TODAY = date(2026, 11, 29)
BORN = st.dates(date(1930, 1, 1), date(2008, 11, 29))
DIGITS = st.text("0123456789", min_size=3, max_size=3)


def _is_id_number(code: str) -> bool:
    try:
        check_id_number(code, TODAY)
    except Invalid:
        return False
    return True


@given(BORN, DIGITS, st.sampled_from("0123456789X"))
def test_an_id_number_is_valid_exactly_with_its_check_digit(
    born: date, serial: str, last: str
) -> None:
    code = f"110101{born:%Y%m%d}{serial}{last}"
    assert _is_id_number(code) is ric.is_valid(code)


@pytest.mark.parametrize("born", ["19900231", "19901301", "00000101", "20070230"])
def test_an_id_number_with_an_impossible_day_is_refused(born: str) -> None:
    code = f"110101{born}001"
    for last in "0123456789X":
        assert not _is_id_number(code + last)
        assert not ric.is_valid(code + last)


@given(st.text(CREDIT_ALPHABET, min_size=17, max_size=17))
def test_a_credit_code_has_one_valid_last_character(start: str) -> None:
    right = [c for c in CREDIT_ALPHABET if is_credit_code(start + c)]
    assert right == [uscc.calc_check_digit(start)]
