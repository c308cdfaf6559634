"""Payees (收款人): type, real name and number, and the licence that finance reviews."""

from __future__ import annotations

import json
from typing import Any

import regex

from domain import audit, members
from domain.gate import Problem
from domain.members import mask_name
from domain.notices import notify
from domain.payouts.grant_rows import end_grants_of_payee
from domain.payouts.notices import PayeeApproved, PayeeRefused
from domain.payouts.numbers import check_id_number, is_credit_code
from domain.payouts.tax import tax_method_of
from kernel import clock, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.people_hashes import Hashes, is_name, name_hash, rehash
from kernel.store import insert_once, lock_row
from kernel.text import clean_line, number_of
from models import Payee

TYPES = ("employee", "individual", "sole_trader", "company")
REVIEWED = ("sole_trader", "company")
"""Types that pay their own tax; finance reviews their licence before the first payout."""

CONTEXT = "distributor.identity"
NAME_MOST = 30
# Characters of names on identity cards and licences: letters of any script and the signs between
# names; for a firm also digits and brackets.
_PERSON = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M} ·•・.'’-]*")
_FIRM = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N} ·•・.,，、'’“”()（）&＆-]*")


def payee_of(member_id: int) -> Payee | None:
    """The member as a payee, or None."""
    return Payee.get_or_none((Payee.owner_kind == "member") & (Payee.owner_id == member_id))


def payee_or_raise(member_id: int) -> Payee:
    """The member as a payee. Raises NotFound('payee_missing')."""
    row = payee_of(member_id)
    if row is None:
        raise NotFound("payee_missing")
    return row


def check_type(payee_type: str) -> None:
    """Check a payee type. Raises Invalid('payee_type_unknown')."""
    if payee_type not in TYPES:
        raise Invalid("payee_type_unknown", "payee_type")


def set_payee_type(member_id: int, payee_type: str, actor: str) -> None:
    """Set a payee's type, which decides agreement, tax and invoice (收款主体).

    Another type needs identity, licence and review again. It also ends the payee's standing
    authorisation (免确认收款), since WeChat was told another kind of payment.
    """
    check_type(payee_type)
    insert_once(Payee, owner_kind="member", owner_id=member_id, type=payee_type)
    row = _locked(member_id)
    if payee_type == row.type:
        return
    Payee.update(
        type=payee_type, sealed_identity=None, identity_masked=None, name_hash=None,
        identity_at=None, document=None, document_at=None, reviewed_at=None, reviewed_by=None,
        review_note=None,
    ).where(Payee.id == row.id).execute()  # fmt: skip
    audit.record("payee.type", "payee", member_id, before=row.type, after=payee_type, actor=actor)
    end_grants_of_payee(row, actor, "payee_type")


def save_identity(member_id: int, name: str, number: str) -> None:
    """Check and encrypt a payee's name and number; only a mask stays readable.

    A person gives the resident id number and must be 18; a sole trader or company gives the
    unified social credit code. An earlier review no longer counts. Raises Invalid, NotFound.
    """
    row = _locked(member_id)
    text, is_firm = clean_line(name), row.type in REVIEWED
    if not 2 <= len(text) <= NAME_MOST or not (_FIRM if is_firm else _PERSON).fullmatch(text):
        if is_firm:
            raise Invalid("firm_name_bad", "name")
        raise Invalid("real_name_bad", "name")
    code = number_of(number)
    if is_firm:
        if not is_credit_code(code):
            raise Invalid("credit_code_bad", "number")
    else:
        check_id_number(code, clock.business_day(clock.now()))
    sealed = members.seal_for(
        member_id, json.dumps({"name": text, "number": code}, ensure_ascii=False), CONTEXT
    )
    masked = f"{mask_name(text)} {code[:4]}{'*' * (len(code) - 8)}{code[-4:]}"
    Payee.update(
        sealed_identity=sealed, identity_masked=masked, name_hash=name_hash(text),
        identity_at=clock.now(),
        reviewed_at=None, reviewed_by=None,
    ).where(Payee.id == row.id).execute()  # fmt: skip
    audit.record("payee.identity", "payee", member_id,
                 before=row.identity_masked, after=masked)  # fmt: skip


def save_document(member_id: int, name: str) -> None:
    """Record the business licence of a sole trader or company (营业执照); it must be reviewed.

    ``name`` is the encrypted file's name. Raises Conflict('document_not_needed'),
    Invalid('identity_missing'), NotFound.
    """
    row = _locked(member_id)
    _check_document_needed(row)
    Payee.update(
        document=name, document_at=clock.now(), reviewed_at=None, reviewed_by=None,
        review_note=None,
    ).where(Payee.id == row.id).execute()  # fmt: skip
    audit.record("payee.document", "payee", member_id, after={"file": name})


def check_document_needed(member_id: int) -> None:
    """Check that a licence is needed now; raises what ``save_document`` raises."""
    _check_document_needed(payee_or_raise(member_id))


def _check_document_needed(row: Payee) -> None:
    if row.type not in REVIEWED:
        raise Conflict("document_not_needed")
    if row.sealed_identity is None:
        raise Invalid("identity_missing")


def review_payee(member_id: int, is_approved: bool, actor: str, note: str = "") -> None:
    """Record finance's review of licence, name and code; a refusal needs a reason (收款主体审核).

    Raises Conflict('document_missing', 'payee_reviewed'), Invalid('reason_missing').
    """
    if not is_approved and not note.strip():
        raise Invalid("reason_missing", "reason")
    row = _locked(member_id)
    if row.document is None or row.sealed_identity is None:
        raise Conflict("document_missing")
    if row.reviewed_at is not None:
        raise Conflict("payee_reviewed")
    values: dict[str, Any] = {"review_note": typed.words(note, 200, "reason") or None}
    if is_approved:
        values |= {"reviewed_at": clock.now(), "reviewed_by": actor[:64]}
    else:
        values |= {"document": None, "document_at": None}
    Payee.update(**values).where(Payee.id == row.id).execute()
    audit.record("payee.review", "payee", member_id, actor=actor,
                 after={"is_approved": is_approved, "note": note})  # fmt: skip
    notify(member_id, PayeeApproved() if is_approved else PayeeRefused(reason=note))


def why_not_payable(payee: Payee) -> Problem | None:
    """What prevents any payment to this payee, or None."""
    if payee.is_frozen:
        return Problem("payee_frozen")
    if payee.sealed_identity is None:
        return Problem("identity_missing")
    if payee.type in REVIEWED and payee.reviewed_at is None:
        return Problem("payee_unreviewed" if payee.document else "document_missing")
    if tax_method_of(payee) == "unset":
        return Problem("tax_method_unset")
    return None


def real_name(payee: Payee) -> str:
    """The payee's real name, decrypted, for a transfer that needs it."""
    return str(json.loads(decrypted_identity(int(payee.owner_id)))["name"])


def decrypted_identity(member_id: int) -> str:
    """The decrypted identity as JSON text, for finance; the face asks for a code and audits.

    Raises NotFound('identity_missing').
    """
    row = payee_of(member_id)
    if row is None or row.sealed_identity is None:
        raise NotFound("identity_missing")
    return members.open_for(member_id, row.sealed_identity, CONTEXT)


def members_by_real_name(name: str, limit: int) -> set[int]:
    """The members who are payees with this whole name (按实名查找)."""
    mine = (Payee.owner_kind == "member") & is_name(Payee.name_hash, name)
    return {int(row.owner_id) for row in Payee.select().where(mine).limit(limit)}


def rehash_real_names(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Make the hashes of payees' names anew under the present secret; see ``rehash``."""
    return rehash(Payee, _hashes_of, after_id, limit)


def _hashes_of(row: Any) -> Hashes:
    if row.sealed_identity is None:
        return {"name_hash": None}
    found = members.hashes_of_sealed(int(row.owner_id), row.sealed_identity, CONTEXT)
    return {"name_hash": found["name_hash"]}


def lock_payee(member_id: int) -> None:
    """Lock a payee's row until the transaction ends. Raises NotFound('payee_missing')."""
    _locked(member_id)


def reveal_identity(member_id: int) -> dict[str, str]:
    """The real name and number for finance; each call is recorded in the audit (查看身份)."""
    opened: dict[str, str] = json.loads(decrypted_identity(member_id))
    audit.record("distributor.identity_seen", "distributor", member_id)
    return opened


def _locked(member_id: int) -> Payee:
    row = lock_row(Payee, int(payee_or_raise(member_id).id))
    assert row is not None  # payees are never deleted
    return row
