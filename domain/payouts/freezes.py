"""Freezes of a person's commission (冻结): nothing is earned, released or sent until lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from domain import audit
from domain.notices import notify, notify_owner
from domain.outbox import enqueue
from domain.payouts import notices, statements
from domain.payouts.payees import payee_of, payee_or_raise
from kernel import clock, typed
from kernel.errors import Conflict, Invalid
from kernel.personal import mask_numbers
from kernel.store import lock_row
from models import Payee, PayeeFreeze, PayoutBill

REVIEW_WITHIN = timedelta(days=15)
"""A freeze must be reviewed within this time; the person is told the day."""

APPEAL_LEAST, APPEAL_MOST, REASON_MOST = 5, 500, 200
LiftCause = Literal["", "restored"]
"""Why a freeze ends without a reason of its own: the distributor's suspension was lifted."""


@dataclass(frozen=True)
class FreezeView:
    """A freeze, for the person and the merchant. A refused appeal may be followed by another."""

    id: int
    member_id: int
    reason: str
    frozen_by: str
    frozen_at: datetime
    review_by_at: datetime
    appeal: str | None
    appealed_at: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None
    lift_cause: str | None

    @property
    def may_appeal(self) -> bool:
        """True while the freeze stands and no appeal waits for its answer."""
        return self.lifted_at is None and (
            self.appealed_at is None or self.answered_at is not None
        )


def freeze_payee(member_id: int, actor: str, reason: str) -> None:
    """Freeze a person's pending and available commission (冻结).

    A transfer that the person has not confirmed is cancelled at WeChat. Raises
    Invalid('reason_missing'), NotFound, Conflict('already_frozen').
    """
    text = _reason(reason)
    row = _locked(member_id)
    if row.is_frozen:
        raise Conflict("already_frozen")
    now = clock.now()
    until = now + REVIEW_WITHIN
    PayeeFreeze.create(
        payee=row.id, reason=text, frozen_by=actor[:64], frozen_at=now, review_by_at=until
    )
    Payee.update(is_frozen=True).where(Payee.id == row.id).execute()
    audit.record("payee.freeze", "payee", member_id, after={"reason": text}, actor=actor)
    notify(member_id, notices.PayeeFrozen(reason=text, until=clock.business_day(until)))
    unconfirmed = (PayoutBill.payee == row.id) & (PayoutBill.state == "awaiting_user")
    for bill in PayoutBill.select(PayoutBill.id).where(unconfirmed):
        enqueue("payout.take_back", {"bill_id": int(bill.id)})


def lift_freeze(member_id: int, actor: str, reason: str, *, cause: LiftCause = "") -> None:
    """Lift a freeze; approved bills that were not sent are sent (解冻).

    A person writes the reason, unless something else that they did is the ``cause``. Raises
    Invalid('reason_missing'), NotFound, Conflict('not_frozen').
    """
    text = "" if cause and not reason.strip() else _reason(reason)
    cause = "" if text else cause
    row = _locked(member_id)
    if not row.is_frozen:
        raise Conflict("not_frozen")
    standing = (PayeeFreeze.payee == row.id) & PayeeFreeze.lifted_at.is_null()
    lifted = {"lifted_at": clock.now(), "lifted_by": actor[:64]}
    why = {"lift_reason": text or None, "lift_cause": cause or None}
    PayeeFreeze.update(**lifted, **why).where(standing).execute()
    Payee.update(is_frozen=False).where(Payee.id == row.id).execute()
    after = {"reason": text} if text else {"cause": cause}
    audit.record("payee.lift", "payee", member_id, after=after, actor=actor)
    notify(member_id, notices.PayeeLifted(reason=text, cause=cause))
    waiting = (PayoutBill.payee == row.id) & (PayoutBill.state == "made")
    for bill in PayoutBill.select(PayoutBill.id).where(waiting & (PayoutBill.channel == "wechat")):
        enqueue("payout.send", {"bill_id": int(bill.id)}, delay=timedelta(seconds=1))


def appeal_against_freeze(member_id: int, text: str) -> None:
    """Record a person's appeal against the freeze; the merchant answers it (申诉).

    Raises Invalid('appeal_length'), Conflict('not_frozen', 'appeal_waits').
    """
    words = mask_numbers(text.strip())
    if not APPEAL_LEAST <= len(words) <= APPEAL_MOST:
        raise Invalid("appeal_length", "appeal", least=APPEAL_LEAST, most=APPEAL_MOST)
    found = _standing_or_raise(member_id)
    if not _view(found, member_id).may_appeal:
        raise Conflict("appeal_waits")
    PayeeFreeze.update(
        appeal=words, appealed_at=clock.now(), answer=None, answered_by=None, answered_at=None
    ).where(PayeeFreeze.id == found.id).execute()
    audit.record("payee.appeal", "payee", member_id, after={"appeal": words})
    notify_owner(notices.PayeeAppealed(member_id=member_id))


def answer_appeal(member_id: int, actor: str, answer: str, *, lifts: bool) -> None:
    """Answer an appeal; it lifts the freeze, or the freeze stands and its review is put off.

    Raises Invalid('reason_missing'), Conflict('not_frozen', 'appeal_absent').
    """
    text = _reason(answer)
    found = _standing_or_raise(member_id)
    if found.appealed_at is None or found.answered_at is not None:
        raise Conflict("appeal_absent")
    now = clock.now()
    PayeeFreeze.update(
        answer=text, answered_by=actor[:64], answered_at=now, review_by_at=now + REVIEW_WITHIN
    ).where(PayeeFreeze.id == found.id).execute()
    audit.record("payee.appeal_answer", "payee", member_id, actor=actor,
                 after={"answer": text, "lifts": lifts})  # fmt: skip
    if lifts:
        lift_freeze(member_id, actor, text)
    else:
        until = clock.business_day(now + REVIEW_WITHIN)
        notify(member_id, notices.PayeeAppealRefused(reason=text, until=until))


def is_frozen(member_id: int) -> bool:
    """True if the person's commission is frozen."""
    row = payee_of(member_id)
    return row is not None and bool(row.is_frozen)


def frozen_of(member_ids: list[int]) -> set[int]:
    """Those of these members who are frozen."""
    return (
        {int(row.owner_id) for row in statements.frozen.all(member_ids)} if member_ids else set()
    )


def frozen_members() -> Any:
    """The ids of frozen members, as a subquery."""
    frozen = Payee.is_frozen == True  # noqa: E712
    return Payee.select(Payee.owner_id).where((Payee.owner_kind == "member") & frozen)


def freeze_of(member_id: int) -> FreezeView | None:
    """A person's newest freeze, standing or lifted, or None."""
    payee = payee_of(member_id)
    if payee is None:
        return None
    mine = PayeeFreeze.select().where(PayeeFreeze.payee == payee.id)
    row = mine.order_by(PayeeFreeze.id.desc()).first()
    return None if row is None else _view(row, member_id)


def list_freezes(limit: int = 100) -> list[FreezeView]:
    """Freezes that stand: first those with an unanswered appeal, then the oldest."""
    rows = list(
        PayeeFreeze.select(PayeeFreeze, Payee.owner_id)
        .join(Payee)
        .where(PayeeFreeze.lifted_at.is_null())
        .order_by(PayeeFreeze.frozen_at)
        .limit(limit)
        .objects()
    )
    views = [_view(row, int(row.owner_id)) for row in rows]
    return sorted(views, key=lambda view: view.may_appeal)


def count_freezes_to_review() -> int:
    """How many freezes are due for review or have an unanswered appeal."""
    late = PayeeFreeze.review_by_at <= clock.now()
    appealed = PayeeFreeze.appealed_at.is_null(False) & PayeeFreeze.answered_at.is_null()
    return int(
        PayeeFreeze.select().where(PayeeFreeze.lifted_at.is_null() & (late | appealed)).count()
    )


def _locked(member_id: int) -> Payee:
    row = lock_row(Payee, int(payee_or_raise(member_id).id))
    assert row is not None  # payees are never deleted
    return row


def _standing_or_raise(member_id: int) -> PayeeFreeze:
    row = _locked(member_id)
    standing = (PayeeFreeze.payee == row.id) & PayeeFreeze.lifted_at.is_null()
    found: PayeeFreeze | None = PayeeFreeze.get_or_none(standing)
    if found is None:
        raise Conflict("not_frozen")
    return found


def _reason(text: str) -> str:
    reason = typed.words(text, REASON_MOST, "reason")
    if not reason:
        raise Invalid("reason_missing", "reason")
    return reason


def _view(row: Any, member_id: int) -> FreezeView:
    return FreezeView(
        row.id, member_id, row.reason, row.frozen_by, row.frozen_at, row.review_by_at,
        row.appeal, row.appealed_at, row.answer, row.answered_by, row.answered_at,
        row.lifted_at, row.lifted_by, row.lift_reason, row.lift_cause,
    )  # fmt: skip
