"""A broadcast of template messages by the real code: audience, delivery rows, stored results.

The merchant's limit per second is off. The target is a plain server in its own process.
``BROADCAST_PEOPLE`` sets the people per round (default 12,000; the design's 200,000 take some
minutes).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp
import fakeredis

from bench.tools.load import run_fast
from bench.tools.processes import ROOT, Server, helper
from bench.tools.report import Round, in_turn, line, show
from bench.tools.shop import APPID, fill_members, new_shop, openid
from domain import push, settings
from domain.push import CampaignForm, sending
from domain.settings import forget_cache
from gateways.http import new_session
from gateways.wechat import connect
from kernel import clock
from kernel.config import parse
from kernel.store import database, store_for
from models import Delivery, Member, OutboxRow

LIMIT_IS = "aiohttp posting the same bodies, and one executemany of the results"
CHUNK = 500
SLOTS = 50
THREADS = 16
TEMPLATE = "bench-template"
VALUES = {"thing1": "中秋新品到店"}
URL = "http://127.0.0.1/m/"
RULES = {"per_second": CHUNK, "weekly_cap": 7, "allow_template_promotion": True,
         "quiet_from_hour": 0, "quiet_to_hour": 0}  # fmt: skip
_numbers = itertools.count(1)


def main(*, quick: bool = False) -> None:
    """Measure and print, with wechatpy in threads as a peer."""
    people = 60 if quick else int(os.environ.get("BROADCAST_PEOPLE", "12000"))
    rounds = 1 if quick else 3
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(new_shop())
        target = stack.enter_context(helper("bench.tools.limits", "wechat"))
        fill_members(people)
        push.save_template(TEMPLATE, "template", "到店通知", [("thing1", "商品")], "staff:1")
        Member.update(push_agreed_at=clock.now()).execute()
        settings.change(settings.PushRules, RULES)
        database.close()
        path = made.database_url.removeprefix("sqlite:///")
        notice = partial(_campaign, made.env, target, people)
        promotion = partial(notice, is_promotion=True)
        bare = partial(_bare, path, target, people)
        figure, limit, peer = in_turn(
            rounds,
            lambda _: _timed(people, notice),
            lambda _: _timed(people, bare),
            lambda _: _timed(min(people, 1_000), partial(_wechatpy, target, min(people, 1_000))),
        )
        show(line("broadcast", figure, limit, "messages/s", LIMIT_IS, f"{people} people a round"),
             line("broadcast:wechatpy", peer, limit, "messages/s", LIMIT_IS,
                  f"{THREADS} threads, nothing stored"))  # fmt: skip
        figure, limit = in_turn(
            rounds, lambda _: _timed(people, promotion), lambda _: _timed(people, bare)
        )
        show(line("broadcast:promotion", figure, limit, "messages/s", LIMIT_IS,
                  "each person's week is looked at twice"))  # fmt: skip


def _timed(count: int, run: Callable[[], None]) -> Round:
    cpu, started = time.process_time(), time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    return Round(count, seconds, cpu_ms=(time.process_time() - cpu) * 1000 / count)


def _campaign(
    env: dict[str, str], target: Server, people: int, is_promotion: bool = False
) -> None:
    forget_cache()
    run_fast(_send(env, target, people, is_promotion))
    found = Delivery.select().where(Delivery.state == "sent").count()
    assert found == people, f"{found} of {people} were sent"
    Delivery.delete().execute()
    OutboxRow.delete().execute()
    database.close()


async def _send(env: dict[str, str], target: Server, people: int, is_promotion: bool) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    config = parse(text, "config.yaml", env, ROOT)
    account = config.wechat.model_copy(update={"api_base": f"http://127.0.0.1:{target.port}"})
    store = store_for(database.obj, lock=False)
    async with new_session() as session:
        messenger = connect(account, session, fakeredis.FakeAsyncRedis()).messenger
        form = CampaignForm(
            title=f"到店通知{next(_numbers)}",
            carrier="template",
            is_promotion=is_promotion,
            content={"template_id": TEMPLATE, "values": VALUES, "url": URL},
            audience={"kind": "all"},
        )
        campaign_id = await store.write(push.draft_campaign, form, "staff:1")
        await store.write(push.start_campaign, campaign_id, "bench")
        for after in range(0, people + 1, sending.EXPAND):
            await store.write(sending.insert_next_deliveries, campaign_id, after)
        while await push.send_chunk(store, messenger, campaign_id, store.write, pause=_at_once):
            pass
    await store.close()


async def _at_once(_: float) -> None:
    """Return at once, since the limit per second is off."""


def _bare(path: str, target: Server, people: int) -> None:
    run_fast(_post(path, target, people))


async def _post(path: str, target: Server, people: int) -> None:
    url = f"http://127.0.0.1:{target.port}/cgi-bin/message/template/send?access_token=t"
    left, results = iter(range(1, people + 1)), []
    async with aiohttp.ClientSession() as session:

        async def one_after_the_other() -> None:
            for number in left:
                data = json.dumps(_body(number), ensure_ascii=False).encode()
                async with session.post(url, data=data) as answer:
                    found = json.loads(await answer.read())
                    assert found["errcode"] == 0
                    results.append((str(found["msgid"]), number))

        await asyncio.gather(*(one_after_the_other() for _ in range(SLOTS)))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sent (number INTEGER, msg_id TEXT)")
        connection.executemany("INSERT INTO sent (msg_id, number) VALUES (?, ?)", results)
        connection.commit()
    connection.close()


def _body(number: int) -> dict[str, Any]:
    data = {name: {"value": value} for name, value in VALUES.items()}
    return {"touser": openid(number), "template_id": TEMPLATE, "url": URL,
            "client_msg_id": f"d{number}", "data": data}  # fmt: skip


def _wechatpy(target: Server, people: int) -> None:
    from wechatpy import WeChatClient

    client = WeChatClient(APPID, "secret", "token")
    client.API_BASE_URL = f"http://127.0.0.1:{target.port}/cgi-bin/"
    client.session.set(f"{APPID}_access_token", "token", 7_000)
    client.expires_at = int(time.time()) + 7_000

    def one(number: int) -> None:
        found = client.message.send_template(
            openid(number), TEMPLATE, {"thing1": {"value": VALUES["thing1"]}}, url=URL
        )
        assert found["errcode"] == 0

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, range(1, people + 1)))


if __name__ == "__main__":
    main()
