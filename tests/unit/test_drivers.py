"""A process imports only the driver of its own database."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOOK = """
import json, sys
import app.__main__
early = "peewee" in sys.modules
from kernel.drivers import leave_out_other_drivers
leave_out_other_drivers(sys.argv[1])
import app.server
names = ("psycopg", "pymysql", "zhconv", "pkg_resources", "fakeredis", "simulator")
print(json.dumps([early, [name for name in names if sys.modules.get(name) is not None]]))
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.sqlite3", []),
        ("postgresql://root@127.0.0.1/x", ["psycopg"]),
        ("mysql://root@127.0.0.1/x", ["pymysql"]),
    ],
)
def test_a_web_process_imports_only_its_engine_s_driver(url: str, expected: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LOOK, url], capture_output=True, check=True)
    assert json.loads(done.stdout) == [False, expected]
