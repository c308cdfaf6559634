"""Tests read a page as a person does: by selector and text, never as a string of HTML.

A search in raw HTML also finds words in attributes, scripts and comments, and it fails if the
markup changes although the page looks the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.arch.source import Module, modules

PLACES = ("tests/face/", "tests/e2e/", "tests/security/", "tests/harness/")
READER = "tests/harness/markup.py"
CHAT = ("tests/face/chat_answers/", "tests/face/test_chat_")  # messages, not pages
PAGES = frozenset({"page", "pages", "text", "html", "body", "source"})  # names of raw HTML


def _reads_source(node: ast.expr) -> bool:
    """True for ``page``, ``seen.text`` and ``await answer.text()``."""
    match node:
        case ast.Name(id=name):
            return name in PAGES
        case ast.Attribute(attr="text"):
            return True
        case ast.Await(value=ast.Call(func=ast.Attribute(attr="text"))):
            return True
    return False


def raw_looks(module: Module) -> Iterator[int]:
    """The lines that search a page's HTML, or compare with a piece of markup."""
    for node in module.nodes:
        if not isinstance(node, ast.Compare):
            continue
        pairs = zip(node.ops, node.comparators, strict=True)
        looks = [right for op, right in pairs if isinstance(op, ast.In | ast.NotIn)]
        literals = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
        markup = any(isinstance(v, str) and ('="' in v or "</" in v) for v in literals)
        if any(map(_reads_source, looks)) or markup:
            yield node.lineno


def test_pages_are_read_by_selector() -> None:
    guilty = {
        module.name: lines
        for module in modules("tests")
        if module.name.startswith(PLACES)
        and not module.name.startswith((*CHAT, READER))
        and (lines := list(raw_looks(module)))
    }
    assert guilty == {}
