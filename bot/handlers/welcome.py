"""关注 and 扫码: the welcome with the name of the inviter, and the answer to a scanned code."""

from __future__ import annotations

from markupsafe import Markup

from bot import paths
from bot.call import Call
from bot.cards import product_reply
from bot.router import Router, event
from domain import distribution, pricing
from domain.catalog import ProductCard
from domain.distribution import SceneView
from kernel.chat import Event, Reply

router = Router("welcome")


@router.on(event("subscribe"))
async def welcome(call: Call) -> Reply:
    """The merchant's welcome, or ours; the inviter; and the product of the scanned poster."""
    scene, card = await _scanned(call)
    upline = await call.read(distribution.upline_with_history, call.member_id)
    inviter = upline.upline_name if upline.is_valid else None
    own = Markup(call.texts.welcome)  # noqa: S704 - written by the merchant
    return call.answer(
        "welcome.txt", own=own, inviter=inviter, card=card, is_new=call.is_new_member,
        is_code=scene is not None,
    )  # fmt: skip


@router.on(event("scan"))
async def scan(call: Call) -> Reply:
    """A follower scanned a code: show its product, or whose poster it is."""
    scene, card = await _scanned(call)
    if card is not None:
        return product_reply(call, [card])
    is_own = scene is not None and scene.referrer_id == call.member_id
    name = scene.referrer_name if scene is not None else None
    return call.answer("scanned.txt", more=paths.HOME, is_own=is_own, name=name)


@router.on(event("unsubscribe"))
async def goodbye(call: Call) -> None:
    """Nothing can be sent to a person who unfollowed; their account and money are kept."""


async def _scanned(call: Call) -> tuple[SceneView | None, ProductCard | None]:
    """The scene of the scanned code, and its product if it has one."""
    assert isinstance(call.message, Event)
    if not call.message.scene:
        return None, None
    scene: SceneView | None = await call.read(distribution.scene_of, call.message.scene)
    if scene is None or scene.product_id is None:
        return scene, None
    found: list[ProductCard] = await call.read(pricing.product_cards, [scene.product_id])
    return scene, found[0] if found else None
