"""The kinds of delivery (配送方式): how an order's goods reach their receiver.

A kind is registered by the package that owns it, which may stand above orders; ``express`` is our
own. The order's row keeps the kind's name. See ADR 124.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain import members
from domain.members import AddressForm
from domain.orders.rules import EXPRESS, PlaceOrder
from kernel.errors import Invalid
from kernel.people_hashes import name_hash, phone_hash

ADDRESS_CONTEXT = "mall_order.sealed_address"


@dataclass(frozen=True)
class Destination:
    """Where an order goes, as it is written on the order.

    ``sealed`` is the JSON of ``form`` under the buyer's key. ``place`` decides the freight, as for
    ``quote_goods``.
    """

    form: AddressForm
    sealed: str
    masked: str
    place: str | None


def _no_more(_order_id: int, _form: PlaceOrder) -> None:
    """What most kinds do after the order's row is written."""


@dataclass(frozen=True)
class DeliveryKind:
    """A kind of delivery.

    ``destination`` checks what the buyer said of it (``PlaceOrder.to``) before the price is made.
    ``placed`` runs in the order's transaction once its lines are written. ``has_parcels``: the
    shop sends the goods (``ship_parcel``). ``has_freight``: the buyer pays freight, and the places
    to which freight templates don't deliver are refused.
    """

    name: str
    destination: Callable[[PlaceOrder], Destination]
    placed: Callable[[int, PlaceOrder], None] = _no_more
    has_parcels: bool = True
    has_freight: bool = True


_kinds: dict[str, DeliveryKind] = {}


def register_delivery(kind: DeliveryKind) -> None:
    """Register a kind of delivery by its name."""
    _kinds[kind.name] = kind


def delivery_kind(name: str) -> DeliveryKind:
    """The kind with this name. Raises Invalid('choice_unknown')."""
    if name not in _kinds:
        raise Invalid("choice_unknown", "delivery")
    return _kinds[name]


def kinds_with_parcels() -> list[str]:
    """The kinds whose orders wait for a parcel once they are paid."""
    return [kind.name for kind in _kinds.values() if kind.has_parcels]


def sealed_destination(member_id: int, form: AddressForm, masked: str) -> Destination:
    """A destination that has no freight, sealed under the buyer's key."""
    text = json.dumps(vars(form), ensure_ascii=False)
    return Destination(form, members.seal_for(member_id, text, ADDRESS_CONTEXT), masked, None)


def columns_of(to: Destination) -> dict[str, Any]:
    """The columns of an order that say where it goes."""
    return {
        "sealed_address": to.sealed,
        "masked_address": to.masked,
        "region": to.form.place,
        "receiver": members.mask_name(to.form.name) if to.form.name else None,
        "phone_end": to.form.phone[-4:] or None,
        "name_hash": name_hash(to.form.name),
        "phone_hash": phone_hash(to.form.phone),
    }


def _to_an_address(form: PlaceOrder) -> Destination:
    """One of the buyer's addresses. Raises NotFound for another's."""
    address, personal = members.address_and_key(form.member_id, form.address_id)
    sealed = personal.seal(json.dumps(vars(address.form), ensure_ascii=False), ADDRESS_CONTEXT)
    place = address.form.place or address.form.province
    return Destination(address.form, sealed, address.masked, place)


register_delivery(DeliveryKind(EXPRESS, _to_an_address))
