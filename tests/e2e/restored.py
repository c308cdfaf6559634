"""Helpers of the tests of backup and restore.

One simulated WeChat runs all the time. The shop is opened first on one database, then on the
restored one.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from app.runtime import open_runtime
from app.seed import seed
from app.server import listen, make_app, make_private_app
from app.wiring import subscribe_all
from app.worker import working
from domain import distribution, members, orders, payouts
from domain.members import AddressForm
from domain.orders import PlaceOrder
from domain.orders.flows import prepay
from kernel import clock
from kernel.config import Config
from models import Sku
from simulator.app import make_app as make_simulator
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.harness.keys import shared_keys
from tests.harness.ports import free_port
from tests.harness.world import Phone, World, config_for

ADDRESS = AddressForm("林小山", "13800138000", "四川省", "泸州市", "江阳区", "酒城大道 1 号")


@dataclass
class Place:
    """The ports and the folder; the same before and after the restore."""

    folder: Path
    keys: DemoKeys = field(default_factory=shared_keys)
    ports: tuple[int, int, int] = field(
        default_factory=lambda: (free_port(), free_port(), free_port())
    )

    def config(self, database: str, uploads: str = "uploads") -> Config:
        """The shop's configuration on a database."""
        app_port, sim_port, private_port = self.ports
        made = config_for(
            app_port, sim_port, private_port, database, "memory://", self.folder, self.keys
        )
        return made.model_copy(update={"uploads": self.folder / uploads})

    @contextlib.asynccontextmanager
    async def wechat(self) -> AsyncIterator[None]:
        """The simulated WeChat."""
        app_port, sim_port, private_port = self.ports
        settings = Settings(
            app_base_url=f"http://127.0.0.1:{app_port}",
            public_url=f"http://127.0.0.1:{sim_port}",
            clock_url=f"http://127.0.0.1:{private_port}/clock",
            time_scale=0.02, **self.keys.for_settings(),
        )  # fmt: skip
        async with listen(make_simulator(settings), "127.0.0.1", sim_port):
            yield

    @contextlib.asynccontextmanager
    async def shop(self, config: Config) -> AsyncIterator[World]:
        """The shop and its worker in this process."""
        app_port, sim_port, private_port = self.ports
        async with contextlib.AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(open_runtime(config))
            subscribe_all()
            worker = await stack.enter_async_context(working(runtime))
            await stack.enter_async_context(listen(make_app(runtime), "127.0.0.1", app_port))
            private = make_private_app(runtime)
            await stack.enter_async_context(listen(private, "127.0.0.1", private_port))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            url = f"http://127.0.0.1:{sim_port}"
            world = World(runtime, config.public_url, url, http)
            world.worker, world.stack = worker, stack
            await seed(runtime)
            yield world


@dataclass
class Person:
    """A member with a phone."""

    world: World
    phone: Phone
    openid: str
    member_id: int

    @classmethod
    async def meet(cls, world: World, name: str) -> Person:
        """A member with an openid and an address."""
        phone = await world.phone(name)
        openid = (await world.sim("GET", f"/phones/{name}"))["openid"]
        store, appid = world.runtime.store, world.runtime.config.wechat.appid
        member_id, is_new = await store.write(members.ensure_member, appid, openid)
        if is_new:
            await store.write(members.save_address, member_id, ADDRESS)
        return cls(world, phone, openid, member_id)

    async def place(self, title: str, quantity: int = 1) -> str:
        """Place an order; returns its number."""
        return str(await self.world.runtime.store.write(_place, self.member_id, title, quantity))

    async def begin(self, order_no: str) -> dict[str, Any]:
        """Begin a payment at WeChat; returns the parameters of its sheet."""
        runtime = self.world.runtime
        view = await prepay(
            runtime.store,
            runtime.pay,
            order_no,
            self.member_id,
            "jsapi",
            public_url=runtime.config.public_url,
        )
        assert view.jsapi is not None
        return view.jsapi

    async def pay(self, order_no: str) -> None:
        """Pay an order, and let its notification reach the shop."""
        answer = await self.phone.pay(params=await self.begin(order_no))
        assert answer["result"] == "ok", answer
        await self.world.settle()

    async def buy(self, title: str, quantity: int = 1) -> str:
        """Place an order and pay it."""
        order_no = await self.place(title, quantity)
        await self.pay(order_no)
        return order_no

    async def sell_for(self, name: str, identity: str) -> None:
        """Make the person a distributor who can be paid."""
        store = self.world.runtime.store
        await store.write(
            distribution.apply_as_distributor, self.member_id, f"{name}推荐", "individual", "v1"
        )
        await store.write(payouts.save_identity, self.member_id, "林小山", identity)

    async def ask(self, fen: int) -> str:
        """Request a withdrawal; returns the number of its transfer."""
        asked = await self.world.runtime.store.write(
            distribution.request_withdrawal, self.member_id, fen
        )
        return str(asked["out_bill_no"])

    async def confirm(self, out_bill_no: str) -> None:
        """Confirm a transfer in WeChat."""
        path = f"/phones/{self.phone.id}/transfers/{out_bill_no}"
        answer = await self.world.sim("POST", path, {"decision": "confirm"})
        assert answer["transfer"]["state"] in {"SUCCESS", "TRANSFERING"}, answer
        await self.world.settle()


def _place(member_id: int, title: str, quantity: int) -> str:
    sku = Sku.get(Sku.code == title)
    items = ((int(sku.id), quantity),)
    _, quote = orders.preview_order(list(items), "四川省")
    (address, *_) = members.list_addresses(member_id)
    form = PlaceOrder(member_id, items, address.id, quote.payable_fen, is_adult=True)
    return str(orders.place_order(form)["order_no"])


def terms_of(config: Config) -> payouts.PayoutTerms:
    """The terms of the shop's transfers."""
    notify = f"{config.public_url}/pay/transfer-notify"
    return payouts.PayoutTerms(config.pay.mchid, notify, config.pay.transfer_scene_id)


def bill_day() -> str:
    """Today, as WeChat's bills name it."""
    return clock.business_day(clock.now()).isoformat()
