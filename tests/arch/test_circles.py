"""There are no circular imports, over any number of files and wherever the import stands."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.arch.source import Module, modules

SHIPPED = (
    "admin", "app", "bench", "bot", "domain", "gateways", "kernel", "mall_h5", "schema",
    "simulator",
)  # fmt: skip


def _name(module: Module) -> str:
    return ".".join(module.path.with_suffix("").parts).removesuffix(".__init__")


def _graph(found: list[Module]) -> dict[str, set[str]]:
    """Each file and the files that it imports; ``from package import file`` imports the file."""
    known = {_name(module) for module in found}
    graph = {}
    for module in found:
        named = module.imports & known
        inner = {name.rpartition(".")[0] for name in named}
        shown = {n for n in named if n not in inner or n in _bare(module, known)}
        graph[_name(module)] = shown - {_name(module)}
    return graph


def _bare(module: Module, known: set[str]) -> set[str]:
    """Modules from which a name is imported that is not itself a file."""
    return {
        node.module
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.module
        if any(f"{node.module}.{alias.name}" not in known for alias in node.names)
    }


def test_no_import_is_circular() -> None:
    """An import inside a function or behind TYPE_CHECKING counts too."""
    ours = [m for m in modules() if m.path.parts[0] in SHIPPED or m.name == "models.py"]
    assert len(ours) > 300
    list(TopologicalSorter(_graph(ours)).static_order())


def test_a_circular_import_is_found() -> None:
    texts = {"app/one.py": "def f():\n    from app.two import x", "app/two.py": "import app.one"}
    found = [Module(Path(name), text, ast.parse(text)) for name, text in texts.items()]
    with pytest.raises(CycleError):
        list(TopologicalSorter(_graph(found)).static_order())
