"""Who is paid: real name and number, sealed, before the first payout (实名)."""

from __future__ import annotations

import json
import re
from datetime import date

from domain import audit, members
from domain.distribution.service.admission import must
from domain.members import mask_name, tidy
from kernel import clock
from kernel.errors import Invalid
from models import Distributor

CONTEXT = "distributor.identity"
ADULT_YEARS = 18
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def save_identity(member_id: int, name: str, number: str) -> None:
    """The payee's name and number, checked and encrypted; only a mask stays readable.

    A person gives the resident id number and must be 18; a sole trader or company gives the
    unified social credit code. Raises Invalid.
    """
    row = must(member_id)
    text = tidy(name)
    if not 2 <= len(text) <= 30:
        raise Invalid("real_name_bad", "name")
    code = re.sub(r"[\s-]", "", number).upper()
    if row.payee_type in ("individual", "employee"):
        _check_id_number(code, clock.business_day(clock.now()))
    elif not is_credit_code(code):
        raise Invalid("credit_code_bad", "number")
    sealed = members.seal_for(
        member_id, json.dumps({"name": text, "number": code}, ensure_ascii=False), CONTEXT
    )
    masked = f"{mask_name(text)} {code[:4]}{'*' * (len(code) - 8)}{code[-4:]}"
    Distributor.update(
        sealed_identity=sealed, identity_masked=masked, identity_at=clock.now()
    ).where(Distributor.id == row.id).execute()
    audit.record("distributor.identity", "distributor", member_id,
                 before=row.identity_masked, after=masked)  # fmt: skip


def real_name(member_id: int) -> str:
    """The payee's name for a transfer that must carry it."""
    row = must(member_id)
    if row.sealed_identity is None:
        raise Invalid("identity_missing")
    return str(json.loads(members.open_for(member_id, row.sealed_identity, CONTEXT))["name"])


def is_credit_code(code: str) -> bool:
    """True for a unified social credit code with the right check character (GB 32100)."""
    if len(code) != 18 or any(c not in _CREDIT_ALPHABET for c in code):
        return False
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(code[:17]))
    return _CREDIT_ALPHABET[-total % 31] == code[17]


def _check_id_number(code: str, today: date) -> None:
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
