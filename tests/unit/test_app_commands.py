"""Errors of commands about ports and databases are explained."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from app import commands, demo, processes, server
from app.arguments import parser
from kernel.migrate import MigrationError
from kernel.store.sqlite import AlreadyRunning
from tests.face.chat import config_with
from tests.harness.ports import free_port


def held(_: Any) -> Any:
    raise AlreadyRunning("var/fenmall.sqlite3.lock")


async def test_a_server_on_another_port_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands.migrate, "pending", lambda _: [])
    monkeypatch.setattr(commands, "open_runtime", held)
    config = config_with()
    port = free_port()
    config = config.model_copy(
        update={"http": config.http.model_copy(update={"private_port": port})}
    )
    assert await commands.run(config, parser().parse_args(["admin", "code", "owner"])) == 2
    said = capsys.readouterr().err
    assert f"does not answer at 127.0.0.1:{port}" in said
    assert "FENMALL_PRIVATE_PORT" in said


def test_web_and_worker_of_one_configuration_have_different_ports() -> None:
    http = config_with().http
    assert len({http.port, http.private_port, http.worker_private_port}) == 3


async def test_a_port_in_use_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        async def serve(_: object) -> None:
            async with server.listen(web.Application(), "127.0.0.1", port):
                raise AssertionError("two listen on one port")

        monkeypatch.setattr(processes, "_serve", serve)
        monkeypatch.setattr(processes.migrate, "pending", lambda _: [])
        monkeypatch.setattr(processes.logs, "setup", lambda _: None)
        assert await asyncio.to_thread(processes.run, "serve", config_with()) == 2
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port} is taken" in said
    assert "FENMALL_WORKER_PRIVATE_PORT" in said


@pytest.mark.parametrize(
    ("private", "prefix"), [(8082, "again: .venv"), (8482, "PORT=8482 .venv")]
)
async def test_the_demo_says_how_to_ask_for_a_code_again(private: int, prefix: str) -> None:
    async def read(*_: object) -> str:
        return "123456"

    runtime: Any = SimpleNamespace(
        store=SimpleNamespace(read=read),
        config=SimpleNamespace(http=SimpleNamespace(private_port=private)),
    )
    told = await demo.welcome(runtime, private - 2)
    assert "123456" in told
    assert f"{prefix}/bin/python -m app admin code owner)" in told


def test_the_demo_explains_that_its_database_is_outdated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def changed(_: object) -> list[str]:
        raise MigrationError("0001_initial was changed after it was applied")

    monkeypatch.setattr(processes, "_demo_environment", lambda _: None)
    monkeypatch.setattr(processes, "_demo_keys", lambda: None)
    monkeypatch.setattr(processes, "_is_free", lambda _: True)
    monkeypatch.setattr(processes, "load", lambda _: config_with())
    monkeypatch.setattr(processes.logs, "setup", lambda _: None)
    monkeypatch.setattr(processes.migrate, "migrate", changed)
    assert processes.demo(Path("config.yaml")) == 2
    assert capsys.readouterr().err == "0001_initial was changed after it was applied\n"
