"""What ``app`` collects from the cart: merging a browser's cart at sign-in."""

from __future__ import annotations

from domain.cart.rules import member_owner, session_owner
from domain.cart.service import merge
from domain.members import MemberSignedIn
from kernel.events import subscribe


def subscribe_all() -> None:
    """Subscribe to sign-ins."""
    subscribe(MemberSignedIn, _merge_at_sign_in)


def _merge_at_sign_in(event: MemberSignedIn) -> None:
    if event.session_id is not None:
        merge(session_owner(event.session_id), member_owner(event.member_id))
