"""The loop 顾客=粉丝=分销商=品牌代言人 through chat and pages, without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain import catalog, ledger, push
from domain.push import CampaignForm
from tests.databases import fresh
from tests.harness import story
from tests.harness.own_redis import own_redis
from tests.harness.world import World, open_world


@pytest.fixture
async def world(db: Any, database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A shop with a simulated WeChat; on SQLite with a separate file."""
    url = database_url
    if url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/loop.sqlite3"
        fresh(url)
    redis = own_redis()
    async with open_world(tmp_path, url, redis) as opened:
        yield opened


async def _chain(world: World, levels: int) -> list[Any]:
    """老周 ← 小王 ← 阿慧 ← 小林: each follows by the poster of the previous one."""
    names = [("zhou", "老周"), ("wang", "小王"), ("hui", "阿慧")][-levels:]
    chain: list[Any] = []
    for phone_id, name in names:
        phone = await world.phone(phone_id)
        if chain:
            found = await story.follow_by_poster(phone, chain[-1])
            assert found["kind"] == "followed"
        else:
            await phone.follow()
        await story.become_distributor(phone, name)
        chain.append(phone)
    return chain


@pytest.mark.parametrize(
    ("levels", "shares"),
    [(1, ["41.72"]), (3, ["5.96", "11.92", "41.72"])],
)
@pytest.mark.row("A1", "A3", "A4", "C7")
async def test_a_chain_of_followers_buys_sells_and_withdraws(
    world: World, levels: int, shares: list[str]
) -> None:
    await story.sign_levels(world, levels)
    chain = await _chain(world, levels)
    hui, lin = chain[-1], await world.phone("lin")
    found = await story.follow_by_poster(lin, hui)
    assert found["kind"] == "followed"
    assert "阿慧" in found["reply"]["body"]["content"]

    assert "陈酿" in str((await lin.ask("商品"))["body"])
    order_no = await story.buy(lin)
    for phone, share in zip(chain, shares, strict=True):
        assert f"待结算 ¥{share}" in await phone.say("佣金")

    await story.ship(world, order_no)
    await story.receive(lin, order_no)
    await world.move(days=8)
    for phone, share in zip(chain, shares, strict=True):
        assert f"可提现 ¥{share}" in await phone.say("佣金")

    before = await hui.wallet_fen()
    await story.withdraw(hui, "41.72")
    assert await hui.wallet_fen() == before + 4172
    assert "已提现 ¥41.72" in await hui.say("佣金")

    await _promote(world, lin, hui)
    await _books_agree(world)


async def _promote(world: World, stopped: Any, agreed: Any) -> None:
    """Send a promotion: members who agreed get it, a member who sent 退订 doesn't."""
    await stopped.say("订阅")
    await agreed.say("订阅")
    await stopped.say("退订")
    form = CampaignForm(
        "岁末上新", "service", {"text": "桂花露酒上新，欢迎品鉴。"}, {"kind": "all"}
    )
    store = world.runtime.store
    preview = await store.read(push.preview_reach, form)
    (carrier,) = [c for c in preview.carriers if c.carrier == "service"]
    assert carrier.reached == 1
    campaign_id = await store.write(push.draft_campaign, form, "staff:operator")
    await store.write(push.start_campaign, campaign_id, "staff:operator")
    await world.move_to_noon()
    for phone, heard in ((stopped, False), (agreed, True)):
        told = [m for m in await phone.messages() if "桂花露酒上新" in str(m["body"])]
        assert bool(told) is heard


async def _books_agree(world: World) -> None:
    """Ledger and stock are consistent, and WeChat's book has the same numbers and amounts."""
    store = world.runtime.store
    assert (await store.read(ledger.check_fully)).faults == []
    assert await store.read(catalog.skus_out_of_balance) == []
    book = await world.sim("GET", "/book")
    account = ledger.merchant_account("wechat_clearing", world.runtime.config.pay.mchid)
    ours = await store.read(ledger.balance, account)
    kinds = {"trade", "refund", "refund_back", "transfer", "transfer_back"}
    theirs = sum(e["amount_fen"] for e in book["entries"] if e["kind"] in kinds)
    fees = await store.read(ledger.balance, ledger.merchant_account("fees"))
    assert -ours == theirs + fees  # one for each day whose bills were read
