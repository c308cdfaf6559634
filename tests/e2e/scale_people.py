"""A town that lives for a while: many people at the front door, nights in which the clock moves.

Everybody does one thing after another until the time is up: chats, buys, leaves, asks for money
back, receives, withdraws. At night all of them sleep, so that nobody pays while the clock jumps
and whatever fails by day is a fault. What each saw is kept: a request is a line with its status.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

from domain import catalog, settings
from models import Sku
from tests.harness import story
from tests.harness.merchant import Merchant
from tests.harness.world import Page, Phone, World

WORDS = ("陈酿", "桂花", "品鉴", "坛藏")
TALK = ("商品", "订单", "佣金", "我的客户", "你好", "客服", "链接", "几天发货？")
FOR_A_PERSON = ("你好", "几天发货？")
"""No commands: after 客服 they are handed over, as 客服 itself is during service hours."""

SEEN_SECONDS = 30.0
PAYOUT_MOST_FEN = 19_900  # above it two colleagues must agree; that has its own tests
STOCK = 100_000


@dataclass
class Street:
    """Who is awake, what was done, and when the day ends for good."""

    world: World
    seconds: float
    did: Counter[str] = field(default_factory=Counter)
    awake: int = 0
    is_night: bool = False
    until: float = 0.0
    _change: asyncio.Condition = field(default_factory=asyncio.Condition)

    def begin(self) -> None:
        """The clock of the game starts."""
        self.until = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds until everybody goes home."""
        return self.until - time.monotonic()

    @contextlib.asynccontextmanager
    async def by_day(self) -> AsyncIterator[None]:
        """One thing that somebody does, whole, between two nights."""
        async with self._change:
            await self._change.wait_for(lambda: not self.is_night)
            self.awake += 1
        try:
            yield
        finally:
            async with self._change:
                self.awake -= 1
                self._change.notify_all()

    async def night(self, **length: int) -> None:
        """Wait until all are asleep, move the clock of both sides, let every process read it."""
        async with self._change:
            self.is_night = True
            await self._change.wait_for(lambda: self.awake == 0)
        seconds = int(timedelta(**length).total_seconds())
        await self.world.sim("POST", "/clock", {"advance_seconds": seconds})
        await asyncio.sleep(1.5)  # each process reads it once a second
        self.did["nights"] += 1
        async with self._change:
            self.is_night = False
            self._change.notify_all()


@dataclass
class Buyer:
    """Somebody who follows by a poster and then lives."""

    phone: Phone
    street: Street
    chance: random.Random
    orders: list[str] = field(default_factory=list)
    has_asked: bool = False  # for a person, by 客服

    async def arrive(self, poster: str, seller_name: str) -> None:
        """Scan the poster and follow by it."""
        async with self.street.by_day():
            found = await self.phone.world.sim(
                "POST", f"/phones/{self.phone.id}/scan", {"content": poster, "follow": True}
            )
            assert found["kind"] == "followed", found
            self.street.did["followed"] += 1

    async def live(self) -> None:
        """One thing after another."""
        doings = (self.buy, self.buy, self.talk, self.leave, self.go_back, self.receive)
        while self.street.left > 0:
            async with self.street.by_day():
                await self.chance.choice(doings)()

    async def talk(self) -> None:
        """A word to the account is answered, or handed over to the person who was asked for."""
        said = self.chance.choice(TALK)
        answer = await self.phone.world.sim(
            "POST", f"/phones/{self.phone.id}/text", {"content": said}
        )
        self.has_asked = self.has_asked or said == "客服"
        is_for_a_person = said == "客服" or (self.has_asked and said in FOR_A_PERSON)
        taken = ("reply", "empty") if is_for_a_person else ("reply",)
        assert answer["push"]["outcome"] in taken, (said, answer["push"])
        self.street.did["chats"] += 1

    async def buy(self) -> None:
        """Found, ordered, paid, and seen to be paid."""
        page = await story.checkout(
            self.phone, self.chance.choice(WORDS), self.chance.choice((1, 1, 1, 2, 3))
        )
        number = _number(page)
        paid = await self.phone.pay(params=story.till(page)["params"])
        assert paid["result"] == "ok", paid
        await _seen(self.phone, f"/m/pay/{number}/result", "付款成功")
        self.orders.append(number)
        self.street.did["paid"] += 1

    async def leave(self) -> None:
        """An order that is not paid: cancelled at once, or forgotten."""
        number = _number(await story.checkout(self.phone, self.chance.choice(WORDS)))
        self.street.did["left"] += 1
        if self.chance.random() < 0.5:
            page = await self.phone.open(f"/m/orders/{number}")
            page = await self.phone.submit(page.form("/cancel"))
            assert page.status == 200, page.text[-400:]

    async def go_back(self) -> None:
        """Money back: of a whole order that has not left, or of a piece that came."""
        if not self.orders:
            return
        number = self.chance.choice(self.orders)
        page = await self.phone.open(f"/m/orders/{number}")
        wanted = page.links("/m/aftersales/new")
        if not wanted:
            return
        chosen = self.chance.choice(wanted)
        page = await self.phone.open(chosen)
        forms = [f for f in page.forms() if f.action.endswith("/m/aftersales/new") and f.is_post]
        if not forms:
            return
        reason = "missing" if "line=" in chosen else "other"
        changes = {"reason": reason, "quantity": "1"}
        page = await self.phone.submit(
            forms[0], **{k: v for k, v in changes.items() if k in forms[0].fields}
        )
        assert page.status in {200, 409, 422}, (page.status, page.text[-400:])
        self.street.did["asked back" if "申请已提交" in page.text else "refused back"] += 1

    async def receive(self) -> None:
        """Confirm whatever has come; after a night the shop may have confirmed it in between."""
        for number in list(self.orders):
            page = await self.phone.open(f"/m/orders/{number}")
            if "/receive" not in page.text:
                continue
            page = await self.phone.submit(page.form("/receive"))
            if page.status == 409:
                page = await self.phone.open(f"/m/orders/{number}")
                assert "/receive" not in page.text, page.text[-400:]
                self.street.did["received by itself"] += 1
                return
            assert page.status == 200, (page.status, page.text[:400])
            self.street.did["received"] += 1
            return


@dataclass
class Seller:
    """A distributor who looks after the money, and goes on handing out posters."""

    phone: Phone
    street: Street
    chance: random.Random

    async def live(self) -> None:
        """Withdraw when there is something, else talk or ask for the poster."""
        while self.street.left > 0:
            async with self.street.by_day():
                if not await self.withdraw():
                    reply = await self.phone.ask(self.chance.choice(("佣金", "海报", "我的客户")))
                    assert reply, self.phone.log[-3:]
                    self.street.did["chats"] += 1
            await asyncio.sleep(self.chance.uniform(0.5, 2.0))

    async def withdraw(self) -> bool:
        """Take out what is there, and confirm it in WeChat; False if there was nothing."""
        page = await self.phone.open("/m/d/withdraw")
        if "/identity" in page.url:
            form = page.form("/m/d/identity")
            page = await self.phone.submit(form, name="阿慧", number=story.ID_NUMBER)
        if 'name="amount"' not in page.text:
            return False
        form = page.form("/m/d/withdraw", holding="amount")
        fen = min(round(float(form.fields["amount"].replace(",", "")) * 100), PAYOUT_MOST_FEN)
        page = await self.phone.submit(form, amount=f"{fen // 100}.{fen % 100:02d}")
        if 'name="gross_fen"' not in page.text:  # below the least, or the day's number is used up
            self.street.did["withdrawals refused"] += 1
            return False
        page = await self.phone.submit(page.form("/m/d/withdraw/confirm"))
        if "/m/d/withdrawals/" not in page.url:
            self.street.did["withdrawals refused"] += 1
            return False
        page = await _seen(self.phone, page.url, "待您确认")
        number = re.search(r"WD\d{6}[0-9A-Z]{16}", page.text)
        assert number, page.text[-600:]
        path = f"/phones/{self.phone.id}/transfers/{number.group()}"
        await self.phone.world.sim("POST", path, {"decision": "confirm"})
        await _seen(self.phone, page.url, "已到账")
        self.street.did["withdrawn"] += 1
        return True


@dataclass
class Desk:
    """The merchant, who ships and agrees, a page at a time."""

    merchant: Merchant
    street: Street

    async def live(self) -> None:
        """Ship what waits, agree to what is asked."""
        while self.street.left > 0:
            async with self.street.by_day():
                await self.round()
            await asyncio.sleep(1.0)

    async def round(self, most: int = 20) -> int:
        """One look at both lists; answers how many things were done."""
        page = await self.merchant.page("/admin/orders?view=to_ship")
        numbers = list(dict.fromkeys(re.findall(r"/admin/orders/([0-9A-Z]{8,40})", page.text)))
        done = 0
        for number in numbers[:most]:
            done += await self._ship(number)
        page = await self.merchant.page("/admin/aftersales?view=requested")
        for case_id in list(dict.fromkeys(re.findall(r"/admin/aftersales/(\d+)", page.text)))[
            :most
        ]:
            page = await self.merchant.open(f"/admin/aftersales/{case_id}")
            if "/approve" in page.text:
                await self.merchant.submit(page.form("/approve"))
                self.street.did["approved"] += 1
                done += 1
        return done

    async def _ship(self, number: str) -> bool:
        page = await self.merchant.open(f"/admin/orders/{number}")
        if f"/admin/orders/{number}/ship" not in page.text or "有未结束的售后" in page.text:
            return False
        page = await self.merchant.submit(
            page.form("/ship"), company="顺丰速运", tracking_no=f"SF{number[-12:]}"
        )
        self.street.did["shipped"] += "已发货" in page.text
        return "已发货" in page.text


def stock_up() -> None:
    """Enough of everything; which piece is the last one has its own races."""
    for sku in Sku.select():
        catalog.adjust_stock(sku.id, STOCK, "盘点")


def lift_ceilings() -> None:
    """Days pass in seconds: the brakes' ceilings per hour are not what is asked about here."""
    settings.change(
        settings.PayoutBrakes,
        {"per_hour_fen": 10**9, "per_day_fen": 10**9, "per_person_day_fen": 10**9},
    )
    settings.change(settings.Distribution, {"withdraw_per_day": 10})


async def _seen(phone: Phone, url: str, words: str) -> Page:
    """Look at a page again until it says so."""
    until = time.monotonic() + SEEN_SECONDS
    while True:
        page = await phone.open(url)
        if words in page.text:
            return page
        assert time.monotonic() < until, (words, page.status, page.text[-600:])
        await asyncio.sleep(0.3)


def _number(page: Page) -> str:
    return page.url.split("/m/pay/")[1].split("?")[0]


def broken(said: str) -> list[str]:
    """The errors of a process's log, by their last line each.

    One is no fault: a process that asks WeChat in the second in which the clock jumps is refused
    for its old time, says so, and asks again.
    """
    found, is_inside = [], False
    for line in said.splitlines():
        if line.startswith("Traceback "):
            is_inside = True
        elif is_inside and line and not line[0].isspace():
            is_inside = False
            found.append(line)
    return [line for line in found if "Retryable: SIGN_ERROR" not in line]


def statuses(logs: list[list[str]]) -> Counter[int]:
    """How often each status was answered to anybody."""
    return Counter(int(line.rsplit(" ", 1)[1]) for log in logs for line in log)


def bad(logs: list[list[str]]) -> list[str]:
    """Requests that ended as none may: our faults, and refusals for being too many."""
    return [
        line
        for log in logs
        for line in log
        if int(line.rsplit(" ", 1)[1]) in {429, *range(500, 600)}
    ]
