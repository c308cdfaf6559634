"""PostgreSQL, MariaDB and Redis for one test, in a temporary folder on free ports.

A test may kill, stop and restart them. The servers that other tests use are never touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.harness.ports import free_port
from tests.harness.processes import Process

READY_SECONDS = 60.0


class Missing(Exception):
    """The program is not installed; the message names it."""


def _as(user: str, folder: Path) -> list[str]:
    """The command prefix that runs a server as another user; servers refuse to run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


def _wait(ask: Callable[[], object], server: Process) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            ask()
        except Exception as error:
            if time.monotonic() > until or not server.is_running():
                raise AssertionError(f"{server.name} does not answer:\n{server.tail()}") from error
            time.sleep(0.05)
        else:
            return


class Postgres:
    """A PostgreSQL cluster."""

    def __init__(self, folder: Path) -> None:
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not places:
            raise Missing("postgres is not installed")
        bin_folder = places[-1].parent
        self.port = free_port()
        self.url = f"postgresql://root@127.0.0.1:{self.port}/fault"
        folder.mkdir()
        before = _as("postgres" if _is_user("postgres") else "nobody", folder)
        initdb = [str(bin_folder / "initdb"), "-D", f"{folder}/data", "-U", "root"]
        initdb += ["--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run([*before, *initdb], capture_output=True, check=False, cwd="/")
        assert made.returncode == 0, made.stderr.decode()
        command = [str(bin_folder / "postgres"), "-D", f"{folder}/data", "-p", str(self.port)]
        for option in (
            "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}",
            "max_connections=60", "restart_after_crash=on",
        ):  # fmt: skip
            command += ["-c", option]
        self._data = folder / "data"
        self.process = Process("postgres", [*before, *command], folder.parent)

    def start(self) -> Postgres:
        """Start it, and make its database at the first start."""
        from kernel.store.factory import make_database

        self.process.start()
        system = make_database(self.url.replace("/fault", "/postgres"))

        def ready() -> None:
            names = [n for (n,) in system.execute_sql("SELECT datname FROM pg_database")]
            if "fault" not in names:
                system.execute_sql("CREATE DATABASE fault")
            system.close()

        _wait(ready, self.process)
        return self

    def restart_at_once(self) -> None:
        """Restart in ``immediate`` mode: every session is cut as in a crash; then it recovers."""
        self.kill()
        self.start()

    def kill(self) -> None:
        """Send SIGQUIT to the server: an immediate shutdown."""
        pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 3)
        self.process.wait()

    def stop(self) -> None:
        """Stop it at the end of the test."""
        if self.process.is_running():
            self.kill()


class MariaDb:
    """A MariaDB server."""

    def __init__(self, folder: Path) -> None:
        server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
        if server is None or install is None:
            raise Missing("mariadbd is not installed")
        self.port = free_port()
        self.url = f"mysql://root@127.0.0.1:{self.port}/fault"
        folder.mkdir()
        user = "mysql" if _is_user("mysql") else "nobody"
        root = os.geteuid() == 0
        if root:
            _as(user, folder)
        mine = ["--no-defaults", f"--datadir={folder}/data", *([f"--user={user}"] if root else [])]
        # a starting server deletes others' temporary tables in TMPDIR
        made = subprocess.run(
            [install, *mine, "--auth-root-authentication-method=normal"],
            capture_output=True, check=False, env=os.environ | {"TMPDIR": str(folder)},
        )  # fmt: skip
        assert made.returncode == 0, made.stderr.decode()
        command = [
            server, *mine, f"--port={self.port}", "--bind-address=127.0.0.1",
            f"--socket={folder}/socket", "--innodb-flush-log-at-trx-commit=1",
            f"--tmpdir={folder}",
        ]  # fmt: skip
        self.process = Process("mariadb", command, folder.parent)

    def start(self) -> MariaDb:
        """Start it, and make its database at the first start."""
        from kernel.store.factory import make_database

        self.process.start()
        system = make_database(self.url.replace("/fault", "/mysql"))

        def ready() -> None:
            names = [n for (n,) in system.execute_sql("SHOW DATABASES").fetchall()]
            if "fault" not in names:
                system.execute_sql("CREATE DATABASE fault")
            system.close()

        _wait(ready, self.process)
        return self

    def restart_at_once(self) -> None:
        """Kill it, as in a crash, and start it; then it recovers."""
        self.process.kill()
        self.start()

    def stop(self) -> None:
        """Stop it at the end of the test."""
        self.process.kill()


class RedisServer:
    """A Redis server without persistence."""

    def __init__(self, folder: Path) -> None:
        server = shutil.which("redis-server")
        if server is None:
            raise Missing("redis-server is not installed")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        folder.mkdir()
        command = [server, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = Process("redis", [*command, "--dir", str(folder)], folder.parent)

    def start(self) -> RedisServer:
        """Start it."""
        import redis

        self.process.start()

        def ready() -> None:
            client = redis.Redis.from_url(self.url, socket_timeout=2)
            client.ping()
            client.close()

        _wait(ready, self.process)
        return self

    def flush(self) -> None:
        """Delete all its data."""
        import redis

        client = redis.Redis.from_url(self.url, socket_timeout=5)
        client.flushall()
        client.close()

    def stop(self) -> None:
        """Stop it, now or at the end of the test."""
        self.process.go_on()
        self.process.kill()


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
