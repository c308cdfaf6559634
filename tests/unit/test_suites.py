"""The selection of tests by database: each file has a suite, and omitted tests are counted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import suites
from tests.suites import FILES_ON_SERVERS, SAME_ON_ALL, SLOW, SUITES, TESTS, WHOLE_ON_SERVERS

POSTGRESQL = {"DATABASE_URL": "postgresql://root@127.0.0.1/shop"}
MYSQL = {"DATABASE_URL": "mysql://root@127.0.0.1/shop"}


def test_every_test_file_is_in_a_suite() -> None:
    files = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")]
    assert len(files) > 100
    homeless = [f.as_posix() for f in files if len(f.parts) < 2 or f.parts[0] not in SUITES]
    assert homeless == [], "a new folder of tests says in tests/suites.py what it proves"


def test_every_suite_has_tests() -> None:
    assert [name for name in SUITES if not [*TESTS.glob(f"{name}/**/test_*.py")]] == []


def test_files_that_run_on_servers_exist_and_are_named_once() -> None:
    assert set(SUITES) >= WHOLE_ON_SERVERS
    assert [name for name in sorted(FILES_ON_SERVERS) if not (TESTS / name).is_file()] == []
    assert [name for name in FILES_ON_SERVERS if name.split("/")[0] in WHOLE_ON_SERVERS] == []


@pytest.mark.parametrize("url", ["", "sqlite:////var/shop.sqlite3"])
@pytest.mark.parametrize("suite", SUITES)
def test_on_sqlite_all_tests_run(suite: str, url: str) -> None:
    why = suites.reason_against(
        f"{suite}/test_x.py", is_slow=False, is_asked_for=False, environment={"DATABASE_URL": url}
    )
    assert why == ""


@pytest.mark.parametrize("server", [POSTGRESQL, MYSQL])
@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("service/test_x.py", True), ("race/test_x.py", True), ("fault/test_x.py", True),
        ("service/test_store_promises.py", True), ("service/test_migrate.py", True),
        ("e2e/test_scale_out.py", True), ("face/admin/test_pages.py", True),
        ("unit/test_pricing.py", False), ("arch/test_layers.py", False),
        ("face/admin/test_gate.py", False), ("e2e/test_loop_browser.py", False),
    ],
)  # fmt: skip
def test_on_a_server_only_tests_that_may_differ_run(
    name: str, runs: bool, server: dict[str, str]
) -> None:
    def why(is_asked_for: bool, **more: str) -> str:
        return suites.reason_against(
            name, is_slow=False, is_asked_for=is_asked_for, environment=server | more
        )

    assert why(False) == ("" if runs else SAME_ON_ALL)
    assert why(True) == ""
    assert why(False, FULL="1") == ""


@pytest.mark.parametrize(
    ("environment", "runs"),
    [({}, False), (MYSQL, False), (POSTGRESQL, True), ({"FAULTS": "1"}, True),
     (MYSQL | {"FAULTS": "1"}, True)],
)  # fmt: skip
def test_tests_that_kill_servers_run_on_postgresql_or_with_faults(
    environment: dict[str, str], runs: bool
) -> None:
    for is_asked_for in (True, False):
        why = suites.reason_against(
            "fault/test_x.py", is_slow=True, is_asked_for=is_asked_for, environment=environment
        )
        assert why == ("" if runs else SLOW)


def test_a_command_line_selects_files_and_folders_unless_it_names_all() -> None:
    here = Path(__file__).relative_to(Path.cwd()).as_posix()
    assert suites.asked_for([f"{here}::test_x"]) == [Path(__file__)]
    assert suites.asked_for(["tests/unit"]) == [TESTS / "unit"]
    assert suites.asked_for(["tests", "."]) == []


def test_every_domain_package_can_be_checked_separately() -> None:
    packages = {path.parent.name for path in (TESTS.parent / "domain").glob("*/__init__.py")}
    assert sorted(set(suites.OF_PACKAGE) - packages) == []
    assert [name for name in sorted(packages) if not suites.files_of(name)] == []
    for package, parts in suites.OF_PACKAGE.items():
        names = [suites.named(path) for path in suites.files_of(package)]
        assert [part for part in parts if not any(part in n for n in names)] == [], package


def test_a_test_run_counts_the_omitted_tests() -> None:
    """Runs pytest with two folders; nothing connects to the named server."""
    others = [f"--ignore={TESTS / name}" for name in SUITES if name not in {"arch", "race"}]
    known = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "FAULTS", "FULL"}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:randomly", *others],
        capture_output=True, text=True, env=known | MYSQL, cwd=TESTS.parent, check=False,
    )  # fmt: skip
    counts = dict(re.findall(r"left out: (\d+) tests: (.+)", done.stdout))
    assert sorted(counts.values()) == sorted([SAME_ON_ALL, SLOW])
    assert min(int(count) for count in counts) > 0
    kept = set(re.findall(r"tests/(\w+)/test_\w+\.py", done.stdout))
    assert kept == {"race"}
