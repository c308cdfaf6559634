"""Personal data, encrypted under the member's own key; deleting the key erases it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from domain.members import statements
from kernel.crypto import seal, unseal, vault
from kernel.errors import NotFound
from kernel.people_hashes import Hashes, name_hash, phone_hash
from models import Member


def seal_for(member_id: int, text: str, context: str) -> str:
    """Encrypt a text under a member's key. ``context`` is the table and column."""
    return seal(_data_key(member_id), text.encode(), f"{context}:{member_id}")


def open_for(member_id: int, sealed: str, context: str) -> str:
    """Decrypt what ``seal_for`` made. Raises NotFound('personal_erased') after erasure."""
    return unseal(_unwrapped_key(member_id), sealed, f"{context}:{member_id}").decode()


def seal_file(member_id: int, data: bytes, context: str) -> bytes:
    """Encrypt a file's bytes under a member's key."""
    return seal(_data_key(member_id), data, f"{context}:{member_id}").encode()


@dataclass(frozen=True)
class PersonalKey:
    """A member's data key, read and unwrapped once for one transaction."""

    member_id: int
    key: bytes = field(repr=False)

    def seal(self, text: str, context: str) -> str:
        """Encrypt a text, as ``seal_for`` does."""
        return seal(self.key, text.encode(), f"{context}:{self.member_id}")

    def open(self, sealed: str, context: str) -> str:
        """Decrypt a text, as ``open_for`` does."""
        return unseal(self.key, sealed, f"{context}:{self.member_id}").decode()


def personal_key(member_id: int) -> PersonalKey:
    """A member's data key. Raises NotFound('personal_erased') after erasure."""
    return unwrapped_key(member_id, _wrapped_key(member_id))


def unwrapped_key(member_id: int, wrapped: str | None) -> PersonalKey:
    """A member's data key, read with a row of theirs. Raises NotFound('personal_erased')."""
    if wrapped is None:
        raise NotFound("personal_erased")
    return PersonalKey(member_id, vault().open_data_key(wrapped, f"member:{member_id}"))


def open_file(member_id: int, sealed: bytes, context: str) -> bytes:
    """Decrypt what ``seal_file`` made. Raises NotFound('personal_erased') after erasure."""
    return unseal(_unwrapped_key(member_id), sealed.decode(), f"{context}:{member_id}")


def _unwrapped_key(member_id: int) -> bytes:
    return personal_key(member_id).key


def _data_key(member_id: int) -> bytes:
    """The member's data key; it is made on first use."""
    owner = f"member:{member_id}"
    wrapped = _wrapped_key(member_id)
    if wrapped is None:
        made = vault().new_data_key(owner)
        mine = (Member.id == member_id) & Member.wrapped_key.is_null()
        Member.update(wrapped_key=made).where(mine).execute()
        wrapped = _wrapped_key(member_id)
    assert wrapped is not None  # written above, or by a parallel transaction
    return vault().open_data_key(wrapped, owner)


def _wrapped_key(member_id: int) -> str | None:
    row = statements.wrapped_key.first(member_id)
    if row is None:
        raise NotFound("member_missing")
    key: str | None = row.wrapped_key
    return key


def hashes_of_sealed(member_id: int, sealed: str, context: str) -> Hashes:
    """The hashes of the name and the phone in an encrypted JSON text; none after erasure."""
    try:
        form = json.loads(open_for(member_id, sealed, context))
    except NotFound:
        form = {}
    return {
        "name_hash": name_hash(form.get("name")), "phone_hash": phone_hash(form.get("phone")),
    }  # fmt: skip


def rewrap_keys(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Wrap members' data keys with the installation's new secret, after it was changed (轮换).

    Returns the last member looked at (0 if none was left), how many were looked at, and how many
    keys were rewrapped. A key that is erased meanwhile stays erased.
    """
    chosen = Member.wrapped_key.is_null(False) & (Member.id > after_id)
    rows = list(Member.select().where(chosen).order_by(Member.id).limit(limit))
    done = 0
    for row in rows:
        wrapped = vault().rewrap(row.wrapped_key or "", f"member:{row.id}")
        if wrapped is not None:
            same = (Member.id == row.id) & (Member.wrapped_key == row.wrapped_key)
            done += Member.update(wrapped_key=wrapped).where(same).execute()
    return (int(rows[-1].id) if rows else 0), len(rows), done
