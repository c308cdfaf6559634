"""Import rules that import-linter can't express (see .importlinter), read from the source."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

import pytest

from tests.arch.source import ROOT, Module, modules

PLACED = {
    "app", "bot", "mall_h5", "admin", "gateways", "domain", "schema", "kernel", "simulator",
    "migrations", "scripts", "bench", "tests",
}  # fmt: skip
OURS = PLACED | {"models"}
DAY_OF_UTC = re.compile(
    r"now\(\)(\.replace\([^)]*(day|month|year|hour)=|\.(date\(|day\b|month|year)|:%)"
)
TOUR = ROOT / "docs" / "tour.md"


def test_each_top_level_package_is_placed() -> None:
    found = {module.path.parts[0] for module in modules()}
    assert found <= PLACED | {"models.py"}


def test_models_only_re_exports() -> None:
    tree = ast.parse((ROOT / "models.py").read_text(encoding="utf-8"))
    assert tree.body
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in {"schema", "kernel"}
        elif isinstance(node, ast.Assign):
            (target,) = node.targets
            assert isinstance(target, ast.Name)
            assert target.id in {"TABLES", "__all__"}
        else:
            assert isinstance(node, ast.Expr)
            assert isinstance(node.value, ast.Constant)


def _tops(module: Module) -> set[str]:
    return {name.split(".")[0] for name in module.imports}


def test_only_the_domain_imports_models() -> None:
    allowed = ("domain/", "tests/", "bench/")
    guilty = [m.name for m in modules() if "models" in _tops(m) and not m.name.startswith(allowed)]
    assert guilty == []


def test_nobody_but_models_imports_the_schema() -> None:
    guilty = [
        m.name for m in modules()
        if "schema" in _tops(m) and not m.name.startswith(("models.py", "schema/"))
    ]  # fmt: skip
    assert guilty == []


def test_the_simulator_imports_nothing_of_ours() -> None:
    guilty = {
        m.name: found for m in modules("simulator") if (found := (_tops(m) & OURS) - {"simulator"})
    }
    assert guilty == {}


def test_no_shipped_code_imports_the_tests() -> None:
    shipped = [m for m in modules() if m.path.parts[0] not in {"tests", "bench", "scripts"}]
    assert [m.name for m in shipped if {"tests", "bench", "scripts"} & _tops(m)] == []


@pytest.mark.parametrize("package", ["domain", "schema"])
def test_verbs_do_not_swallow_the_databases_own_errors(package: str) -> None:
    """The store must see a deadlock: it runs the verb again from its beginning."""
    banned = {"OperationalError", "InterfaceError", "DatabaseError", "PeeweeException"}
    guilty = {
        m.name: found
        for m in modules(package)
        if (found := banned & {n.id for n in m.nodes if isinstance(n, ast.Name)})
    }
    assert guilty == {}


def test_time_is_read_from_the_clock_only() -> None:
    """Business time has an offset; code that reads the system's time would ignore it."""
    banned = {
        "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
        "datetime.datetime.now", "datetime.date.today", "time.time_ns",
    }  # fmt: skip
    guilty = {
        m.name: found
        for package in ("domain", "schema", "bot", "mall_h5", "admin", "gateways")
        for m in modules(package)
        if (found := banned & {ast.unparse(c.func) for c in m.calls()})
    }
    assert guilty == {}


def test_dates_are_the_shop_s_and_not_utc_s() -> None:
    """From midnight to eight, the date in UTC is the shop's yesterday.

    Earlier, two tests failed at that time.
    """
    guilty = [
        f"{m.name}:{line}"
        for m in modules()
        for line, text in enumerate(m.text.splitlines(), 1)
        if DAY_OF_UTC.search(text)
    ]
    assert guilty == []


def test_no_verb_ends_a_shared_transaction() -> None:
    """On SQLite several verbs share a transaction; these calls would end or leave it."""
    guilty = []
    for package in ("domain", "schema", "kernel"):
        for m in modules(package):
            text = m.text.upper()
            found = [word for word in ("OR ROLLBACK", "DEFERRABLE") if word in text]
            calls = {ast.unparse(c.func) for c in m.calls()}
            found += [
                c for c in calls
                if c.endswith((".after_commit", ".manual_commit", ".session_commit"))
            ]  # fmt: skip
            if found:
                guilty.append((m.name, found))
    assert guilty == []


def test_each_domain_package_has_a_docstring() -> None:
    folders = sorted(p for p in (ROOT / "domain").iterdir() if any(p.glob("*.py")))
    assert len(folders) > 10
    for package in folders:
        init = package / "__init__.py"
        assert init.exists(), package.name
        assert ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))), package.name


def test_role_files_have_the_same_names_everywhere() -> None:
    """Modules of pure rules read neither tables nor the clock."""
    guilty = [
        m.name for m in modules("domain")
        if (m.path.name == "rules.py" or "rules" in m.path.parts)
        and ("models" in _tops(m) or "kernel.clock.now" in m.imports or _reads_clock(m))
    ]  # fmt: skip
    assert guilty == []


def _reads_clock(module: Module) -> bool:
    return any(ast.unparse(c.func) == "clock.now" for c in module.calls())


def test_every_module_is_parsed() -> None:
    names = {m.name for m in modules()}
    assert {"kernel/store/sqlite.py", "domain/outbox/worker.py", "models.py"} <= names
    assert not any(Path(n).parts[0].startswith(".") for n in names)


def test_the_tour_s_diagram_of_floors_equals_import_linter_s() -> None:
    """Earlier, the diagram showed packages on floors that had changed."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    lines = config["importlinter:contract:domain"]["layers"].split("\n")
    parts = "\n".join(line for line in lines if not line.startswith(";")).replace(":", "\n")
    pictures = re.findall(r"```mermaid\n(.*?)```", TOUR.read_text(encoding="utf-8"), re.DOTALL)
    (picture,) = [p for p in pictures if "subgraph ground" in p]
    drawn = [
        name
        for line in picture.splitlines()
        if not re.search(r"flowchart|subgraph|-->|^\s*end$", line)
        for name in line.replace("~~~", " ").split()
    ]
    assert drawn == parts.split()
