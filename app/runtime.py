"""The parts of a process: store, Redis, gateways; opens and closes them in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from app.redis import RedisWake, connect_redis
from bot.desk import Desk
from bot.speech import Speech
from domain import chat_answers, legal, naming, outbox
from domain.chat_answers import AskedBuffer
from domain.clock_offset import load_offset
from domain.installation import refuse_foreign_book
from domain.payments import record_clock_difference
from domain.refusals import RefusalBuffer
from gateways.assistant import HttpAssistant
from gateways.http import new_session
from gateways.identity import TencentIdentity
from gateways.pictures.images import ImageStore
from gateways.pictures.poster_cache import PosterCache
from gateways.private_files import PrivateFiles
from gateways.wechat import WechatClock, WeChatGateway, connect
from gateways.wechatpay import WeChatPay
from kernel import clock, health
from kernel.config import Config
from kernel.crypto import Vault, install_vault
from kernel.errors import Conflict
from kernel.passwords import PasswordPool
from kernel.store import Store, open_store
from kernel.web.limits import Limiter
from kernel.web.templates import Renderer

log = logging.getLogger(__name__)

CLOCK_SECONDS = 1.0
CLOCK_NEWS_SECONDS = 30.0
APART_SECONDS = 60
APART_LOOK_SECONDS = 60.0
DRAWING_THREADS = 2


@dataclass(frozen=True)
class Runtime:
    """The parts that a process gives to its faces, flows and jobs."""

    config: Config
    store: Store
    redis: Any
    wake: RedisWake
    wechat: WeChatGateway
    pay: WeChatPay
    refusals: RefusalBuffer
    asked: AskedBuffer
    painter: PosterCache
    pictures: ImageStore
    limiter: Limiter
    passwords: PasswordPool
    renderer: Renderer
    uploads: Path
    documents: PrivateFiles
    exports: PrivateFiles
    evidence: PrivateFiles
    assistant: HttpAssistant | None = None
    identity: TencentIdentity | None = None

    @property
    def picture_root(self) -> Path:
        """The folder of product pictures, the only one below the uploads that is served."""
        return self.uploads / "pictures"


def first_business(config: Config) -> legal.Business:
    """The company as the configuration has it, until the merchant keeps something else."""
    site = config.site
    return legal.Business(
        legal_name=site.legal_name,
        more_licences=tuple(site.licences),
        icp=site.icp,
        complaint_phone=site.complaint_phone,
        service_hours=site.service_hours,
    )


def install_vault_of(config: Config) -> None:
    """Set this process's vault from the configured secrets."""
    install_vault(Vault.from_secret(config.secret_key, config.previous_secret_key))


@contextlib.asynccontextmanager
async def open_runtime(config: Config) -> AsyncIterator[Runtime]:
    """Open every part and start the background tasks; close in reverse order."""
    async with contextlib.AsyncExitStack() as stack:
        install_vault_of(config)
        naming.set_house_names(config.site.name, config.site.legal_name)
        legal.set_first_values(config.site.name, first_business(config))
        store = open_store(config.database)
        stack.push_async_callback(store.close)
        redis = connect_redis(config.redis)
        stack.push_async_callback(redis.aclose)
        session = await stack.enter_async_context(new_session())
        drawing = stack.enter_context(ThreadPoolExecutor(DRAWING_THREADS, "draw"))
        passwords = PasswordPool()
        stack.callback(passwords.close)
        wake = RedisWake(redis)
        outbox.install_wake(wake)
        stack.callback(outbox.install_wake, None)
        health.add("outbox", outbox.outbox_problem)
        uploads = Path(config.uploads)
        refusals, asked = RefusalBuffer(store), AskedBuffer(store)
        renderer = Renderer(config)
        chat_answers.install_knowledge(Desk(Speech(renderer, config.public_url)))
        stack.callback(chat_answers.install_knowledge, None)
        pay = WeChatPay(config.pay, session, refusals)
        time = WechatClock(pay.client.signer.time.timestamp, pay.client.want_time)
        runtime = Runtime(
            config=config,
            store=store,
            redis=redis,
            wake=wake,
            wechat=connect(config.wechat, session, redis, refusals, time),
            pay=pay,
            refusals=refusals,
            asked=asked,
            painter=PosterCache(uploads / "pictures", uploads / "posters", executor=drawing),
            pictures=ImageStore(uploads / "pictures"),
            limiter=Limiter(redis),
            passwords=passwords,
            renderer=renderer,
            uploads=uploads,
            documents=PrivateFiles(uploads / "private"),
            exports=PrivateFiles(uploads / "exports"),
            evidence=PrivateFiles(uploads / "evidence"),
            assistant=_assistant(config, session),
            identity=_identity(config, session),
        )
        await store.read(refuse_foreign_book, config.environment)
        await read_clock(runtime)
        tasks = [
            asyncio.create_task(follow_clock(runtime), name="clock"),
            asyncio.create_task(wake.listen(), name="wake"),
            asyncio.create_task(watch_wechats_clock(runtime), name="wechats-clock"),
            asyncio.create_task(runtime.pay.keeper.run(), name="certificates"),
            asyncio.create_task(refusals.run(), name="refusals"),
            asyncio.create_task(asked.run(), name="asked"),
        ]
        stack.push_async_callback(asked.close)
        stack.push_async_callback(_stop, tasks)
        yield runtime


def _assistant(config: Config, session: ClientSession) -> HttpAssistant | None:
    """The merchant's language model, if there is one."""
    if not config.assistant.base_url:
        return None
    return HttpAssistant(config.assistant, session)


def _identity(config: Config, session: ClientSession) -> TencentIdentity | None:
    """The merchant's provider of identity checks, if there is one."""
    return TencentIdentity(config.identity, session) if config.identity.secret_id else None


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def read_clock(runtime: Runtime) -> None:
    """Set the clock's offset from its row. Raises RuntimeError for an offset in production.

    If this process moved the clock while the row was read, the older value is ignored.
    """
    before = clock.offset()
    offset = await runtime.store.read(load_offset)
    if offset and runtime.config.environment == "production":
        raise RuntimeError("the clock is moved; production does not start with that")
    if clock.offset() == before:
        clock.set_offset(offset)


async def follow_clock(runtime: Runtime) -> None:
    """Re-read the offset each second, so that all processes have the same time."""
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        try:
            await read_clock(runtime)
        except Exception:
            log.exception("the clock's offset could not be read")


async def watch_wechats_clock(runtime: Runtime) -> None:
    """Store this machine's difference to WeChat's time when it changes, until cancelled.

    The merchant's pages show it: with more than five minutes every signature is refused.
    """
    machine, told = socket.gethostname()[:40], None
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        await measure_if_wanted(runtime)
        apart = runtime.pay.client.clock_apart()
        if apart is None or (told is not None and abs(apart - told) < CLOCK_NEWS_SECONDS):
            continue
        try:
            if await runtime.store.write(record_clock_difference, machine, round(apart)):
                log.warning("this machine's clock is %.0f s from WeChat's", apart)
            told = apart
        except Conflict:
            log.debug("another process of this machine wrote the clock's difference first")
        except Exception:
            log.exception("the clock's difference could not be written; trying again")


async def measure_if_wanted(runtime: Runtime) -> None:
    """Measure WeChat's time if a signed push or notification looked too old.

    While the clocks differ it is measured each minute, so that a corrected clock is noticed even
    without payments.
    """
    client = runtime.pay.client
    is_apart = abs(client.clock_apart() or 0) >= APART_SECONDS
    if client.is_time_wanted or (is_apart and client.measured_ago() >= APART_LOOK_SECONDS):
        client.is_time_wanted = False
        await client.measure()
