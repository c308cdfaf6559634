"""The display name on posters and links, and its review (推广名称).

A name that could be mistaken for the merchant's waits for a review. Until then, and after a
refusal, others see the beginning of the member's number; the distributor sees the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from domain import audit, members, naming
from domain.distribution.notices import DistributorNameRefused
from domain.notices import notify
from kernel import typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.people_hashes import name_hash, rehash
from kernel.store import lock_row
from kernel.text import clean_line, fits, length, too_long
from models import Distributor, Member

NAME_LENGTH = (2, 20)
NAME_CODE_POINTS = 30  # code points in its column
SHOWN = frozenset({"free", "approved"})


def display_name_columns(display_name: str, before: Distributor | None = None) -> dict[str, Any]:
    """The columns for a display name.

    An unchanged name keeps its decision. Raises Invalid('display_name_length', 'text_too_heavy',
    'name_reserved').
    """
    name = clean_line(display_name)
    least, most = NAME_LENGTH
    if not least <= length(name) <= most:
        raise Invalid("display_name_length", "display_name", least=least, most=most)
    if not fits(name, most, NAME_CODE_POINTS):
        raise Invalid(too_long(name, most), "display_name", limit=most)
    columns = {"display_name": name, "name_hash": name_hash(name)}
    if before is not None and before.display_name == name and before.name_state != "free":
        return columns
    found = naming.check_name(name, "display_name")
    return columns | {"name_state": found, "name_reason": None}


def rehash_display_names(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Make the hashes of display names anew under the present secret; see ``rehash``."""
    return rehash(
        Distributor, lambda row: {"name_hash": name_hash(row.display_name)}, after_id, limit
    )


def review_display_name(
    member_id: int, name: str, is_approved: bool, actor: str, reason: str = ""
) -> None:
    """Approve the name that the merchant saw, or refuse it with a reason (名称审核).

    Raises Invalid('reason_missing'), NotFound, Conflict('state_moved') if the name changed since.
    """
    said = typed.words(reason, 200, "reason")
    if not is_approved and not said:
        raise Invalid("reason_missing", "reason")
    found = Distributor.get_or_none(Distributor.member == member_id)
    row = None if found is None else lock_row(Distributor, found.id)
    if row is None:
        raise NotFound("not_a_distributor")
    if row.display_name != name:
        raise Conflict("state_moved")
    state = "approved" if is_approved else "refused"
    Distributor.update(name_state=state, name_reason=None if is_approved else said).where(
        Distributor.id == row.id
    ).execute()
    audit.record("distributor.name", "distributor", member_id,
                 before={"name": name, "state": row.name_state},
                 after={"state": state, "reason": said}, actor=actor)  # fmt: skip
    if not is_approved:
        notify(member_id, DistributorNameRefused(reason=said))


State = Literal["free", "review", "approved", "refused"]
"""Whether others see a name: ``approved`` and ``refused`` are a person's decisions."""


def public_names(rows: Mapping[int, Distributor]) -> dict[int, str]:
    """The names that others see, by member: the display name, or a number while it is hidden."""
    hidden = [member_id for member_id, row in rows.items() if row.name_state not in SHOWN]
    numbers: dict[int, str] = {}
    if hidden:
        query: Any = Member.select(Member.id, Member.public_no).where(Member.id.in_(hidden))
        numbers = dict(query.tuples())
    return {
        member_id: row.display_name
        if row.name_state in SHOWN
        else neutral_name(numbers[member_id])
        for member_id, row in rows.items()
    }


def neutral_name(public_no: str) -> str:
    """A neutral name: the beginning of the member's number."""
    return members.numbered_name(public_no[:4])


def names_to_review() -> list[tuple[int, str, str]]:
    """Undecided names that today's guarded words stop, as (member, name, verdict).

    For ``doctor``, after the merchant guards more words, and for names of an earlier release.
    """
    query = Distributor.select().where(Distributor.name_state == "free")
    judged = ((row, naming.verdict_on(row.display_name)) for row in query.order_by(Distributor.id))
    return [(row.member_id, row.display_name, said) for row, said in judged if said != "free"]


def count_names_in_review() -> int:
    """The number of names that wait for review."""
    return int(Distributor.select().where(Distributor.name_state == "review").count())


def put_names_to_review() -> int:
    """Put all names of ``names_to_review`` to review; returns how many."""
    found = names_to_review()
    ids = [member_id for member_id, _, _ in found]
    if not ids:
        return 0
    free = Distributor.member.in_(ids) & (Distributor.name_state == "free")
    done = int(Distributor.update(name_state="review").where(free).execute())
    audit.record("distributor.names_reviewed", "distributor", "-", after={"names": done})
    return done
