"""Pictures that people add wait until somebody has looked at them (图片审核).

A door that takes pictures from people declares a ``Kind`` and calls ``submit`` instead of showing
the picture itself; the kind's ``show`` runs when the picture is approved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from domain import audit
from domain.notices import notify
from domain.picture_reviews.notices import PictureRefused, PictureShown
from kernel import clock, context, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once, lock_row
from models import PictureReview

State = Literal["waiting", "shown", "refused", "replaced"]
Decision = Literal["shown", "refused"]
AT_ONCE = 60


@dataclass(frozen=True)
class Kind:
    """A kind of picture: ``show`` and ``hide`` get the owner's id and the picture's.

    ``is_one``: an owner has one such picture at a time; a new one replaces one that waits.
    """

    name: str
    show: Callable[[int, str], None]
    hide: Callable[[int, str], None]
    is_one: bool = True


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> Kind:
    """Declare a kind of picture that is reviewed; returns it."""
    _kinds[kind.name] = kind
    return kind


def submit(kind: Kind, owner_id: int, member_id: int, picture: str) -> State:
    """Take a picture that a member added; returns its state (提交图片).

    A picture that was approved for this owner before is shown at once. Raises
    Conflict('picture_refused') for one that was refused.
    """
    values = {"kind": kind.name, "owner_id": owner_id, "picture": picture}
    is_new = insert_once(PictureReview, member_id=member_id, asked_at=clock.now(), **values)
    row = PictureReview.get(
        (PictureReview.kind == kind.name) & (PictureReview.owner_id == owner_id)
        & (PictureReview.picture == picture)
    )  # fmt: skip
    if row.state == "refused":
        raise Conflict("picture_refused", "picture", reason=row.ground or "")
    if kind.is_one:
        _replace_waiting(kind.name, owner_id, but=row.id)
    if row.state == "shown":
        kind.show(owner_id, picture)
        return "shown"
    if not is_new:
        PictureReview.update(state="waiting", asked_at=clock.now()).where(
            PictureReview.id == row.id
        ).execute()
    return "waiting"


def withdraw(kind: Kind, owner_id: int) -> None:
    """Take back what an owner's pictures wait for, such as after a withdrawn consent."""
    _replace_waiting(kind.name, owner_id, but=0)


def decide(ids: Sequence[int], decision: Decision, ground: str = "") -> int:
    """Show pictures, or refuse them with a ground that their members read; returns how many.

    A picture that is shown may be refused later and then goes. Raises
    Invalid('pictures_none', 'reason_missing', 'too_many_rows'), NotFound.
    """
    why = typed.words(ground, 200, "reason")
    if not ids:
        raise Invalid("pictures_none", "ids")
    if len(ids) > AT_ONCE:
        raise Invalid("too_many_rows", "ids", limit=AT_ONCE)
    if decision == "refused" and not why:
        raise Invalid("reason_missing", "reason")
    return sum(_decide(each, decision, why) for each in sorted(set(ids)))


def _decide(review_id: int, decision: Decision, why: str) -> bool:
    """Decide about one picture; False if it is decided already or was replaced."""
    row = lock_row(PictureReview, review_id)
    if row is None:
        raise NotFound("picture_review_missing")
    before = ("waiting",) if decision == "shown" else ("waiting", "shown")
    if row.state not in before:
        return False
    values: dict[str, Any] = {
        "state": decision, "ground": why or None, "decided_by": context.actor.get(),
        "decided_at": clock.now(),
    }  # fmt: skip
    PictureReview.update(**values).where(PictureReview.id == review_id).execute()
    kind = _kinds[row.kind]
    if decision == "shown":
        kind.show(row.owner_id, row.picture)
        notify(row.member_id, PictureShown(kind=row.kind))
    else:
        if row.state == "shown":
            kind.hide(row.owner_id, row.picture)
        notify(row.member_id, PictureRefused(kind=row.kind, reason=why))
    after = {"state": decision} | ({"reason": why} if why else {})
    audit.record("picture.decide", "picture", review_id, after=after)
    return True


def _replace_waiting(kind: str, owner_id: int, *, but: int) -> None:
    same = (PictureReview.kind == kind) & (PictureReview.owner_id == owner_id)
    waits = same & (PictureReview.state == "waiting") & (PictureReview.id != but)
    PictureReview.update(state="replaced").where(waits).execute()
