"""What follows an answer, against the simulator: the phone shows the picture and the card."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.following import Followers, StoredImage
from kernel.chat import Article
from tests.contract.shop import Simulated
from tests.contract.test_wechat_simulator import JPEG

PICTURE = StoredImage("a" * 64)
CARD = Article("桂花露酒　¥98", "28%vol", "https://mall.example.com/m/p/1", "https://x.test/1.jpg")


async def read(_: str) -> bytes | None:
    """The picture."""
    return JPEG


async def shown(world: Simulated) -> list[tuple[str, Any]]:
    """What the account sent after its reply: the kind, and the title of a card."""
    return [
        (each["kind"], each["body"]["articles"][0]["title"] if each["kind"] == "news" else "")
        for each in await world.chat("lin")
        if each["via"] == "custom"
    ]


async def test_the_phone_shows_the_picture_and_the_card(world: Simulated, redis: Any) -> None:
    openid = await world.follower("lin")
    await world.sim("phones/lin/text", content="可以停车吗")
    await Followers(world.wechat.messenger, redis, read).send(openid, [PICTURE, CARD])
    assert await shown(world) == [("image", ""), ("news", CARD.title)]
    (image, news) = (await world.chat("lin"))[-2:]
    async with world.session.get(f"{world.base}{image['body']['url']}") as response:
        assert (response.status, await response.read()) == (200, JPEG)
    assert news["body"]["articles"][0]["url"] == CARD.url


async def test_a_picture_that_wechat_deleted_is_uploaded_again(
    world: Simulated, redis: Any
) -> None:
    openid = await world.follower("lin")
    await world.sim("phones/lin/text", content="可以停车吗")
    followers = Followers(world.wechat.messenger, redis, read)
    await followers.send(openid, [PICTURE])
    first = await redis.get(f"media:{PICTURE.id}")
    left = timedelta(seconds=await redis.ttl(f"media:{PICTURE.id}"))
    assert timedelta(hours=59) < left <= timedelta(hours=60)
    await redis.set(f"media:{PICTURE.id}", "an-id-that-wechat-deleted")
    await followers.send(openid, [PICTURE])
    assert await shown(world) == [("image", "")] * 2
    assert await redis.get(f"media:{PICTURE.id}") not in (first, b"an-id-that-wechat-deleted")


async def test_the_most_that_follows_fits_into_what_wechat_accepts(
    world: Simulated, redis: Any
) -> None:
    """A late text, a picture and three cards are five messages after one of the person's."""
    openid = await world.follower("lin")
    await world.sim("phones/lin/text", content="可以停车吗")
    await world.wechat.messenger.send_text(openid, "来了")
    followers = Followers(world.wechat.messenger, redis, read)
    await followers.send(openid, [PICTURE, CARD, CARD, CARD])
    assert [kind for kind, _ in await shown(world)] == ["text", "image", "news", "news", "news"]
