"""The notice that invites a happy buyer, to members who agreed to promotions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.invitations.queries import open_invitation
from domain.notices import MemberNotice, Number
from domain.orders import order_no_of


@dataclass(frozen=True, kw_only=True)
class InvitedToRecommend(MemberNotice):
    """A happy buyer is invited to recommend (推荐邀请); never sent as a template message."""

    KEY: ClassVar[str] = "invited_to_recommend"
    PAGE: ClassVar[str] = "/m/orders/{order_no}"
    AT_ONCE: ClassVar[bool] = False
    IS_PROMOTION: ClassVar[bool] = True
    order_id: int

    def is_still_due(self, member_id: int) -> bool:
        """Whether the invitation still waits for an answer."""
        return open_invitation(member_id) is not None

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)
