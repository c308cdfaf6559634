"""Half a year of trade in the demo shop (半年的生意), made on its first start.

The clock of the shop and of the simulated WeChat is set back and walks to today, a day at a time.
People sign in, are recommended, buy, pay, receive and return through the shop's own verbs and the
simulated WeChat, so that books, bills, days and stock agree. The shop asks WeChat for the results
of payments, as no server listens for notifications yet. The same seed gives the same story.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from random import Random

import aiohttp

from app.arguments import operator
from app.demo_buyers import pay_order, place
from app.demo_people import REGULARS, SELLERS, Regular
from app.runtime import Runtime
from app.worker import by_hand
from domain import aftersales, catalog, distribution, members, orders, warehouse
from domain.aftersales import CaseForm
from domain.clock_offset import load_offset, move_clock
from domain.orders import ShipForm
from domain.warehouse import Arrival
from kernel import clock, context

SEED = 20_260_601
LAST_SOLD = 2
"""No order of the story is younger than this many days, so that none of it waits for shipping."""
SETTLED_EVERY = 7
"""Due jobs run once in so many days of the story."""
ORDERS_A_DAY = (0, 0, 1, 1, 1, 1, 2)
BUSY_WEEKDAYS = (4, 5)
"""Friday and Saturday: one more order."""
ARRIVES = 120
VISITORS = 60
"""So many people look and never sign in."""
SOURCES = ("moments", "moments", "card", "link", "poster")
CARRIERS = ("顺丰速运", "京东快递", "中通快递")


@dataclass(frozen=True)
class Clocks:
    """The clocks of the shop and of the simulated WeChat, which the story moves together."""

    runtime: Runtime
    http: aiohttp.ClientSession

    async def is_behind(self) -> bool:
        """Whether an earlier start was stopped in the middle of the story."""
        return await self.runtime.store.read(load_offset) < timedelta(0)

    @contextlib.asynccontextmanager
    async def without_notifications(self) -> AsyncIterator[None]:
        """Lose WeChat's notifications within the block, since no server listens yet."""
        fault = {"match": {"kind": "notify"}, "action": {"lose_all": True}, "count": None}
        async with self.http.post("faults", json=fault) as response:
            response.raise_for_status()
        try:
            yield
        finally:
            async with self.http.delete("faults") as response:
                response.raise_for_status()

    async def move(self, days: int, hours: float = 0) -> None:
        """Set the business time of shop and WeChat to this far from now."""
        offset = timedelta(days=days, hours=hours)
        body = {"offset_seconds": offset.total_seconds(), "notify_app": False}
        async with self.http.post("clock", json=body) as response:
            response.raise_for_status()
        await self.runtime.store.write(move_clock, offset, self.runtime.config.environment)


@dataclass
class Story:
    """What goes on in the shop: who is a member, and which orders are on their way."""

    runtime: Runtime
    http: aiohttp.ClientSession
    chance: Random
    skus: list[int]
    weights: list[int]
    """The weights of the SKUs, added up."""
    member_ids: dict[str, int] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    """Through which seller a visitor came first."""
    to_ship: list[tuple[str, int]] = field(default_factory=list)
    under_way: list[tuple[int, str, int]] = field(default_factory=list)
    """(day of receipt, order_no, member_id)"""
    parcels: int = 0

    async def day(self, number: int, is_open: bool) -> None:
        """One day: parcels leave and arrive, and while the shop is open people look and buy."""
        await self._ship(number)
        await self._receive(number)
        wanted = self.chance.choice(ORDERS_A_DAY)
        wanted += clock.business_day(clock.now()).weekday() in BUSY_WEEKDAYS
        if is_open:
            for visitor in self.chance.choices(range(VISITORS), k=self.chance.randint(0, 5)):
                await self.runtime.store.write(self._look, f"passer-{visitor}", None)
            for buyer in self.chance.sample(REGULARS, wanted):
                await self._buy(buyer)

    async def _buy(self, buyer: Regular) -> None:
        member_id = await self._member(buyer)
        if self.chance.random() < 0.6:
            await self.runtime.store.write(self._look, visitor_of(buyer), member_id)
        items = {self._wished(): 1 + (self.chance.random() < 0.25)}
        if self.chance.random() < 0.3:
            items.setdefault(self._wished(), 1)
        with context.acting(f"member:{member_id}"):
            order_no = await self.runtime.store.write(
                place, member_id, buyer.buyer, tuple(items.items())
            )
            if self.chance.random() < 0.08:
                return  # thought better of it: the order closes by itself
            await pay_order(self.runtime, self.http, buyer.buyer, order_no, member_id)
            await orders.confirm_order(self.runtime.store, self.runtime.pay, order_no, member_id)
            if self.chance.random() < 0.05:
                wish = CaseForm(member_id, order_no, "refund_only", (), "not_wanted")
                await self.runtime.store.write(aftersales.open_case, wish, True)
                return
        self.to_ship.append((order_no, member_id))

    def _wished(self) -> int:
        """A SKU; the first ones of the shelf are the favourites."""
        return self.chance.choices(self.skus, cum_weights=self.weights)[0]

    async def _member(self, buyer: Regular) -> int:
        known = self.member_ids.get(buyer.key)
        if known is not None:
            return known
        body = {"id": buyer.key, "name": buyer.name, "away": True}
        async with self.http.post("phones", json=body) as response:
            response.raise_for_status()
            openid = (await response.json())["openid"]
        appid = self.runtime.config.wechat.appid
        member_id: int = await self.runtime.store.write(self._join, appid, openid, buyer)
        self.member_ids[buyer.key] = member_id
        return member_id

    def _join(self, appid: str, openid: str, buyer: Regular) -> int:
        """A person signs in and keeps an address; a seller applies, another has a seller."""
        if buyer.key not in SELLERS and self.chance.random() < 0.7:
            self._look(visitor_of(buyer), None)
        member_id, _ = members.sign_in(appid, openid, None, visitor_of(buyer))
        with context.acting(f"member:{member_id}"):
            members.set_nickname(member_id, buyer.name)
            members.save_address(member_id, buyer.buyer.address)
            if buyer.key in SELLERS:
                shop = SELLERS[buyer.key]
                distribution.apply_as_distributor(member_id, shop, "individual", "v1")
        return member_id

    def _look(self, visitor: str, member_id: int | None) -> None:
        """Somebody opens a seller's link, mostly that of whom they know, and sees the page."""
        sellers = [self.member_ids[key] for key in SELLERS if key in self.member_ids]
        if not sellers or member_id in sellers:
            return
        known = self.met.setdefault(visitor, self.chance.choice(sellers))
        code = distribution.own_referral_code(known)
        if code:
            source = self.chance.choice(SOURCES)
            distribution.record_touch(visitor, code, source, member_id=member_id)
            distribution.count_visit(visitor, code, clock.now(), member_id)

    async def _ship(self, number: int) -> None:
        for order_no, member_id in self.to_ship:
            self.parcels += 1
            parcel = ShipForm(self.chance.choice(CARRIERS), f"SF30{self.parcels:08d}")
            with context.acting(operator()):
                await self.runtime.store.write(_ship_order, order_no, parcel)
            self.under_way.append((number + self.chance.randint(2, 5), order_no, member_id))
        self.to_ship = []

    async def _receive(self, number: int) -> None:
        arrived = [each for each in self.under_way if each[0] <= number]
        self.under_way = [each for each in self.under_way if each[0] > number]
        for _, order_no, member_id in arrived:
            if self.chance.random() < 0.75:  # the others leave it to the shop's clock
                with context.acting(f"member:{member_id}"):
                    await self.runtime.store.write(orders.confirm_receipt, order_no, member_id)


def visitor_of(buyer: Regular) -> str:
    """The mark of the customer's browser."""
    return f"demo-{buyer.key}"


async def add_history(runtime: Runtime, clocks: Clocks, days: int) -> int:
    """Play the story until today for ``days`` days; returns how many parcels left."""
    worker = await by_hand(runtime)
    skus = await runtime.store.read(_skus)
    chance = Random(SEED)  # noqa: S311 - a story, no secret
    weights = list(accumulate(range(len(skus), 0, -1)))
    story = Story(runtime, clocks.http, chance, skus, weights)
    async with clocks.without_notifications():
        for number in range(days):
            await clocks.move(number - days, chance.uniform(0, 20))
            await story.day(number, is_open=number < days - LAST_SOLD)
            if number % SETTLED_EVERY == 0:
                await runtime.store.write(_restock)
                await worker.settle()
    await clocks.move(0)
    await worker.settle()
    return story.parcels


def _ship_order(order_no: str, parcel: ShipForm) -> None:
    orders.ship_parcel(orders.order_id_of(order_no), parcel)


def _skus() -> list[int]:
    shelf = catalog.list_products(state="on_shelf", limit=40)
    return [sku.sku_id for sku in catalog.priced_skus(sorted(row.id for row in shelf))]


def _restock() -> None:
    """Goods arrive where few are left."""
    today = clock.business_day(clock.now())
    with context.acting(operator()):
        for row in catalog.list_watched_stock("low", limit=100):
            made_on = today - timedelta(days=40)
            lot = Arrival(ARRIVES, f"{made_on:%Y%m%d}B", made_on)
            warehouse.record_arrival(row.sku_id, lot)
