"""Our Python source, parsed once, for the architecture tests."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"var", "node_modules", "build", "dist"}


@dataclass(frozen=True, eq=False)
class Module:
    """One of our Python files."""

    path: Path  # relative to the root
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path as written in messages."""
        return self.path.as_posix()

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node in the order of ``ast.walk``; walked once and kept."""
        with _no_collecting():
            return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> set[str]:
        """Every module named in an import, anywhere in the file."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found

    def calls(self) -> Iterator[ast.Call]:
        """Every call."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def modules(package: str = "") -> list[Module]:
    """All modules, or those of one top-level package."""
    return [_module(path) for path in _paths() if not package or path.parts[0] == package]


@cache
def _paths() -> tuple[Path, ...]:
    return tuple(sorted(files(".py")))


@cache
def _module(path: Path) -> Module:
    """Parse a file without garbage collection, because all of its nodes are kept."""
    text = (ROOT / path).read_text(encoding="utf-8")
    with _no_collecting():
        return Module(path, text, ast.parse(text))


@contextmanager
def _no_collecting() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def files(*suffixes: str) -> Iterator[Path]:
    """Our files with these suffixes, relative to the root; without hidden and generated ones."""
    yield from _below(Path(), suffixes)


def _below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for entry in (ROOT / folder).iterdir():
        path = folder / entry.name
        if entry.name.startswith(".") or entry.name in SKIPPED or entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from _below(path, suffixes)
        elif entry.suffix in suffixes:
            yield path
