"""Other packages import a domain package only by its ``__init__``, ``ports`` and ``events``."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.arch.source import ROOT, Module, modules

SHIPPED = ("admin", "app", "bot", "domain", "gateways", "mall_h5")
DOORS = {"ports", "events"}
"""Allowed besides ``__init__``; ``app`` may import ``wiring``. Benchmarks and tests are free."""


def test_no_inner_module_of_a_domain_package_is_imported_outside() -> None:
    guilty = [
        f"{module.name}:{line} {past}"
        for package in SHIPPED
        for module in modules(package)
        for line, past in _entered(module)
    ]
    assert guilty == []


def test_all_lists_the_exported_names() -> None:
    """``__all__`` lists what others may import, and nothing that does not exist."""
    inits = sorted((ROOT / "domain").glob("*/__init__.py"))
    assert len(inits) > 20
    for init in inits:
        tree = ast.parse(init.read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert _exported(init.parent.name) == imported | defined, init.parent.name


def test_an_import_of_an_inner_module_is_found() -> None:
    for line in (
        "from domain.orders.steps import step",
        "from domain.orders import steps",
        "from domain.orders import wiring",
        "import domain.orders.steps",
        "from domain import orders\norders.steps.step()",
    ):
        module = Module(Path("admin/x.py"), line, ast.parse(line))
        assert _entered(module), line
    allowed = "from domain.orders import ship\nfrom domain.orders.events import OrderPaid"
    assert not _entered(Module(Path("admin/x.py"), allowed, ast.parse(allowed)))


def _entered(module: Module) -> list[tuple[int, str]]:
    """The lines on which a module imports an inner module of another package."""
    found = []
    for node in module.nodes:
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = f"domain.{node.value.id}"
            named = [f"{holder}.{node.attr}"] if holder in module.imports else []
        found += [(node.lineno, name) for name in named if _is_past(name, module)]
    return found


def _is_past(name: str, module: Module) -> bool:
    parts = name.split(".")
    if parts[0] != "domain" or len(parts) < 3:
        return False
    top, package, inner = module.path.parts[0], parts[1], parts[2]
    if top == "domain" and module.path.parts[1].removesuffix(".py") == package:
        return False
    inside = ROOT / "domain" / package / inner
    is_module = inside.with_suffix(".py").exists() or inside.is_dir()
    is_open = inner in DOORS or (top == "app" and inner == "wiring")
    return is_module and not is_open and inner not in _exported(package)


@cache
def _exported(package: str) -> set[str]:
    init = ROOT / "domain" / package / "__init__.py"
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()
