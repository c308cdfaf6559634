"""The domain stores codes and facts: it has no texts and parses none (ADR 73, 75)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.arch.source import Module, modules

CHINESE = re.compile(r"[\u3400-\u9fff]")
MAY_HOLD = {
    "domain/catalog/searching.py": "how goods are written: 度, 十二度",
    "domain/chat_answers/masking.py": "how names, addresses and numbers are written",
    "domain/lint/context.py": "the words by which a sentence denies or asks",
    "domain/lint/folding.py": "how words are disguised",
    "domain/lint/lists.py": "how numbers are written in a list of words",
    "domain/members/rules.py": "the name of who gave none: 会员 and a number, 微信用户",
    "domain/naming/rules.py": "the words that no name may imitate",
    "domain/orders/companies.py": "the carriers, and what people type for them",
    "domain/payouts/documents.py": "under what a former release kept licences",
    "domain/push/keywords.py": "how sums and days are written in a template",
    "domain/reconcile/rules.py": "WeChat's name of a business in its bill",
    "domain/regions/chains.py": "what stands after the names of places",
    "domain/regions/recognising.py": "how people write around an address",
    "domain/regions/table.py": "the endings and short forms of places",
    "domain/service_desk/service.py": "how people write of harm to their health",
    "domain/settings/chat.py": "the chat's menu of a new shop; the merchant changes it",
    "domain/settings/rules.py": "provinces as they stand in addresses",
}
READ_BACK = ("admin", "app", "bot", "domain", "mall_h5")
TEXTS = {
    "error", "fault", "last_error", "last_result", "message", "outcome", "reason", "said", "why",
    "end_reason", "fail_reason", "hold_reason", "stop_reason", "decision_note", "lift_reason",
}  # fmt: skip
PARSING = {
    "startswith", "endswith", "partition", "rpartition", "removeprefix", "removesuffix", "split",
    "rsplit", "contains", "find", "index",
}  # fmt: skip


def _literals(module: Module) -> Iterator[tuple[str, int]]:
    """The strings of a module without its docstrings and the texts below attributes."""
    bare = {
        id(node.value)
        for node in module.nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value, node.lineno


def test_the_domain_has_no_chinese_text() -> None:
    found = {
        module.name: f"{module.name}:{line} {text[:20]}"
        for module in modules("domain")
        for text, line in _literals(module)
        if CHINESE.search(text)
    }
    assert sorted(set(found.values()) - {found.get(name) for name in MAY_HOLD}) == []
    assert sorted(set(MAY_HOLD) - set(found)) == []


def _name(node: ast.AST) -> str:
    """The last name of an expression: of row.last_error, str(error), why."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return _name(node.args[0]) if node.args else ""
    if isinstance(node, ast.BoolOp):
        return next((name for value in node.values if (name := _name(value)) in TEXTS), "")
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _parsed(module: Module) -> Iterator[str]:
    for node in module.nodes:
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in PARSING and _name(node.func.value) in TEXTS:
                yield f"{module.name}:{line} {ast.unparse(node)[:60]}"
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            is_text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
            if is_text and _name(node.comparators[0]) in TEXTS:
                yield f"{module.name}:{line} {ast.unparse(node)[:60]}"


def test_no_stored_text_is_parsed() -> None:
    """A decision is stored in a column, not in a sentence that code parses later."""
    found = [each for package in READ_BACK for m in modules(package) for each in _parsed(m)]
    assert found == []


def test_code_that_parses_a_sentence_is_found() -> None:
    tree = ast.parse(
        'row.last_error.startswith("waits: ")\n"PAYING" in str(error)\n'
        '(row.note or row.why or "").partition(" ")\n"x" in names\nrow.name.split(",")\n'
    )
    odd = Module(modules("domain")[0].path, "", tree)
    assert len(list(_parsed(odd))) == 3
