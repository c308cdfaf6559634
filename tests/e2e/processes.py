"""A shop of several processes: web processes behind nginx, workers, and the simulated WeChat.

Each is a real process on a free port. The test is a client of them and also reads the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from app.demo import account_templates
from domain.outbox import queries as outbox_queries
from kernel import clock
from kernel.config import Config, parse
from kernel.crypto import Vault, install_vault
from kernel.ids import token
from kernel.store import open_store
from simulator.keys import DemoKeys
from tests.harness.forked import Forked
from tests.harness.keys import shared_keys
from tests.harness.ports import free_port
from tests.harness.world import ROOT, World

NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
START_SECONDS = 60.0


@dataclass
class Cluster:
    """The processes by name, their ports, and their common configuration."""

    folder: Path
    database: str
    redis: str
    keys: DemoKeys = field(default_factory=shared_keys)
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    front: str = ""

    def __post_init__(self) -> None:
        names = ("wechat", "nginx", "web1", "web1-private", "web2", "web2-private",
                 "worker1-private", "worker2-private")  # fmt: skip
        self.ports = {name: free_port() for name in names}
        entry = "nginx" if NGINX else "web2"
        self.front = f"http://127.0.0.1:{self.ports[entry]}"
        (self.folder / "merchant.pem").write_text(self.keys.merchant_private_key)
        (self.folder / "wechatpay.pem").write_text(self.keys.wechatpay_public_key)

    def url(self, name: str) -> str:
        """The address of a process."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def environment(self, name: str = "web1") -> dict[str, str]:
        """The environment of a process. It reads the repository's config.yaml."""
        wechat = self.url("wechat")
        return {
            "FENMALL_ENV": "test", "FENMALL_PUBLIC_URL": self.front,
            "PORT": str(self.ports.get(name, 0)),
            "FENMALL_PRIVATE_PORT": str(self.ports[f"{name}-private"]),
            "FENMALL_WORKER_PRIVATE_PORT": str(self.ports[f"{name}-private"]),
            "DATABASE_URL": self.database, "REDIS_URL": self.redis,
            "FENMALL_UPLOADS": str(self.folder / "uploads"), "FENMALL_LOG_LEVEL": "warning",
            "IDENTITY_URL": wechat,
            "WECHAT_API_BASE": wechat, "WECHAT_OPEN_BASE": wechat, "WECHAT_MP_BASE": wechat,
            "WECHAT_JSSDK_URL": f"{wechat}/open/js/jweixin-1.6.0.js", "PAY_API_BASE": wechat,
            "PAY_PRIVATE_KEY": str(self.folder / "merchant.pem"),
            "PAY_PUBLIC_KEY": str(self.folder / "wechatpay.pem"),
        }  # fmt: skip

    def config(self) -> Config:
        """The configuration of the processes."""
        text = (ROOT / "config.yaml").read_text(encoding="utf-8")
        return parse(text, "config.yaml", self.environment(), self.folder)

    def run(self, command: str) -> None:
        """Run a command and wait for its end."""
        status, said = self.ask(command)
        assert status == 0, said[-2000:]

    def ask(self, *command: str) -> tuple[int, str]:
        """Run a command while web1 runs; returns its exit status and output."""
        log = self.folder / f"command-{token(6)}.log"
        status = Forked("app", command, ROOT, os.environ | self.environment(), log).wait(120)
        return status, log.read_text(encoding="utf-8")

    def start(self, name: str, *program: str, environment: dict[str, str] | None = None) -> None:
        """Start a process; its output goes to a file."""
        with (self.folder / f"{name}.log").open("ab") as said:
            self.running[name] = subprocess.Popen(
                program, env=os.environ | (environment or {}), cwd=ROOT, stdout=said, stderr=said
            )

    def start_app(self, name: str, command: str) -> None:
        """Start a web process or a worker."""
        program = (sys.executable, "-W", "error::DeprecationWarning:app", "-m", "app", command)
        self.start(name, *program, environment=self.environment(name))

    async def is_well(self, name: str) -> None:
        """Wait until a restarted process answers on its private port."""
        async with aiohttp.ClientSession() as http:
            await answers(http, f"{self.url(f'{name}-private')}/health", self)

    async def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """Stop a process and wait for it; returns its exit status."""
        process = self.running.pop(name)
        process.send_signal(number)
        return await asyncio.to_thread(process.wait, 60)

    def said(self, name: str) -> str:
        """The output of a process."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def complaints(self) -> str:
        """The last output of each process, for the message of a failed test."""
        said = {
            path.stem: path.read_text("utf-8", "replace") for path in self.folder.glob("*.log")
        }
        return "\n".join(f"-- {name}: {text[-3000:]}" for name, text in said.items() if text)

    def start_wechat(self) -> None:
        """Start the simulator. It uses the clock of web2, because the test stops web1."""
        settings = {
            "app_base_url": self.front, "public_url": self.url("wechat"), "time_scale": 0.02,
            "clock_url": f"{self.url('web2-private')}/clock", "templates": account_templates(),
            "push_timeout_s": 10.0, "notify_timeout_s": 10.0, **self.keys.for_settings(),
        }  # fmt: skip
        path = self.folder / "wechat.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        self.start(
            "wechat",
            sys.executable,
            "-m",
            "simulator",
            "--config",
            str(path),
            "--port",
            str(self.ports["wechat"]),
        )

    def start_nginx(self) -> None:
        """Start nginx with the upstream and proxy settings of ``deploy``, without TLS."""
        assert NGINX is not None
        path = self.folder / "nginx.conf"
        path.write_text(nginx_config(self), encoding="utf-8")
        self.start("nginx", NGINX, "-p", str(self.folder), "-c", str(path), "-e", "stderr")


def nginx_config(cluster: Cluster) -> str:
    """``deploy/nginx.conf`` for loopback: the same upstream and proxy rules, other addresses."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    rules = text[text.index("    location / {") :]
    rules = rules[: rules.index("    }\n") + len("    }\n")]
    servers = "".join(
        f"    server 127.0.0.1:{cluster.ports[name]} max_fails=2 fail_timeout=5s;\n"
        for name in ("web1", "web2")
    )
    upstream = text[text.index("  upstream web {") : text.index("  server {")]
    kept = "".join(re.findall(r"^ +keepalive\S* \S+;\n", upstream, re.MULTILINE))
    temporary = "".join(
        f"  {kind}_temp_path {cluster.folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        "daemon off;\nmaster_process off;\nworker_processes 1;\n"
        f"pid {cluster.folder}/nginx.pid;\nerror_log stderr warn;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\n  access_log off;\n{temporary}"
        f"  upstream web {{\n    zone web 64k;\n{servers}{kept}  }}\n"
        f"  server {{\n    listen 127.0.0.1:{cluster.ports['nginx']};\n{rules}  }}\n}}\n"
    )


class Rest:
    """Waits until the workers of all processes have nothing left to do."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def settle(self, seconds: float = 30.0) -> None:
        """Wait until twice in a row nothing is due and nothing is being worked on.

        A message that waits for the end of the quiet hours is not due before.
        """
        quiet, deadline = 0, time.monotonic() + seconds
        while quiet < 2 and time.monotonic() < deadline:
            counts = await self._store.read(outbox_queries.counts)
            is_idle = counts.lag <= timedelta(0) and counts.leased == 0
            quiet = quiet + 1 if is_idle else 0
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def open_cluster(cluster: Cluster) -> AsyncIterator[World]:
    """Migrate, seed and start everything; yields a world whose phones connect to nginx."""
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(stop_all, cluster)
        cluster.start_wechat()
        cluster.run("migrate")
        cluster.run("seed")
        for name in ("web1", "web2"):
            cluster.start_app(name, "serve")
        for name in ("worker1", "worker2"):
            cluster.start_app(name, "worker")
        if NGINX:
            cluster.start_nginx()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        ready = [
            f"{cluster.url(n)}/health"
            for n in ("web1-private", "web2-private", "worker1-private", "worker2-private")
        ]
        for url in (*ready, f"{cluster.front}/readyz", f"{cluster.url('wechat')}/_sim/clock"):
            await answers(http, url, cluster)
        install_vault(Vault.from_secret(cluster.config().secret_key))
        store = open_store(cluster.database, threads=4)
        stack.push_async_callback(store.close)
        runtime: Any = SimpleNamespace(store=store, config=cluster.config())
        world = World(runtime, cluster.front, cluster.url("wechat"), http)
        world.worker, world.stack = Rest(store), stack
        follow = asyncio.create_task(_follow_clock(store))
        stack.callback(follow.cancel)
        try:
            yield world
        except BaseException as error:
            error.add_note(cluster.complaints())
            raise


async def _follow_clock(store: Any) -> None:
    """Set this process's business clock to that of the shop."""
    from domain.clock_offset import load_offset

    while True:
        clock.set_offset(await store.read(load_offset))
        await asyncio.sleep(0.2)


async def answers(http: aiohttp.ClientSession, url: str, cluster: Cluster) -> None:
    """Wait until a process answers; fails with its output if it has ended."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        for name, process in cluster.running.items():
            assert process.poll() is None, f"{name} ended: {cluster.said(name)[-2000:]}"
        with contextlib.suppress(aiohttp.ClientError):
            async with http.get(url) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


async def stop_all(cluster: Cluster) -> None:
    """Stop every process that this cluster started."""
    for process in cluster.running.values():
        process.terminate()
    for process in cluster.running.values():
        try:
            await asyncio.to_thread(process.wait, 30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
