"""A load of many people for the scale-out tests, with pauses in which the clock is moved.

Until the time is up each person chats, buys, leaves an order unpaid, asks for a refund, confirms
receipt or withdraws. While the clock is moved nobody acts, so each failure at another time is a
fault. Every request is logged as a line with its status.
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
from tests.harness.markup import count_of, facts_of, texts_of, values_of
from tests.harness.merchant import Merchant
from tests.harness.world import Page, Phone, World

WORDS = ("陈酿", "桂花", "品鉴", "坛藏")
TALK = ("商品", "订单", "佣金", "我的客户", "你好", "客服", "链接", "几天发货？")
FOR_A_PERSON = ("你好", "几天发货？")
"""Not commands: after 客服 they go to a person, as 客服 itself does during service hours."""

SEEN_SECONDS = 30.0
PAYOUT_MOST_FEN = 19_900  # a larger payout needs two staff members
STOCK = 100_000


@dataclass
class Street:
    """Who is acting, what was done, and when the load ends."""

    world: World
    seconds: float
    did: Counter[str] = field(default_factory=Counter)
    awake: int = 0
    is_night: bool = False
    until: float = 0.0
    _change: asyncio.Condition = field(default_factory=asyncio.Condition)

    def begin(self) -> None:
        """Start the time of the load."""
        self.until = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds until the load ends."""
        return self.until - time.monotonic()

    @contextlib.asynccontextmanager
    async def by_day(self) -> AsyncIterator[None]:
        """Frame for one action of a person; the clock is not moved during it."""
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
        """Wait until nobody acts, move the clock of both sides, and let each process read it."""
        async with self._change:
            self.is_night = True
            await self._change.wait_for(lambda: self.awake == 0)
        seconds = int(timedelta(**length).total_seconds())
        await self.world.sim("POST", "/clock", {"advance_seconds": seconds})
        await asyncio.sleep(1.5)  # each process reads the clock once a second
        self.did["nights"] += 1
        async with self._change:
            self.is_night = False
            self._change.notify_all()


@dataclass
class Buyer:
    """A person who follows by a poster and then buys."""

    phone: Phone
    street: Street
    chance: random.Random
    orders: list[str] = field(default_factory=list)
    has_asked: bool = False  # has asked for a person with 客服

    async def arrive(self, poster: str, seller_name: str) -> None:
        """Scan the poster and follow by it."""
        async with self.street.by_day():
            found = await self.phone.world.sim(
                "POST", f"/phones/{self.phone.id}/scan", {"content": poster, "follow": True}
            )
            assert found["kind"] == "followed", found
            self.street.did["followed"] += 1

    async def live(self) -> None:
        """Act until the load ends."""
        doings = (self.buy, self.buy, self.talk, self.leave, self.go_back, self.receive)
        while self.street.left > 0:
            async with self.street.by_day():
                await self.chance.choice(doings)()

    async def talk(self) -> None:
        """Send a text; it must be answered, or go to the person who was asked for."""
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
        """Order and pay, and wait until the page shows the payment."""
        page = await story.checkout(
            self.phone, self.chance.choice(WORDS), self.chance.choice((1, 1, 1, 2, 3))
        )
        number = _number(page)
        paid = await self.phone.pay(params=story.till(page)["params"])
        assert paid["result"] == "ok", paid
        await _seen(self.phone, f"/m/pay/{number}/result", ".result h1", "付款成功")
        self.orders.append(number)
        self.street.did["paid"] += 1

    async def leave(self) -> None:
        """Place an order without paying; cancel it, or leave it to its time limit."""
        number = _number(await story.checkout(self.phone, self.chance.choice(WORDS)))
        self.street.did["left"] += 1
        if self.chance.random() < 0.5:
            page = await self.phone.open(f"/m/orders/{number}")
            page = await self.phone.submit(page.form("/cancel"))
            assert page.status == 200, page.text[-400:]

    async def go_back(self) -> None:
        """Ask for a refund of an unshipped order, or of one received piece."""
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
        is_open = any("申请已提交" in toast for toast in texts_of(page.text, ".toast"))
        self.street.did["asked back" if is_open else "refused back"] += 1

    async def receive(self) -> None:
        """Confirm the receipt of an order, unless the shop has confirmed it meanwhile."""
        for number in list(self.orders):
            page = await self.phone.open(f"/m/orders/{number}")
            if not _has_form(page, "/receive"):
                continue
            page = await self.phone.submit(page.form("/receive"))
            if page.status == 409:
                page = await self.phone.open(f"/m/orders/{number}")
                assert not _has_form(page, "/receive"), page.text[-400:]
                self.street.did["received by itself"] += 1
                return
            assert page.status == 200, (page.status, page.text[:400])
            self.street.did["received"] += 1
            return


@dataclass
class Seller:
    """A distributor who withdraws and asks for posters."""

    phone: Phone
    street: Street
    chance: random.Random

    async def live(self) -> None:
        """Withdraw if there is a balance, else send a command, until the load ends."""
        while self.street.left > 0:
            async with self.street.by_day():
                if not await self.withdraw():
                    reply = await self.phone.ask(self.chance.choice(("佣金", "海报", "我的客户")))
                    assert reply, self.phone.log[-3:]
                    self.street.did["chats"] += 1
            await asyncio.sleep(self.chance.uniform(0.5, 2.0))

    async def withdraw(self) -> bool:
        """Withdraw the balance and confirm it in WeChat; False if nothing can be withdrawn."""
        page = await self.phone.open("/m/d/withdraw")
        if "/identity" in page.url:
            form = page.form("/m/d/identity")
            page = await self.phone.submit(form, name="阿慧", number=story.ID_NUMBER)
        if not count_of(page.text, "[name=amount]"):
            return False
        form = page.form("/m/d/withdraw", holding="amount")
        fen = min(round(float(form.fields["amount"].replace(",", "")) * 100), PAYOUT_MOST_FEN)
        page = await self.phone.submit(form, amount=f"{fen // 100}.{fen % 100:02d}")
        if not count_of(page.text, "[name=gross_fen]"):  # too little, or too often on this day
            self.street.did["withdrawals refused"] += 1
            return False
        page = await self.phone.submit(page.form("/m/d/withdraw/confirm"))
        if "/m/d/withdrawals/" not in page.url:
            self.street.did["withdrawals refused"] += 1
            return False
        page = await _seen(self.phone, page.url, ".state h1", "待您确认")
        number = facts_of(page.text)["单号"]
        path = f"/phones/{self.phone.id}/transfers/{number}"
        await self.phone.world.sim("POST", path, {"decision": "confirm"})
        await _seen(self.phone, page.url, ".state h1", "已到账")
        self.street.did["withdrawn"] += 1
        return True


@dataclass
class Desk:
    """The merchant, who ships orders and approves cases."""

    merchant: Merchant
    street: Street

    async def live(self) -> None:
        """Ship and approve until the load ends."""
        while self.street.left > 0:
            async with self.street.by_day():
                await self.round()
            await asyncio.sleep(1.0)

    async def round(self, most: int = 20) -> int:
        """Read both lists and act on their first rows; returns the number of actions."""
        page = await self.merchant.page("/admin/orders?view=to_ship")
        done = 0
        for number in _linked(page, r"/admin/orders/([0-9A-Z]{8,40})")[:most]:
            done += await self._ship(number)
        page = await self.merchant.page("/admin/aftersales?view=requested")
        for case_id in _linked(page, r"/admin/aftersales/(\d+)")[:most]:
            page = await self.merchant.open(f"/admin/aftersales/{case_id}")
            if _has_form(page, "/approve"):
                await self.merchant.submit(page.form("/approve"))
                self.street.did["approved"] += 1
                done += 1
        return done

    async def _ship(self, number: str) -> bool:
        page = await self.merchant.open(f"/admin/orders/{number}")
        notices = texts_of(page.text, ".notice p")
        has_case = any(each.startswith("有未结束的售后") for each in notices)
        if has_case or not _has_form(page, f"/admin/orders/{number}/ship"):
            return False
        page = await self.merchant.submit(
            page.form("/ship"), company="顺丰速运", tracking_no=f"SF{number[-12:]}"
        )
        is_shipped = any(each.startswith("已发货：") for each in texts_of(page.text, ".toast"))
        self.street.did["shipped"] += is_shipped
        return is_shipped


def stock_up() -> None:
    """Add stock to every SKU, so that no order is refused for lack of it."""
    for sku in Sku.select():
        catalog.adjust_stock(sku.id, STOCK, "盘点")


def lift_ceilings() -> None:
    """Lift the limits of payouts per hour and day, because a day passes in seconds here."""
    settings.change(
        settings.PayoutBrakes,
        {"per_hour_fen": 10**9, "per_day_fen": 10**9, "per_person_day_fen": 10**9},
    )
    settings.change(settings.Distribution, {"withdraw_per_day": 10})


async def _seen(phone: Phone, url: str, place: str, words: str) -> Page:
    """Open a page again and again until the place has the words."""
    until = time.monotonic() + SEEN_SECONDS
    while True:
        page = await phone.open(url)
        if words in texts_of(page.text, place):
            return page
        assert time.monotonic() < until, (words, page.status, page.text[-600:])
        await asyncio.sleep(0.3)


def _has_form(page: Page, action: str) -> bool:
    return any(form.action.endswith(action) for form in page.forms())


def _linked(page: Page, pattern: str) -> list[str]:
    """The ids in the addresses that the page links to, each once."""
    found = [re.search(pattern, href) for href in values_of(page.text, "a", "href")]
    return list(dict.fromkeys(match[1] for match in found if match))


def _number(page: Page) -> str:
    return page.url.split("/m/pay/")[1].split("?")[0]


def broken(said: str) -> list[str]:
    """The last line of each traceback in a process's log.

    SIGN_ERROR is left out: a request in the second in which the clock is moved has an old time, so
    WeChat refuses it and the process repeats it.
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
    """The number of answers by status."""
    return Counter(int(line.rsplit(" ", 1)[1]) for log in logs for line in log)


def bad(logs: list[list[str]]) -> list[str]:
    """The requests that ended with an error of the server or with 429."""
    return [
        line
        for log in logs
        for line in log
        if int(line.rsplit(" ", 1)[1]) in {429, *range(500, 600)}
    ]
