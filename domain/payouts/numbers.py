"""Resident id numbers and unified social credit codes (身份证号, 统一社会信用代码). Pure."""

from __future__ import annotations

from datetime import date

from kernel.errors import Invalid
from kernel.id_numbers import ADULT_YEARS, born_on, years_between

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The characters of GB 32100: digits and capitals without I, O, S, V, Z."""


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
    born = born_on(code)
    if born is None:
        raise Invalid("id_number_bad", "number")
    if years_between(born, today) < ADULT_YEARS:
        raise Invalid("payee_too_young", "number", least=ADULT_YEARS)
