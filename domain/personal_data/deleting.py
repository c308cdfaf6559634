"""Carries a deletion out (注销): files, marks in texts, then the rows in one transaction.

``docs/algorithms/deletion.md`` has the order and why.
"""

from __future__ import annotations

import logging

from domain import audit, catalog, distribution, members, rights
from domain.personal_data.declared import DECLARED
from domain.personal_data.ports import Places
from kernel.erasure import Mask, Person, Traces
from kernel.store import Store
from models import AfterSale, Member

log = logging.getLogger(__name__)


async def delete_due(store: Store, places: Places) -> int:
    """Carry out the deletions that are due; returns how many."""
    done = 0
    for request_no, member_id in await store.read(rights.due_deletions):
        done += await delete_person(store, places, request_no, member_id)
    return done


async def delete_person(store: Store, places: Places, request_no: str, member_id: int) -> bool:
    """Delete one person for good; False if something stands against it.

    May be repeated after a crash.
    """
    if not await store.write(_may_begin, request_no, member_id):
        return False
    who, traces = await store.read(person_of, member_id)
    own = await store.read(_own_pictures, member_id, traces.pictures)
    await _remove_files(places, who, traces, own)
    for mask in masks():
        await store.write(mask.run, who)
    is_done = await store.write(erase_rows, request_no, who, own)
    if is_done:
        await places.chat.forget(who.openids)
        log.info("member %s was deleted", member_id)
    return is_done


def person_of(member_id: int) -> tuple[Person, Traces]:
    """The person as all packages know them, and their files."""
    traces = sum((each.traces(member_id) for each in DECLARED), Traces())
    openids = members.openids_of(member_id)
    return Person(member_id, openids, traces.marks, traces.subjects), traces


def masks() -> list[Mask]:
    """All declared masks."""
    return [mask for each in DECLARED for mask in each.masks]


def erase_rows(request_no: str, who: Person, pictures: list[str]) -> bool:
    """The one transaction of a deletion; False if something stands against it now."""
    members.lock_member(who.member_id)
    request = rights.locked_request(request_no)
    if request.state != "cooling" or not _is_free(request):
        return False
    if request.gives_up:
        distribution.give_up_commission(who.member_id)
    for each in DECLARED:
        each.first(who)
    for each in DECLARED:
        for row in each.rows:
            row.run(who)
    for digest in pictures:
        catalog.delete_picture(digest)
    members.end_member(who.member_id)
    rights.close_deletion(request_no)
    audit.record_event("member.erased", "member", who.member_id, source="rights.delete")
    return True


def _may_begin(request_no: str, member_id: int) -> bool:
    """Look once more before files go."""
    members.lock_member(member_id)
    request = rights.locked_request(request_no)
    return request.state == "cooling" and _is_free(request)


def _is_free(request: object) -> bool:
    """Whether nothing stands against a request; else it waits, and the member is told."""
    no, member_id = str(request.request_no), int(request.member_id)  # type: ignore[attr-defined]
    gives_up = bool(request.gives_up)  # type: ignore[attr-defined]
    standing = rights.standing_against(member_id, gives_up=gives_up)
    if standing:
        rights.stop_deletion(no, standing[0].code)
    return not standing


def _own_pictures(member_id: int, digests: tuple[str, ...]) -> list[str]:
    """Those pictures that no product and no other member shows."""
    return [
        digest for digest in dict.fromkeys(digests)
        if not catalog.is_on_a_product(digest) and not _is_anothers(member_id, digest)
    ]  # fmt: skip


def _is_anothers(member_id: int, digest: str) -> bool:
    face = (Member.avatar == digest) & (Member.id != member_id)
    photo = AfterSale.pictures.is_null(False) & (AfterSale.member != member_id)
    return bool(Member.select().where(face).exists()) or any(
        digest in (row.pictures or ()) for row in AfterSale.select(AfterSale.pictures).where(photo)
    )


async def _remove_files(
    places: Places, who: Person, traces: Traces, pictures: list[str]
) -> None:  # fmt: skip
    for digest in pictures:
        await places.pictures.forget(digest)
    await places.posters.forget(traces.posters)
    await places.documents.remove(traces.documents)
    await places.exports.remove(traces.exports)
    await places.chat.forget(who.openids)
