"""What becomes of a deleted distributor: the tree stays by id, names, links and posters go."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import ledger
from domain.distribution.service.accrual import EXPENSE
from domain.distribution.service.admission import lock_wallets
from domain.ledger import Posting, member_account
from kernel import ids
from kernel.erasure import Blank, Drop, Kept, Mask, Person, Personal, Traces
from kernel.store import lock_rows
from models import (
    Arrival,
    BindingLog,
    Commission,
    CustomerNote,
    Distributor,
    Poster,
    Scene,
    Touch,
    VisitDay,
    Withdrawal,
    WithdrawalLog,
)

LEFT = "left"


def traces_of(member_id: int) -> Traces:
    """Display name, referral code and scenes; posters; withdrawals in the logs."""
    marks: list[str] = []
    row = Distributor.get_or_none(Distributor.member == member_id)
    if row is not None:
        marks += [row.display_name, row.referral_code]
    marks += [each.scene for each in Scene.select().where(Scene.member == member_id)]
    posters = Poster.select(Poster.file).where(Poster.member == member_id)
    paid = Withdrawal.select(Withdrawal.id).where(Withdrawal.member == member_id)
    return Traces(
        marks=tuple(marks),
        subjects=tuple(("withdrawal", str(each.id)) for each in paid),
        posters=tuple(each.file.removesuffix(".jpg") for each in posters),
    )


def give_up_commission(member_id: int) -> int:
    """Book back what a person gives up who leaves for good; returns the fen.

    Released commission and what is not yet released, line by line, as
    ``docs/algorithms/deletion.md`` has it. The caller has the person's explicit choice.
    """
    lock_wallets({member_id})
    postings = [*_released(member_id), *_unreleased(member_id)]
    if postings:
        ledger.post(postings, "member", member_id)
    return sum(each.amount_fen for each in postings)


def _released(member_id: int) -> list[Posting]:
    available = member_account("available", member_id)
    left = ledger.balance(available)
    key = f"leave:{member_id}:a"
    return [Posting(key, available, EXPENSE, left, "given_up")] if left else []


def _unreleased(member_id: int) -> list[Posting]:
    mine = (Commission.member == member_id) & Commission.state.in_(("planned", "pending"))
    found = [row.id for row in Commission.select(Commission.id).where(mine)]
    pending, made = member_account("commission_pending", member_id), []
    for row in lock_rows(Commission, found):
        if row.state not in ("planned", "pending"):
            continue
        left = row.amount_fen - row.taken_fen
        if row.state == "pending" and left:
            key = f"leave:{row.line_id}:{row.level}"
            made.append(Posting(key, pending, EXPENSE, left, "given_up"))
        Commission.update(state="void", taken_fen=row.amount_fen).where(
            Commission.id == row.id
        ).execute()
    return made


def _end_selling(who: Person) -> None:
    """End distribution for good: nobody is bound by the old links any more."""
    Distributor.update(state=LEFT, referral_code=ids.random_code(8), name_state="refused").where(
        Distributor.member == who.member_id
    ).execute()


def _touched(who: Person) -> Any:
    by_openid = [f"o:{openid}"[:40] for openid in who.openids]
    either = (Touch.member == who.member_id) | (Touch.referrer == who.member_id)
    return either | Touch.visitor.in_(by_openid) if by_openid else either


def _noted(who: Person) -> Any:
    return (CustomerNote.distributor == who.member_id) | (CustomerNote.customer == who.member_id)


def _withdrawals(who: Person) -> Any:
    mine = Withdrawal.select(Withdrawal.id).where(Withdrawal.member == who.member_id)
    return WithdrawalLog.withdrawal.in_(mine)


def _bound(who: Person) -> Any:
    return (BindingLog.member == who.member_id) | (BindingLog.to_member == who.member_id)


PERSONAL = Personal(
    "distribution",
    rows=(
        Drop(CustomerNote, _noted),
        Drop(Touch, _touched),
        Drop(Arrival, lambda who: Arrival.member == who.member_id),
        Drop(Poster, lambda who: Poster.member == who.member_id),
        Drop(Scene, lambda who: Scene.member == who.member_id),
        Blank(Withdrawal, lambda who: Withdrawal.member == who.member_id,
              {"openid": "", "hold_reason": None, "hold_told": None, "note": None}),
        Blank(Distributor, lambda who: Distributor.member == who.member_id,
              {"display_name": "", "name_hash": None, "name_reason": None, "reason": None}),
    ),
    masks=(
        Mask(BindingLog, ("facts", "actor"), _bound),
        Mask(WithdrawalLog, ("why", "facts", "actor"), _withdrawals),
    ),
    kept=(
        Kept(BindingLog, ("cause", "refusal", "policy"), "tree"),
        Kept(Commission, ("rule", "state"), "accounting"),
        Kept(Distributor, (
            "state", "name_state", "referral_code", "terms_version", "decided_by",
        ), "accounting"),
        Kept(VisitDay, ("day",), "tree"),
        Kept(Withdrawal, (
            "out_bill_no", "channel", "state", "tax", "hold_cause", "approved_by", "second_by",
        ), "accounting"),
        Kept(WithdrawalLog, ("from_state", "to_state"), "accounting"),
    ),
    traces=traces_of,
    first=_end_selling,
)  # fmt: skip


def money_left(member_id: int) -> tuple[int, int]:
    """What a person would give up, in fen: released, and not yet released."""
    mine = (Commission.member == member_id) & (Commission.state == "pending")
    waits = Commission.select(fn.COALESCE(fn.SUM(Commission.amount_fen - Commission.taken_fen), 0))
    return ledger.balance(member_account("available", member_id)), int(waits.where(mine).scalar())
