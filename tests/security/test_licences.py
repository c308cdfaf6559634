"""Business licences: who may see them, and how they are stored."""

from __future__ import annotations

import io
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from PIL import Image

from domain import catalog, members, payouts
from domain.payouts.documents import CONTEXT, LEFT_SECONDS
from models import AuditEntry, Member, Payee, Picture
from tests.harness.markup import is_nowhere
from tests.security.test_uploads import photo_with_a_place, picture, upload
from tests.security.town import Person, Town

HAND_IN, MINE = "/m/d/licence", "/m/d/licence.jpg"
CODE = "91350100M000100Y43"


def _company(member_id: int) -> None:
    payouts.set_payee_type(member_id, "company", "staff:owner")
    payouts.save_identity(member_id, "泉州某某商行", CODE)


async def _handed_in(town: Town, data: bytes | None = None) -> Person:
    """The distributor as a company that has uploaded its licence."""
    who = town.people["distributor"]
    await town.runtime.store.write(_company, town.shop.distributor_id)
    photo = ("l.jpg", "image/jpeg", photo_with_a_place() if data is None else data)
    got = await upload(town, HAND_IN, who, "licence", [photo])
    assert (got.status, got.place) == (303, "/m/d/identity"), got.text[:300]
    return who


def _theirs(town: Town) -> str:
    return f"/admin/payees/{town.shop.distributor_id}/licence.jpg"


def _files(town: Town) -> list[Path]:
    return [path for path in town.runtime.uploads.rglob("*") if path.is_file()]


async def _raw(town: Town, path: str, who: Person) -> tuple[int, bytes, Any]:
    cookies = "; ".join(f"{k}={v}" for k, v in who.cookies.items())
    town.client.session.cookie_jar.clear()
    async with town.client.get(path, headers={"Cookie": cookies}, allow_redirects=False) as got:
        return got.status, await got.read(), got.headers


async def test_its_owner_and_its_reviewers_see_a_licence_uncached(
    town: Town,
) -> None:
    who = await _handed_in(town)
    for path, person in ((MINE, who), (_theirs(town), town.people["finance"])):
        status, data, headers = await _raw(town, path, person)
        assert (status, headers["Content-Type"]) == (200, "image/jpeg")
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(data)).size == (60, 40)
        assert b"SECRET" not in data, "the picture is encoded anew, without the phone's metadata"
    seen = AuditEntry.select().where(AuditEntry.action == "payee.document_seen")
    looks = await town.runtime.store.read(lambda: [(r.actor, r.target_id) for r in seen])
    assert looks == [("staff:the-finance", str(town.shop.distributor_id))]


async def test_nobody_else_sees_a_licence(town: Town) -> None:
    await _handed_in(town)
    visitor = town.visitor()
    assert (await _raw(town, MINE, visitor))[0] == 401
    assert (await _raw(town, _theirs(town), visitor))[0] == 303
    for name in ("buyer", "other"):  # a member sees only their own, and has none
        assert (await _raw(town, MINE, town.people[name]))[0] == 404
        assert (await _raw(town, _theirs(town), town.people[name]))[0] == 303
    for name in ("operator", "service"):
        status, data, _ = await _raw(town, _theirs(town), town.people[name])
        assert status == 403
        assert b"JFIF" not in data
        page = await town.ask("GET", "/admin/payees", town.people[name])
        assert is_nowhere(page.text, "licence.jpg")


async def test_a_licence_has_no_address_among_the_pictures(town: Town) -> None:
    had = await town.runtime.store.read(Picture.select().count)
    await _handed_in(town)
    (path,) = _files(town)
    assert not path.is_relative_to(town.runtime.picture_root)
    name = path.name
    for place in (
        f"/uploads/{name[:2]}/{name}", f"/uploads/private/{name[:2]}/{name}",
        f"/uploads/../private/{name[:2]}/{name}", f"/uploads/%2e%2e/private/{name[:2]}/{name}",
        f"/uploads/{name[:2]}/{name}-375.jpg",
    ):  # fmt: skip
        assert (await town.ask("GET", place, town.people["owner"])).status == 404, place
    assert await town.runtime.store.read(Picture.select().count) == had


async def test_a_licence_is_encrypted_on_disk_and_unreadable_after_erasure(town: Town) -> None:
    who = await _handed_in(town)
    (path,) = _files(town)
    kept = path.read_bytes()
    assert b"JFIF" not in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    member_id = town.shop.distributor_id
    with pytest.raises(InvalidTag):  # another member's key does not decrypt it
        await town.runtime.store.write(_opened_as, town.shop.customer_id, kept)

    def erase() -> None:
        Member.update(wrapped_key=None).where(Member.id == member_id).execute()

    await town.runtime.store.write(erase)
    assert (await _raw(town, MINE, who))[0] == 404


def _opened_as(member_id: int, sealed: bytes) -> bytes:
    members.seal_for(member_id, "x", CONTEXT)  # so that the member has a key
    return members.open_file(member_id, sealed, CONTEXT)


async def test_a_replaced_licence_is_deleted_after_a_day(
    town: Town,
) -> None:
    await _handed_in(town)
    (first,) = _files(town)
    await _handed_in(town, picture("PNG"))
    assert len(_files(town)) == 2
    await _tidied(town)
    assert len(_files(town)) == 2, "its row may not be committed yet"
    for path in _files(town):
        old = time.time() - LEFT_SECONDS - 1
        os.utime(path, (old, old))
    await _tidied(town)
    (left,) = _files(town)
    assert left != first


async def test_licences_among_the_pictures_are_moved_to_the_private_files(
    town: Town,
) -> None:
    """Licences were once public pictures with names that can't be guessed."""
    store, member_id = town.runtime.store, town.shop.distributor_id
    await store.write(_company, member_id)
    had = await store.read(lambda: {row.digest for row in Picture.select()})
    kept = await town.runtime.pictures.take(io.BytesIO(picture("PNG")))
    refused = await town.runtime.pictures.take(io.BytesIO(picture("WEBP")))
    product = await town.runtime.pictures.take(io.BytesIO(picture(quality=33)))

    def as_before() -> None:
        for each in (kept, refused):
            catalog.save_picture(each, "营业执照")
        catalog.add_picture(town.shop.product_id, product)
        Payee.update(document=kept.id).where(Payee.owner_id == member_id).execute()

    await store.write(as_before)
    address = f"/uploads/{kept.id[:2]}/{kept.id}-60.jpg"
    assert (await town.ask("GET", address, town.visitor())).status == 200
    assert await _tidied(town) == 1
    for each in (kept, refused):
        address = f"/uploads/{each.id[:2]}/{each.id}-60.jpg"
        assert (await town.ask("GET", address, town.visitor())).status == 404
    now = await store.read(lambda: {row.digest for row in Picture.select()})
    assert now == {*had, product.id}
    status, data, _ = await _raw(town, MINE, town.people["distributor"])
    assert (status, Image.open(io.BytesIO(data)).size) == (200, (60, 40))
    assert await _tidied(town) == 0


async def test_a_refused_upload_leaves_no_file(town: Town) -> None:
    for name in ("buyer", "distributor"):  # no payee, and a person
        photo = ("l.jpg", "image/jpeg", picture())
        got = await upload(town, HAND_IN, town.people[name], "licence", [photo])
        assert got.status in {404, 409, 422}, name
    assert _files(town) == []


async def _tidied(town: Town) -> int:
    runtime = town.runtime
    return await payouts.move_and_delete_documents(
        runtime.store, runtime.documents, runtime.pictures
    )
