"""The demo as a process: it starts with a past, prints the addresses, and logs no warning."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _free_ports() -> int:
    """The first of three consecutive free ports."""
    for first in range(23_000 + os.getpid() % 2000, 60_000, 3):
        probes = [socket.socket() for _ in range(3)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first
    raise AssertionError("no port is free")


def _ignore_ctrl_c() -> None:
    """Ignore SIGINT, as in a process that a shell starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_a_demo_starts_without_warnings_and_ends_at_the_first_ctrl_c(tmp_path: Path) -> None:
    """The shop once requested WeChat's certificates before the simulated WeChat had started.

    It also reacted to Ctrl-C only some time after it had printed that Ctrl-C stops it.
    """
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    known = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    env = known | {"PYTHONPATH": str(ROOT), "PORT": str(_free_ports())}
    log = tmp_path / "demo.log"
    with log.open("wb") as out, subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--days", "30"], cwd=tmp_path, env=env,
        stdout=subprocess.PIPE, stderr=out, text=True, preexec_fn=_ignore_ctrl_c,
    ) as demo:  # fmt: skip
        assert demo.stdout is not None
        shown = ""
        try:
            while "Ctrl-C stops it." not in shown and (line := demo.stdout.readline()):
                shown += line
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)
        finally:
            demo.kill()  # otherwise the end of the block waits for the process
    said = log.read_text(encoding="utf-8") + shown
    assert "/admin/" in shown, said
    assert demo.returncode == 0, said
    with sqlite3.connect(next(tmp_path.rglob("*.sqlite3"))) as shop:
        (to_ship,) = shop.execute(
            "SELECT COUNT(*) FROM mall_order WHERE state = 'paid' AND delivery = 'express'"
        ).fetchone()
        invited = shop.execute(
            "SELECT m.nickname, m.avatar IS NOT NULL, i.sent_at IS NOT NULL, i.stopped_at IS NOT"
            " NULL FROM invitation i JOIN member m ON m.id = i.member_id"
            " WHERE m.nickname IN ('陈姐', '吴叔') ORDER BY i.id"
        ).fetchall()
        past = dict(shop.execute(
            "SELECT state, COUNT(*) FROM mall_order WHERE created_at < (SELECT MAX(created_at)"
            " FROM mall_order) - 86400000000 GROUP BY state"
        ))  # fmt: skip
        days = [day for (day,) in shop.execute(
            "SELECT day FROM bill_day WHERE bill = 'trade' AND state = 'read' ORDER BY day"
        )]  # fmt: skip
        kept = dict(shop.execute("SELECT state, 1 FROM pickup UNION SELECT state, 1 FROM gift"))
        (moved,) = shop.execute("SELECT offset_us FROM clock_offset").fetchone()
        agreed = dict(shop.execute("SELECT state, COUNT(*) FROM bill_line GROUP BY state"))
    assert to_ship == 12, "the ship sheet can be tried, and nothing of the past waits"
    assert past["completed"] >= 5, "there was trade a month ago"
    assert len(days) >= 25, "its bills were read"
    assert agreed.keys() == {"matched"}, "and agree with the book"
    assert kept.keys() == {"preparing", "ready", "collected", "waiting", "accepted"}
    assert moved == 0, "the clock is right again"
    assert invited == [("陈姐", 1, 1, 0), ("吴叔", 1, 1, 1)]
    assert re.findall(r"^.*(?:WARN|ERROR|Traceback).*$", said, re.MULTILINE) == []
