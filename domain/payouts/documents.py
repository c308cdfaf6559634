"""A payee's business licence (营业执照), encrypted under the member's key in a file of its own.

The payee's row has the file's name; the file has no public address (ADR 0067). The face that
serves it decides who may see it: the payee, and staff who review payees.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain import catalog, members
from domain.payouts.payees import check_document_needed, payee_of, save_document
from domain.payouts.ports import DocumentFiles, ServedPictures
from kernel.errors import NotFound
from kernel.store import Store
from models import Payee

CONTEXT = "payee.document"
KEPT_AS = "营业执照"
"""The ``alt`` under which licences were once kept in the picture store."""

NAME_LENGTH = 32
LEFT_SECONDS = 24 * 3600.0
"""A file that no payee names is kept this long, since its row may be written later."""


async def submit_document(store: Store, files: DocumentFiles, member_id: int, jpeg: bytes) -> None:
    """Store a payee's licence for review. Raises what ``save_document`` raises."""
    await store.read(check_document_needed, member_id)
    sealed = await store.write(members.seal_file, member_id, jpeg, CONTEXT)
    name = await files.put(sealed)
    await store.write(save_document, member_id, name)


async def open_document(store: Store, files: DocumentFiles, member_id: int) -> bytes:
    """A payee's licence as JPEG. Raises NotFound('document_missing')."""
    name = await store.read(_document_of, member_id)
    sealed = await files.get(name)
    if sealed is None:
        raise NotFound("document_missing")
    return await store.read(members.open_file, member_id, sealed, CONTEXT)


async def move_and_delete_documents(
    store: Store, files: DocumentFiles, pictures: ServedPictures
) -> int:
    """Move licences out of the picture store, and delete files that no payee names.

    A file loses its payee when the licence is replaced or refused, or the payee type changes.
    Returns how many licences were moved.
    """
    moved = 0
    for member_id, digest in await store.read(_licences_in_picture_store):
        jpeg = await pictures.largest(digest)
        if jpeg is None:
            continue  # the picture is lost; the page asks for a new upload
        sealed = await store.write(members.seal_file, member_id, jpeg, CONTEXT)
        name = await files.put(sealed)
        moved += await store.write(_moved, member_id, digest, name)
    for digest in await store.read(catalog.unused_pictures_by_alt, KEPT_AS):
        await pictures.forget(digest)
        await store.write(catalog.delete_picture, digest)
    old = await files.names(LEFT_SECONDS)
    named = await store.read(_named, old)
    await files.remove(sorted(set(old) - named))
    return moved


def _document_of(member_id: int) -> str:
    row = payee_of(member_id)
    if row is None or not row.document:
        raise NotFound("document_missing")
    return str(row.document)


def _licences_in_picture_store() -> list[tuple[int, str]]:
    """Members whose licence is still in the picture store, with its digest."""
    rows = Payee.select().where(Payee.owner_kind == "member", Payee.document.is_null(False))
    return [
        (int(row.owner_id), str(row.document)) for row in rows if len(row.document) > NAME_LENGTH
    ]


def _moved(member_id: int, digest: str, name: str) -> int:
    mine = (Payee.owner_kind == "member") & (Payee.owner_id == member_id)
    query = Payee.update(document=name).where(mine & (Payee.document == digest))
    return int(query.execute())


def _named(names: Iterable[str]) -> set[str]:
    """Those of these files that a payee names."""
    found: set[str] = set()
    wanted = list(names)
    for at in range(0, len(wanted), 500):
        some = Payee.select(Payee.document).where(Payee.document.in_(wanted[at : at + 500]))
        found |= {str(row.document) for row in some}
    return found
