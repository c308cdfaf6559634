"""The chat under load, plain or encrypted: the shop, the limit, the floor and the peers."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.tools import chatting, peers
from bench.tools.processes import Server, generator, helper, redis_server, shop
from bench.tools.report import in_turn, line, show
from bench.tools.shop import fill_catalog, fill_members, new_shop

LIMIT_IS = "aiohttp: verify, parse, one member lookup, one Redis round trip, answer"


def measure(name: str, *, aes: bool, quick: bool) -> None:
    """Print the figure, then the floor and each peer against the same limit."""
    members, count, rounds = (50, 60, 1) if quick else (6_000, 3_000, 5)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(redis=redis, mode="safe" if aes else "plain"))
        fill_catalog(100)
        fill_members(members)
        how = "aes" if aes else "plain"
        path = made.database_url.removeprefix("sqlite:///")
        servers: dict[str, Server] = {
            name: stack.enter_context(shop(made.env, made.folder)),
            "limit": stack.enter_context(helper("bench.tools.limits", "chat", path, redis, how)),
            "floor": stack.enter_context(helper("bench.tools.limits", "floor")),
        }
        words: dict[str, Sequence[str]] = {}
        free = f"{name}:free"
        servers[free], words[free] = servers[name], chatting.free_sentences()
        absent = []
        for peer in peers.NEEDS:
            if lacking := peers.missing(peer):
                absent.append(f"{peer} left out: no {', '.join(lacking)}")
            else:
                servers[peer] = stack.enter_context(helper("bench.tools.peers", peer, how))
        loader = stack.enter_context(generator(folder))
        # each server gets other pushes, because the shop and the limit share a Redis
        runs = []
        for who, server in servers.items():
            said = words.get(who, (chatting.WORD,))
            file = loader.keep(chatting.shots(members, count * (rounds + 1), aes=aes, words=said))
            runs.append(
                lambda number, server=server, file=file: loader.fire(
                    server, file, number * count, count
                )
            )
        found = in_turn(rounds, *runs)
        runs[0](0)
        if aes:
            chatting.check_sealed(loader.samples, members)
        limit = found[1]
        note = "; ".join([f"Redis {redis.split(':')[0]}", *absent])
        for index, who in enumerate(servers):
            if who != "limit":
                title = who if who.startswith(name) else f"{name}:{who}"
                about = {name: note, free: f"{len(words[free])} free sentences"}
                show(line(title, found[index], limit, "messages/s", LIMIT_IS,
                          about.get(who, "fixed text, nothing looked up")))  # fmt: skip
