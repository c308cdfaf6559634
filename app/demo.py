"""What ``make demo`` adds to a normal start: the simulated WeChat and the instructions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from app.arguments import operator
from app.production import DEMO_PASSWORD
from app.runtime import Runtime
from app.seed import OWNER_LOGIN
from app.server import listen
from bot.menu import publish_menu
from domain import push
from domain.staff import demo_code
from kernel import context
from kernel.config import Config

PHONES = [
    {"id": "lin", "name": "小林"},
    {"id": "wang", "name": "小王"},
    {"id": "hui", "name": "阿慧"},
    {"id": "zhou", "name": "老周"},
]

# The account's templates: id, purpose, title, fields as in WeChat's console.
TEMPLATES = (
    ("demo-order-paid", "order_paid", "订单支付成功通知",
     ("订单编号:character_string1", "支付金额:amount2", "支付时间:time3")),
    ("demo-order-shipped", "order_shipped", "订单发货通知",
     ("订单编号:character_string1", "快递公司:thing2", "快递单号:character_string3")),
    ("demo-refund", "refund", "退款成功通知",
     ("订单编号:character_string1", "退款金额:amount2", "退款时间:time3")),
    ("demo-commission", "commission", "收益到账提醒",
     ("收益金额:amount1", "到账时间:time2", "订单编号:character_string3")),
    ("demo-withdrawal", "withdrawal", "提现结果通知",
     ("提现金额:amount1", "处理时间:time2", "处理状态:phrase3")),
    ("demo-ticket", "ticket", "工单处理通知",
     ("工单编号:character_string1", "处理状态:phrase2", "处理时间:time3")),
    ("demo-news", "promotion", "新品上架通知", ("商品名称:thing1", "上架时间:time2")),
)  # fmt: skip
USUAL_PRIVATE_PORT = 8082
NOTICE = ("demo-restock", "到货提醒", ("商品名称:thing1", "到货时间:time2"))


@contextlib.asynccontextmanager
async def simulated_wechat(config: Config, port: int) -> AsyncIterator[int]:
    """Run the simulator on loopback with the demo's keys and phones; yields its port."""
    from simulator.app import make_app
    from simulator.keys import ensure_keys
    from simulator.settings import Settings

    keys: dict[str, Any] = dict(ensure_keys("var/demo-keys").for_settings())
    settings = Settings(
        app_base_url=config.public_url,
        public_url=f"http://127.0.0.1:{port}",
        clock_url=f"http://127.0.0.1:{config.http.private_port}/clock",
        state_file=str(Path("var") / "simulator.json"),
        phones=[dict(phone) for phone in PHONES],
        templates=account_templates(),
        **keys,
    )
    async with listen(make_app(settings), "127.0.0.1", port) as bound:
        yield bound


def account_templates() -> list[dict[str, Any]]:
    """The templates in the simulator's format."""
    made = [
        {"id": key, "title": title, "kind": "template", "content": _content(fields)}
        for key, _, title, fields in TEMPLATES
    ]
    key, title, fields = NOTICE
    return [*made, {"id": key, "title": title, "kind": "subscribe", "content": _content(fields)}]


def _content(fields: Sequence[str]) -> str:
    pairs = (field.split(":") for field in fields)
    return "\n".join(f"{label}:{{{{{key}.DATA}}}}" for label, key in pairs)


async def prepare(runtime: Runtime) -> None:
    """Set the account up as a merchant would: publish its menu, assign its templates."""
    with context.acting(operator()):
        await _set_up(runtime)


async def _set_up(runtime: Runtime) -> None:
    who = context.actor.get()
    await publish_menu(runtime.store, runtime.wechat.menu, runtime.config.public_url)
    await push.sync_templates(runtime.store, runtime.wechat.messenger)
    for key, purpose, _, _ in TEMPLATES:
        await runtime.store.write(push.set_purpose, key, purpose, who)
    key, title, fields = NOTICE
    pairs = [(pair[1], pair[0]) for pair in (field.split(":") for field in fields)]
    await runtime.store.write(push.save_template, key, "subscription", title, pairs, who)


async def connect_account(config: Config) -> None:
    """Save the push URL in the simulated console, which verifies it first (接入验证).

    Raises RuntimeError with the console's message if the verification fails.
    """
    url = f"{config.wechat.api_base}/_sim/connect"
    limit = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url, json={"app_base_url": config.public_url}) as response,
    ):
        if response.status != 200:
            raise RuntimeError(await response.text())


async def welcome(runtime: Runtime, port: int) -> str:
    """The text that names the URLs to open and how to sign in."""
    code = await runtime.store.read(demo_code, OWNER_LOGIN)
    private = runtime.config.http.private_port
    again = "" if private == USUAL_PRIVATE_PORT else f"FENMALL_PRIVATE_PORT={private} "
    again += f".venv/bin/python -m app admin code {OWNER_LOGIN}"
    return "\n".join((
        "",
        "  Fenmall runs on this machine.",
        "",
        f"  手机 phones      http://127.0.0.1:{port + 1}/",
        f"  商城 mall        http://127.0.0.1:{port}/m/",
        f"  商家 merchant    http://127.0.0.1:{port}/admin/",
        f"  sign in          {OWNER_LOGIN} / {DEMO_PASSWORD}",
        f"  one-time code    {code}   (again: {again})",
        "",
        "  Ctrl-C stops it.",
        "",
    ))  # fmt: skip
