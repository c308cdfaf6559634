"""推荐邀请: why the shop invites a buyer, and the word that ends it."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender
from domain import invitations
from kernel.chat import Reply

router = Router("invitation")


@router.on(Command("推荐邀请", "我的邀请", intent="invitation"))
async def explain(call: Call) -> Reply:
    """The person's invitation and its reason; or that there is none, or that it was refused."""
    member_id = call.member_id
    return call.answer(
        "invitation.txt",
        more=paths.RULES,
        found=await call.read(invitations.open_invitation, member_id),
        has_refused=await call.read(invitations.has_refused, member_id),
        is_known=await distributor_of_sender(call) is not None,
    )


@router.on(Command("不再邀请", "不要邀请", "别再邀请", "停止邀请", intent="invitation"))
async def refuse(call: Call) -> Reply:
    """Keep that the person wants no invitation; orders and promotions stay as they are."""
    await call.write(invitations.refuse, call.member_id)
    return call.answer("invitation_refused.txt")
