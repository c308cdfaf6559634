"""Typed values are read by one parser per kind, and are never cut or dropped silently."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.arch.source import ROOT, Module, files, modules

FACES = ("admin", "mall_h5", "bot", "app")
PARSERS = {"int", "float", "Decimal", "Fraction", "complex"}
# Numbers that are not typed by people, with their source.
NOT_TYPED = {
    ("admin/approvals.py", "proposal_summary"): "fen that we stored",
    ("admin/legal/impact.py", "file"): "a number in the path",
    ("admin/people/clearing.py", "_wanted"): "amounts that our page carries, compared only",
    ("admin/shop/chat_faults.py", "first_mistake"): "a limit that our own error carries",
    ("admin/web.py", "people_of"): "an id in the name of an actor",
    ("admin/web.py", "id_of"): "an id in the path",
    ("admin/kit/steps.py", "number"): "an id in the path",
    ("admin/goods/attributes.py", "_stated"): "an id in the name of a field",
    ("mall_h5/me/addresses.py", "_id"): "an id in the path",
    ("mall_h5/trade/checkout.py", "_wanted"): "ids, quantities and prices that our page carries",
    ("mall_h5/trade/checkout.py", "_changes"): "amounts that our page carries, compared only",
    ("mall_h5/seller/center.py", "goods"): "a page number",
    ("mall_h5/seller/center.py", "_product"): "an id in the address",
    ("mall_h5/trade/paying.py", "result"): "how often the page has asked",
    ("mall_h5/sharing.py", "_note_touch"): "an id in the path",
    ("mall_h5/seller/center.py", "note"): "an id in the path",
    ("mall_h5/shop/browse.py", "product"): "an id in the path",
    ("mall_h5/shop/browse.py", "label"): "an id in the path",
    ("mall_h5/shop/browse.py", "label_code"): "an id in the path",
    ("mall_h5/shop/browse.py", "_number"): "a page number",
    ("mall_h5/trade_words.py", "offers_off"): "fen that we stored",
    ("mall_h5/visits.py", "_opened"): "an instant that we signed",
    ("mall_h5/seller/withdraw.py", "_id"): "an id in the path",
    ("mall_h5/words.py", "why_this_much"): "facts that we stored",
    ("bot/choices.py", "__init__"): "a time that is always past",
    ("bot/hours.py", "_minutes"): "service hours that the pattern has checked",
    ("bot/notices.py", "_money"): "fen that we stored",
    ("bot/notices.py", "_page"): "an id that we stored",
    ("app/arguments.py", "_days"): "digits that it has checked",
    ("app/backup.py", "backup"): "bytes that we counted",
    ("app/backup.py", "_load"): "an instant that we wrote",
    ("app/commands.py", "parse_move"): "digits that the pattern has checked",
    ("app/commands.py", "_ask_server"): "our own clock, our own status",
    ("app/processes.py", "demo"): "a port of the environment",
    ("bot/dedupe.py", "_share"): "our own clock",
    ("bot/following.py", "_upload"): "our own clock",
    ("admin/people/answer_follows.py", "_number"): "digits that it has checked",
}
# Functions whose texts are made by a machine or by WeChat; these may be cut.
NOT_WORDS = {
    "begin_closing": "one of our codes",
    "__init__": "the name of a worker",
    "_end": "WeChat's words",
    "leave_gate": "WeChat's words",
    "record_wait": "our codes",
    "end_bill": "WeChat's words; a person's stand whole in the log",
    "end_grant": "WeChat's words; a person's stand whole in the log",
    "_plain": "what the audit log shows in a line; the row keeps it whole",
    "write_log": "codes, or words that the verb has checked",
    "log_step": "codes, or words that the verb has checked",
}
TYPED_NAMES = {"why", "reason", "note", "proof", "name", "title", "text", "words", "answer",
               "voucher", "display_name", "nickname"}  # fmt: skip


def _functions(module: Module) -> Iterator[tuple[str, ast.AST]]:
    for node in module.functions():
        for inner in ast.walk(node):
            yield node.name, inner


def test_typed_numbers_are_read_by_the_shared_parsers() -> None:
    """``Form.fen``, ``rate``, ``count`` and ``counts`` do; ``kernel.typed`` elsewhere."""
    found = {
        (m.name, name)
        for package in FACES
        for m in modules(package)
        for name, node in _functions(m)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id in PARSERS
    }  # fmt: skip
    assert found - NOT_TYPED.keys() == set()


def test_typed_words_are_refused_when_too_long_and_never_cut() -> None:
    """``kernel.typed.words`` names the limit; a slice would drop the end silently."""
    found = {
        (m.name, name)
        for package in ("domain", "admin", "mall_h5")
        for m in modules(package)
        for name, node in _functions(m)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        and node.slice.lower is None and _is_size(node.slice.upper) and _is_typed(node.value)
    }  # fmt: skip
    assert {(file, name) for file, name in found if name not in NOT_WORDS} == set()


def _is_size(node: ast.AST | None) -> bool:
    """True for a named limit, or a number too large for the length of a compared prefix."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and node.value >= 16
    return isinstance(node, ast.Name) and node.id.isupper()


def _is_typed(node: ast.AST) -> bool:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return isinstance(node, ast.Name) and node.id in TYPED_NAMES


def test_both_searches_find_an_example() -> None:
    tree = ast.parse("def f(why):\n    a = why.strip()[:200]\n    b = int(why)\n    c = why[:2]")
    cuts = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        and _is_size(node.slice.upper) and _is_typed(node.value)
    ]  # fmt: skip
    assert len(cuts) == 1


def test_no_page_has_a_field_of_type_number() -> None:
    """For '１２' or '2件' in a number field, browsers send nothing, so nothing can be refused."""
    guilty = [
        str(path)
        for path in files(".html")
        if re.search(r"type=\"?number|kind=\"number", (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_no_amount_field_has_a_short_maxlength() -> None:
    """A short ``maxlength`` would cut '人民币 1,234,567.89 元' and leave another amount."""
    guilty = []
    for path in files(".html"):
        for field in re.findall(r"inputmode=\"decimal\"[^}>]*maxlength=\"(\d+)\"",
                                (ROOT / path).read_text(encoding="utf-8")):  # fmt: skip
            guilty += [str(path)] if int(field) < 40 else []
    assert guilty == []
