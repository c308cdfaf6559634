"""Size limits, docstrings, no local paths, and a clean lock file."""

from __future__ import annotations

import ast
import re
import tomllib

from tests.arch.source import ROOT, files, modules

FILE_LINES = 600
FUNCTION_LINES = 70
GENERATED = {"migrations/0001_initial.py"}
TEXTS = (
    ".py", ".md", ".toml", ".yaml", ".yml", ".html", ".css", ".js", ".json", ".lock", ".sh",
    ".txt", ".cfg", ".ini",
)  # fmt: skip


def test_no_file_is_too_long() -> None:
    long = {
        m.name: count
        for m in modules()
        if m.name not in GENERATED and (count := len(m.text.splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = []
    for m in modules():
        for function in m.functions():
            count = (function.end_lineno or function.lineno) - function.lineno + 1
            if count > FUNCTION_LINES:
                long.append(f"{m.name}:{function.lineno} {function.name}: {count} lines")
    assert long == []


def test_each_module_has_a_docstring() -> None:
    silent = [m.name for m in modules() if m.text.strip() and not ast.get_docstring(m.tree)]
    assert silent == []


def test_public_functions_of_the_inner_layers_have_docstrings() -> None:
    silent = []
    for package in ("kernel", "domain"):
        for m in modules(package):
            for node in m.tree.body:
                is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                if is_function and not node.name.startswith("_") and not ast.get_docstring(node):
                    silent.append(f"{m.name}:{node.lineno} {node.name}")
    assert silent == []


def test_prepared_statements_of_the_domain_lie_in_statements() -> None:
    """Only hot paths have prepared statements; one file per package shows all of them."""
    elsewhere = [
        m.name
        for m in modules("domain")
        if not m.name.endswith("/statements.py") and imports_prepared(m.tree)
    ]
    assert elsewhere == []
    assert imports_prepared(ast.parse("from kernel.store import insert_once, prepared"))


def imports_prepared(tree: ast.Module) -> bool:
    """True if a module imports ``prepared`` or ``Prepared`` from the store."""
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("kernel.store")
        and any(alias.name.lower() == "prepared" for alias in node.names)
        for node in ast.walk(tree)
    )


def test_no_path_of_a_machine_and_no_registry_host() -> None:
    banned = re.compile(
        r"(?<![\w/.:])/(?:work|root|home/\w+|Users/\w+|opt/pypi|opt/wheels)/"
        r"|files\.pythonhosted\.org|registry\.npmjs\.org|--(?:extra-)?index-url"
    )
    guilty = []
    for path in files(*TEXTS):
        if path.parts[0] == "static" and "vendor" in path.parts:
            continue
        if path.name == "test_source.py":
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            if found := banned.search(line):
                guilty.append(f"{path}:{number}: {found.group()}")
    assert guilty == []


def test_the_lock_file_has_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==", text, re.MULTILINE)
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(pins) == len([e for e in entries if "==" in e]) > 40
    assert all("--hash=sha256:" in e for e in entries if "==" in e)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    asked = {_normal(re.split(r"[\[<>=~! ;]", line)[0]) for line in wanted}
    assert sorted(asked - {_normal(pin) for pin in pins}) == []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
