"""What becomes of a deleted member's messages: counts stay, the address goes."""

from __future__ import annotations

from kernel.erasure import Blank, Drop, Kept, Mask, Personal
from models import Delivery, PromotionNotice, PushCampaign, SubscriptionGrant

PERSONAL = Personal(
    "push",
    rows=(
        Drop(SubscriptionGrant, lambda who: SubscriptionGrant.member == who.member_id),
        Drop(PromotionNotice, lambda who: PromotionNotice.member == who.member_id),
        Blank(Delivery, lambda who: Delivery.member == who.member_id,
              {"openid": "", "client_msg_id": None, "msg_id": None, "said": None}),
    ),
    masks=(Mask(PushCampaign, ("content", "audience")),),
    kept=(Kept(Delivery, ("state", "error"), "proof"),),
)  # fmt: skip
