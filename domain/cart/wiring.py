"""What ``app`` collects from the cart: a browser's cart becomes the member's at sign-in."""

from __future__ import annotations

from domain.cart.rules import member_owner, session_owner
from domain.cart.service import merge
from domain.members import MemberSignedIn
from kernel.events import subscribe


def subscribe_all() -> None:
    """Hear who signed in."""
    subscribe(MemberSignedIn, _take_along)


def _take_along(event: MemberSignedIn) -> None:
    if event.session_id is not None:
        merge(session_owner(event.session_id), member_owner(event.member_id))
