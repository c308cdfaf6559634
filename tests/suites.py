"""Decides which tests run on which database. ``docs/testing.md`` has the reasons.

Without ``DATABASE_URL`` all tests run on SQLite. If it names a server, only those tests run whose
result may differ there: some whole folders, and single files of others. The end of the run shows
the number of tests that were left out, by reason. Files and folders named on the command line run
on any engine; ``FULL=1`` runs everything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

TESTS = Path(__file__).parent

# Every folder with tests, and what the tests prove.
SUITES = {
    "arch": "the source keeps its rules",
    "unit": "pure functions and single parts",
    "contract": "WeChat and we understand each other",
    "fuzz": "no input breaks a door",
    "service": "the rules of each domain, on the store",
    "race": "many at once, and the books agree",
    "face": "what a person sees and can do",
    "security": "what a person may not do",
    "fault": "servers that fail or are killed",
    "e2e": "the shop as a whole, in processes and browsers",
}

# These folders run on a server: they test SQL, locks, and what survives a crash.
WHOLE_ON_SERVERS = frozenset({"service", "race", "fault"})

# These files run on a server too. They search, sort or sum, or they write text and numbers that
# SQLite accepts and a server refuses (lengths, ranges, NUL, four-byte characters), or they run
# the whole shop.
FILES_ON_SERVERS = frozenset(
    {
        "e2e/test_backup_commands.py",
        "e2e/test_backup_restore.py",
        "e2e/test_loop.py",
        "e2e/test_scale_out.py",
        "face/mall/seller/test_settings.py",
        "face/mall/test_links.py",
        "face/mall/trade/test_aftersales.py",
        "face/mall/trade/test_buying.py",
        "face/mall/trade/test_checkout.py",
        "face/mall/trade/test_orders.py",
        "face/mall/trade/test_paying.py",
        "face/mall/trade/test_quantities.py",
        "face/admin/test_answers.py",
        "face/admin/test_approvals.py",
        "face/admin/test_audit.py",
        "face/admin/test_house.py",
        "face/admin/test_pages.py",
        "face/admin/test_ship_sheet.py",
        "face/admin/test_sorting.py",
        "face/admin/test_typed_doors.py",
        "face/admin/test_typed_money.py",
        "face/admin/test_work.py",
        "face/test_chat_delivery.py",
        "face/test_chat_odd_bytes.py",
        "face/test_chat_selling.py",
        "face/test_chat_talk.py",
        "face/test_names_and_numbers.py",
        "fuzz/test_fuzz_forms.py",
        "fuzz/test_fuzz_notify.py",
        "fuzz/test_fuzz_text.py",
        "fuzz/test_fuzz_webhook.py",
        "security/test_guessing.py",
        "security/test_logs.py",
        "security/test_odd_addresses.py",
        "security/test_route_matrix.py",
    }
)

SAME_ON_ALL = "the engine makes no difference; they run in the SQLite round"
SLOW = "slow: they run once, in the PostgreSQL round, or with FAULTS=1"

# For `make check PKG=…`: parts of the paths of a domain package's test files, with those of its
# pages. For a package that is not listed the part is its own name.
OF_PACKAGE = {
    "audit": ("audit", "test_staff", "admin/test_desk"),
    "cart": ("cart", "trade/test_checkout", "trade/test_quantities"),
    "catalog": ("catalog", "strike_price", "store_prepared", "admin/test_work"),
    "chat_answers": ("chat_answers", "chat_masking", "bot_wording", "admin/test_answers"),
    "distribution": ("distribution", "commission", "mall/seller/", "chat_selling"),
    "exports": ("admin/test_lists",),
    "imports": ("ship_sheet", "sheets_reading"),
    "gate": ("refund_gate", "withdrawal_races"),
    "after_restore_hold": ("recovery",),
    "ledger": ("ledger", "distribution_invariants"),
    "members": ("members", "chat_oauth", "me/test_profile", "names_and_numbers"),
    "naming": ("lookalikes", "names_and_numbers"),
    "orders": ("orders", "trade/test_checkout", "admin/test_work"),
    "overview": ("faults_in_words", "admin/test_house"),
    "personal_data": ("deletion",),
    "rights": ("test_rights", "test_requests"),
    "payments": ("payments", "refund_gate", "trade/test_paying"),
    "payouts": ("withdrawal", "mall/seller/"),
    "pricing": ("pricing", "trade/test_checkout"),
    "promotions": ("promotions", "offer", "limited_price", "trade/test_checkout"),
    "push": ("push", "template_values", "notices", "chat_talk"),
    "reconcile": ("reconcile", "admin/test_house"),
    "refusals": ("refusal",),
    "segments": ("push_campaigns", "query_plans"),
    "service_desk": ("service_desk", "me/test_complaint", "chat_talk"),
    "settings": ("settings_kept", "admin/test_typed_doors"),
    "system_state": ("system_state",),
    "staff": ("test_staff", "admin/test_account", "admin/test_gate", "admin/test_enrolment"),
}
CHECKED = ("service", "unit", "face")


def files_of(package: str) -> list[Path]:
    """The test files of a domain package and of its pages."""
    parts = OF_PACKAGE.get(package, (package,))
    files = (p for folder in CHECKED for p in sorted((TESTS / folder).rglob("test_*.py")))
    return [path for path in files if any(part in named(path) for part in parts)]


def named(path: Path) -> str:
    """The path of a test file, relative to ``tests``."""
    return path.relative_to(TESTS).as_posix()


def is_server(environment: Mapping[str, str] = os.environ) -> bool:
    """True if ``DATABASE_URL`` names a server."""
    url = environment.get("DATABASE_URL", "")
    return bool(url) and not url.startswith("sqlite")


def runs_on_servers(name: str) -> bool:
    """True if a test file (its path relative to ``tests``) runs on a server."""
    return PurePosixPath(name).parts[0] in WHOLE_ON_SERVERS or name in FILES_ON_SERVERS


def reason_against(
    name: str, *, is_slow: bool, is_asked_for: bool, environment: Mapping[str, str] = os.environ
) -> str:
    """Why a test of this file does not run now; empty if it runs."""
    on_postgresql = environment.get("DATABASE_URL", "").startswith("postgresql")
    if is_slow and not on_postgresql and not environment.get("FAULTS"):
        return SLOW
    if not is_server(environment) or is_asked_for or environment.get("FULL"):
        return ""
    return "" if runs_on_servers(name) else SAME_ON_ALL


def asked_for(arguments: list[str]) -> list[Path]:
    """The files and folders below ``tests`` that a command line names; not ``tests`` itself."""
    paths = [Path(argument.split("::")[0]).resolve() for argument in arguments]
    return [path for path in paths if TESTS in path.parents]


# --- hooks of pytest (registered by tests/conftest.py)
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put tests of the source on one worker, so that the source is parsed only once."""
    if TESTS / "arch" in item.path.parents or item.get_closest_marker("source"):
        item.add_marker(pytest.mark.xdist_group("arch"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of other rounds, and count them."""
    asked = asked_for(config.args)
    counts: dict[str, int] = {}
    kept, left = [], []
    for item in items:
        why = reason_against(
            named(item.path),
            is_slow="slow" in item.keywords,
            is_asked_for=any(item.path == a or a in item.path.parents for a in asked),
        )
        (left if why else kept).append(item)
        if why:
            counts[why] = counts.get(why, 0) + 1
    items[:] = kept
    config.stash[LEFT_OUT] = counts
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = counts
    if left:
        config.hook.pytest_deselected(items=left)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Keep the counts of one xdist worker; all workers collect the same tests."""
    config: pytest.Config | None = getattr(node, "config", None)
    counts = getattr(node, "workeroutput", {}).get("left_out")
    if config is not None and counts is not None:
        config.stash[LEFT_OUT] = counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the numbers of tests that were left out, also with ``-q``."""
    for why, count in sorted(terminalreporter.config.stash.get(LEFT_OUT, {}).items()):
        terminalreporter.write_line(f"left out: {count} tests: {why}")


if __name__ == "__main__":
    found = [path.relative_to(TESTS.parent).as_posix() for path in files_of(sys.argv[1])]
    sys.stdout.write(" ".join(found))
