"""Finds unused code: exported functions, templates, macros, imports and styles.

Types may be exported for annotations only. What only tests use counts as used.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.arch.source import ROOT, Module, files, modules

MACRO = re.compile(r"{%-?\s*macro\s+(\w+)")
IMPORT = re.compile(
    r"{%-?\s*from\s+\"[^\"]+\"\s+import\s+(.*?)(?:\s+with(?:out)? context)?\s*-?%}", re.DOTALL
)
BUILT = ("admin/marketing/_offer_", "h5/legal/")  # their names are composed by the code


@cache
def templates() -> dict[str, str]:
    """The text of each template by the name that code gives it."""
    found = (p for p in files(".html", ".txt") if p.parts[0] == "templates")
    return {
        p.relative_to("templates").as_posix(): (ROOT / p).read_text(encoding="utf-8")
        for p in found
    }


@cache
def everything() -> str:
    """All source that may name a template or a class: Python, templates, scripts."""
    scripts = [
        (ROOT / p).read_text(encoding="utf-8") for p in files(".js") if p.parts[0] == "static"
    ]
    code = [m.text for m in modules() if m.path.parts[0] not in ("tests", "bench")]
    return "\n".join((*code, *templates().values(), *scripts))


def exported(door: Module) -> set[str]:
    """The functions that a package's ``__init__`` lists in ``__all__``."""
    for node in door.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {name for name in ast.literal_eval(node.value) if name[0].islower()}
    return set()


@cache
def asked_for() -> dict[str, set[str]]:
    """By file: the dotted names that it uses of packages, by import or as an attribute."""
    return {module.name: set(_asked_by(module)) for module in modules()}


def _asked_by(module: Module) -> Iterator[str]:
    called: dict[str, str] = {}
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                called[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}"
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{called.get(node.value.id, node.value.id)}.{node.attr}"


def test_each_exported_function_is_used_outside_its_package() -> None:
    idle = []
    doors = [m for m in modules("domain") if re.fullmatch(r"domain/\w+/__init__\.py", m.name)]
    assert len(doors) > 20
    for door in doors:
        folder = door.path.parent.as_posix()
        package = folder.replace("/", ".")
        used = set().union(*(n for f, n in asked_for().items() if not f.startswith(f"{folder}/")))
        idle += [n for n in sorted(exported(door)) if f"{package}.{n}" not in used]
    assert idle == []


def test_each_template_is_used() -> None:
    assert len(templates()) > 100
    named = set(re.findall(r'"(?=([\w./-]+)")', everything()))  # between any two quotes
    idle = [
        name for name in templates()
        if name not in named
        and name.removeprefix("chat/") not in named
        and not name.startswith(BUILT)
    ]  # fmt: skip
    assert idle == []


def test_each_macro_is_called() -> None:
    calls = "\n".join(templates().values())
    macros = {(name, macro) for name, text in templates().items() for macro in MACRO.findall(text)}
    assert len(macros) > 40
    assert [each for each in sorted(macros) if len(re.findall(rf"\b{each[1]}\b", calls)) < 2] == []


def test_each_macro_that_a_template_imports_is_used_there() -> None:
    idle = [
        (name, macro)
        for name, text in templates().items()
        for names in IMPORT.findall(text)
        for macro in (each.split(" as ")[-1].strip() for each in names.split(","))
        if len(re.findall(rf"\b{macro}\b", text)) < 2
    ]
    assert idle == []


def test_each_class_of_a_stylesheet_is_on_a_page() -> None:
    """A composed name counts by its beginning: ``badge-{{ tone }}``."""
    source = everything()
    built = tuple(set(re.findall(r"([a-z][\w-]*[-_])(?:[\"'] ?~|{{|[\"'] \+|\$\{)", source)))
    sheets = [p for p in files(".css") if p.parts[:2] == ("static", "css")]
    assert len(sheets) == 4  # mall, admin, WeUI's part, a member's own data
    styled = {
        name
        for sheet in sheets
        for selector in re.findall(r"([^{}]+)\{", _uncommented((ROOT / sheet).read_text("utf-8")))
        for name in re.findall(r"\.([_a-zA-Z][\w-]*)", selector)
    }
    named = set(re.findall(r"[_a-zA-Z][\w-]*", source))
    assert sorted(n for n in styled if n not in named and not n.startswith(built)) == []


def _uncommented(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
