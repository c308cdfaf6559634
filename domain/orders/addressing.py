"""An order's own copy of the address: encrypted under its owner's key, and what lists show."""

from __future__ import annotations

import json
from typing import Any

from domain import members
from domain.members import AddressView, PersonalKey
from domain.orders.deliveries import ADDRESS_CONTEXT
from domain.orders.rules import GIFT
from kernel.people_hashes import Hashes, name_hash, phone_hash


def owner_of_address(order: Any) -> int:
    """The member whose address it is: the friend who took a gift, else the buyer."""
    return int(order.recipient_id or order.member_id)


def sealed_copy(address: AddressView, personal: PersonalKey) -> str:
    """The copy of an address, encrypted."""
    return personal.seal(json.dumps(vars(address.form), ensure_ascii=False), ADDRESS_CONTEXT)


def opened_address(order: Any) -> dict[str, str]:
    """The full address; empty for a gift that nobody took. Raises NotFound('personal_erased')."""
    if not order.sealed_address and order.delivery == GIFT:
        return {}
    text = members.open_for(owner_of_address(order), order.sealed_address, ADDRESS_CONTEXT)
    return {name: str(value) for name, value in json.loads(text).items()}


def address_values(address: AddressView, sealed: str) -> dict[str, Any]:
    """The columns of an order that its address fills."""
    return {
        "sealed_address": sealed,
        "masked_address": address.masked,
        "region": address.form.place,
        "receiver": members.mask_name(address.form.name),
        "phone_end": address.form.phone[-4:],
        "name_hash": name_hash(address.form.name),
        "phone_hash": phone_hash(address.form.phone),
    }


def hashes_of_address(order: Any) -> Hashes:
    """The hashes of receiver and phone; none for a gift that nobody took."""
    if not order.sealed_address and order.delivery == GIFT:
        return {"name_hash": None, "phone_hash": None}
    return members.hashes_of_sealed(owner_of_address(order), order.sealed_address, ADDRESS_CONTEXT)
