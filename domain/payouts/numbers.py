"""Resident id numbers and unified social credit codes (身份证号, 统一社会信用代码). Pure."""

from __future__ import annotations

import re
from datetime import date

from kernel.errors import Invalid

ADULT_YEARS = 18
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The characters of GB 32100: digits and capitals without I, O, S, V, Z."""

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"


def is_credit_code(code: str) -> bool:
    """True for a unified social credit code with a correct check character (GB 32100)."""
    if len(code) != 18 or any(c not in CREDIT_ALPHABET for c in code):
        return False
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(code[:17]))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def check_id_number(code: str, today: date) -> None:
    """Check the resident id number (GB 11643) of an adult.

    Raises Invalid('id_number_bad', 'payee_too_young').
    """
    if not re.fullmatch(r"[0-9]{17}[0-9X]", code) or not _checks(code):
        raise Invalid("id_number_bad", "number")
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError as error:
        raise Invalid("id_number_bad", "number") from error
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < ADULT_YEARS:
        raise Invalid("payee_too_young", "number", least=ADULT_YEARS)


def _checks(code: str) -> bool:
    total = sum(int(c) * w for c, w in zip(code[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11] == code[17]
