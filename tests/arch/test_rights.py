"""Finds, by following calls in the source, the rights that move money, bindings or campaigns.

The roots are the POST routes of the merchant's pages. A new page that moves money, or a new right
for it, fails here until the right declares what it moves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import chain

import pytest

from admin.guard import ACTS, FOR_ALL, FRESH, RIGHT, SIGNED_IN
from admin.menu import BESIDE, PAGES
from admin.shop.settings_fields import GROUPS
from domain.staff import MOVES, ROLES
from tests.arch.source import ROOT, Module, modules

Function = tuple[str, str]
# The functions that begin to move money, a binding or a campaign.
SEEDS: set[Function] = {
    ("domain/payments/refunds.py", "begin_refund"), ("domain/ledger/service.py", "post"),
    ("domain/distribution/service/binding.py", "_set_upline"),
    ("domain/push/campaigns.py", "start_campaign"),
}  # fmt: skip
# Steps that move something but do not ask for the one-time code, with the reason.
EASED = {
    "aftersales.approve": "from an amount on, by code_first",
    "aftersales.received": "from an amount on, by code_first",
    "aftersales.instead": "from an amount on, by code_first",
    "orders.refund": "from an amount on, by code_first",
    "clearing.refund_all": "from an amount on, by code_first",
    "aftersales.reject": "no money moves",
    "aftersales.retry": "the same refund again, under its old number",
    "outbox.replay": "what was decided before, under its old number",
    "outbox.skip": "nothing leaves",
    "brakes.stop": "less leaves, and nobody should wait for it",
    "brakes.stop_refunds": "less leaves, and nobody should wait for it",
    "payees.freeze": "less leaves, and nobody should wait for it",
    "brakes.check": "only looks",
    "withdrawals.query": "only asks",
    "reconcile.read_now": "only reads WeChat's bills",
    "reconcile.read_day": "only reads WeChat's bills",
    "differences.take": "only says who looks after it",
    "differences.note": "only says what is known",
    "reconcile.seen": "only says that somebody looked",
    "distributors.review": "a distributor who has no customers yet",
    "distributors.suspend": "less is earned",
    "distributors.restore": "back to what was reviewed",
    "distributors.appoint": "a distributor who has no customers yet",
    "distributors.decide_name": "what a poster shows; no money moves",
}
EASED_RIGHTS = {
    "products.edit": "prices are on record and seen again before they move far",
    "offers.edit": "each price is seen before it starts, one that moves far is confirmed",
}


@cache
def _by_name() -> dict[str, Module]:
    return {m.name: m for m in modules() if m.path.parts[0] in ("admin", "domain")}


@cache
def _imports(name: str) -> dict[str, str]:
    """The dotted path of each imported name of a file."""
    found = {}
    for node in ast.walk(_by_name()[name].tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


@cache
def _defined(name: str) -> dict[str, ast.AST]:
    return {each.name: each for each in _by_name()[name].functions()}


def _resolve(dotted: str) -> Iterator[Function]:
    """The functions that ``domain.x.fn`` may be: in that module, or anywhere in the package."""
    where, _, fn = dotted.rpartition(".")
    folder = where.replace(".", "/")
    for name in _by_name():
        if (name == f"{folder}.py" or name.startswith(f"{folder}/")) and fn in _defined(name):
            yield name, fn


@cache
def _uses(function: Function) -> frozenset[Function]:
    name, fn = function
    found: set[Function] = set()
    for node in ast.walk(_defined(name)[fn]):
        if isinstance(node, ast.Name):
            if node.id in _defined(name):
                found.add((name, node.id))
            elif node.id in _imports(name):
                found.update(_resolve(_imports(name)[node.id]))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            of = _imports(name).get(node.value.id)
            if of is not None:
                found.update(_resolve(f"{of}.{node.attr}"))
    return frozenset(found)


def _reaches_a_seed(function: Function) -> bool:
    seen, todo = {function}, [function]
    while todo:
        for each in _uses(todo.pop()):
            if each in SEEDS:
                return True
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return False


def _steps() -> Iterator[tuple[str, Function, object]]:
    """Every POST route that asks for a right: name, function, handler."""
    tables = (*(part.table for part in BESIDE), *(page.routes() for page in PAGES))
    for route in chain.from_iterable(tables):
        handler = getattr(route, "handler", None)
        right = getattr(handler, RIGHT, FOR_ALL)
        if getattr(route, "method", "") == "POST" and right not in (FOR_ALL, SIGNED_IN):
            module, name = handler.__module__, handler.__name__
            page = module.rpartition(".")[2]
            yield f"{page}.{name}", (f"{module.replace('.', '/')}.py", name), handler


def test_known_steps_that_move_money_are_found() -> None:
    """Without this test, the next one could pass because nothing is found."""
    found = {name for name, function, _ in _steps()
             if function[1] in _defined(function[0]) and _reaches_a_seed(function)}  # fmt: skip
    known = {"orders.refund", "aftersales.approve", "aftersales.received", "aftersales.instead",
             "distributors.move", "distributors.write_off", "push.start"}  # fmt: skip
    assert known - found == set()
    assert "products.edit" not in found


def test_the_right_of_every_step_that_moves_money_declares_it() -> None:
    wrong = [
        f"{name}: {getattr(handler, RIGHT)} moves nothing"
        for name, function, handler in _steps()
        if function[1] in _defined(function[0]) and _reaches_a_seed(function)
        and MOVES[getattr(handler, RIGHT)] == "nothing"
    ]  # fmt: skip
    assert wrong == []


def test_every_step_that_moves_money_asks_for_the_code_or_is_listed() -> None:
    unsaid, used = [], set()
    for name, _, handler in _steps():
        right = getattr(handler, RIGHT)
        if MOVES[right] not in ("money", "bindings", "power") or getattr(handler, FRESH):
            continue
        used.add(name)
        if name not in EASED and right not in EASED_RIGHTS:
            unsaid.append(f"{name} ({right})")
    assert unsaid == []
    assert set(EASED) - used == set(), "said of a step that is not there"


def test_the_documents_list_each_role_s_rights() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    roles = ("owner", "finance", "operator", "service", "clerk")
    assert set(roles) == set(ROLES)
    for right, moves in MOVES.items():
        ticks = " | ".join("✓" if right in ROLES[role] else "" for role in roles)
        assert f"| `{right}` | {moves} | {ticks} |" in text, right


def test_proposing_and_acting_are_different_rights() -> None:
    pairs = {
        (getattr(handler, RIGHT), getattr(handler, ACTS))
        for _, _, handler in _steps() if getattr(handler, ACTS)
    }  # fmt: skip
    assert pairs == {
        ("refunds.propose", "orders.refund"), ("bindings.propose", "bindings.move"),
    }  # fmt: skip


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.key)
def test_roles_that_change_a_switch_need_a_code_at_sign_in(group: object) -> None:
    assert MOVES[group.right] != "nothing"  # type: ignore[attr-defined]
