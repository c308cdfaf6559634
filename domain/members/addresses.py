"""Delivery addresses (收货地址): encrypted under the member's key, at most twenty a member."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from domain.members import statements
from domain.members.personal import (
    PersonalKey,
    hashes_of_sealed,
    personal_key,
    seal_for,
    unwrapped_key,
)
from domain.members.rules import AddressForm, checked_address, mask_address
from kernel import clock
from kernel.errors import LimitReached, NotFound
from kernel.people_hashes import Hashes, name_hash, phone_hash, rehash
from kernel.text import shortened
from models import Address

MOST = 20
CONTEXT = "address.sealed"


@dataclass(frozen=True)
class AddressView:
    """An address for its owner."""

    id: int
    form: AddressForm
    masked: str
    is_default: bool

    @property
    def one_line(self) -> str:
        """Area and street in one line."""
        f = self.form
        return f"{f.province}{f.city}{f.district} {f.detail}"


def save_address(
    member_id: int, form: AddressForm, *, address_id: int | None = None, is_default: bool = False
) -> int:
    """Add or change an address; returns its id. The first one becomes the default.

    Raises Invalid, NotFound, LimitReached.
    """
    form = checked_address(form)
    count = Address.select().where(statements.is_address_of(member_id)).count()
    if address_id is None and count >= MOST:
        raise LimitReached("too_many_addresses", limit=MOST)
    values = {
        "sealed": seal_for(member_id, json.dumps(asdict(form), ensure_ascii=False), CONTEXT),
        "masked": shortened(mask_address(form), 120, 120),
        "region": form.region,
        "name_hash": name_hash(form.name),
        "phone_hash": phone_hash(form.phone),
    }
    if address_id is None:
        made = Address.insert(
            member=member_id, created_at=clock.now(), is_default=count == 0, **values
        )
        address_id = int(made.execute())
    elif (
        not Address.update(**values)
        .where(statements.is_one_address_of(member_id, address_id))
        .execute()
    ):
        raise NotFound("address_unknown")
    if is_default:
        make_default(member_id, address_id)
    return address_id


def make_default(member_id: int, address_id: int) -> None:
    """Make an address the one that checkout offers first. Raises NotFound."""
    if not Address.select().where(statements.is_one_address_of(member_id, address_id)).exists():
        raise NotFound("address_unknown")
    Address.update(is_default=False).where(statements.is_address_of(member_id)).execute()
    Address.update(is_default=True).where(
        statements.is_one_address_of(member_id, address_id)
    ).execute()


def delete_address(member_id: int, address_id: int) -> None:
    """Delete an address; orders keep their own copy. Raises NotFound."""
    done = (
        Address.update(deleted_at=clock.now(), is_default=False, name_hash=None, phone_hash=None)
        .where(statements.is_one_address_of(member_id, address_id))
        .execute()
    )
    if done != 1:
        raise NotFound("address_unknown")


def rehash_addresses(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Make the hashes of kept addresses anew under the present secret; see ``rehash``."""
    return rehash(Address, _hashes_of, after_id, limit)


def _hashes_of(row: Any) -> Hashes:
    if row.deleted_at is not None:
        return {"name_hash": None, "phone_hash": None}
    return hashes_of_sealed(row.member_id, row.sealed, CONTEXT)


def list_addresses(member_id: int) -> list[AddressView]:
    """A member's addresses, the default first."""
    rows = statements.addresses.all(member_id)
    if not rows:
        return []
    key = personal_key(member_id)
    return [_address_view(row, key) for row in rows]


def address_of(member_id: int, address_id: int) -> AddressView:
    """One address of a member. Raises NotFound for another's."""
    view, _ = address_and_key(member_id, address_id)
    return view


def address_and_key(member_id: int, address_id: int) -> tuple[AddressView, PersonalKey]:
    """One address of a member, and the member's key, to encrypt a copy with. Raises NotFound."""
    row = statements.address.first(member_id, address_id)
    if row is None:
        raise NotFound("address_unknown")
    key = unwrapped_key(member_id, row.wrapped_key)
    return _address_view(row, key), key


def _address_view(row: Any, key: PersonalKey) -> AddressView:
    form = AddressForm(**json.loads(key.open(row.sealed, CONTEXT)))
    return AddressView(row.id, form, row.masked, row.is_default)
