"""Finds tests that can't fail: no assert, an assert of a constant, or a loop over nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.arch.source import Module, modules
from tests.harness.own_redis import database_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
# calls that raise if the expected event does not happen
EXPECTING = frozenset({"raises", "fail", "warns", "timeout", "wait_for"})


def cases_of(module: Module) -> Iterator[Function]:
    """The test functions of a file."""
    return (f for f in module.functions() if f.name.startswith("test_"))


def _files() -> list[Module]:
    return [m for m in modules("tests") if m.path.name.startswith("test_")]


def _called(node: ast.AST) -> set[str]:
    """The last names of everything that is called or awaited below a node."""
    return {
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
    }


# --- what checks
def checks(function: Function, checkers: set[str]) -> bool:
    """True if the function asserts, expects an error, or calls a helper that checks.

    Code in a function or class defined inside counts if its name is used.
    """
    made = [n for n in _within(function) if isinstance(n, Function | ast.ClassDef)]
    used = {n.id for n in _within(function) if isinstance(n, ast.Name)}
    return any(map(_is_check, _within(function))) or _asked(function, checkers) or any(
        checks(each, checkers) for each in made if isinstance(each, Function) and each.name in used
    )  # fmt: skip


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run with a function; nested functions and classes are not entered."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Function | ast.ClassDef):
            yield from _within(child)


def _is_check(node: ast.AST) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in EXPECTING
    return False


def _asked(function: Function, checkers: set[str]) -> bool:
    """True if it calls one of the checkers, by its name in the file: `told`, `people.rest`."""
    calls = (n for n in _within(function) if isinstance(n, ast.Call))
    return any(ast.unparse(call.func) in checkers for call in calls)


def checkers_of() -> dict[str, set[str]]:
    """By module, the names under which its tests may call a function that checks.

    Such a function is no method, returns nothing, and always reaches its check. Methods of a phone
    or shop and functions that create rows are not checkers, because their asserts only confirm
    that they worked.
    """
    own: dict[str, set[str]] = {m.name: set() for m in modules("tests")}
    plain = [(m, f) for m in modules("tests") for f in m.tree.body if isinstance(f, Function)]
    while True:
        known = {m.name: own[m.name] | _imported(m, own) for m in modules("tests")}
        more = [
            (m.name, f.name) for m, f in plain
            if f.name not in own[m.name] and _is_there_to_check(f, known[m.name])
        ]  # fmt: skip
        if not more:
            return known
        for name, function in more:
            own[name].add(function)


def _is_there_to_check(function: Function, checkers: set[str]) -> bool:
    match function.returns:
        case ast.Constant(value=None):
            return any(_is_reached(each, checkers) for each in function.body)
    return False


def _is_reached(statement: ast.AST, checkers: set[str]) -> bool:
    """True for a check, itself or in a block that is always entered."""
    match statement:
        case ast.Assert() | ast.Raise():
            return _is_check(statement)
        case ast.With(body=body) | ast.AsyncWith(body=body) | ast.Try(body=body):
            is_expecting = isinstance(statement, ast.With | ast.AsyncWith) and any(
                map(_is_check, (n for item in statement.items for n in ast.walk(item)))
            )
            return is_expecting or any(_is_reached(each, checkers) for each in body)
        case ast.For(iter=iterable, body=body) if _has_something(iterable):
            return any(_is_reached(each, checkers) for each in body)
        case ast.Expr(value=ast.Await(value=ast.Call() as call) | (ast.Call() as call)):
            return _is_check(call) or ast.unparse(call.func) in checkers
    return False


def _imported(module: Module, own: dict[str, set[str]]) -> set[str]:
    """Checkers of other test modules, by the names that this module imports."""
    found: set[str] = set()
    for node in module.nodes:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("tests"):
            continue
        path = (node.module or "").replace(".", "/")
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name in own.get(f"{path}.py", set()):
                found.add(name)
            found |= {f"{name}.{each}" for each in own.get(f"{path}/{alias.name}.py", set())}
    return found


# --- asserts that are always true
def is_always_true(test: ast.expr) -> bool:
    """True for a constant, a tuple, `… or True`, and a thing compared with itself."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=[_, *_]):
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(is_always_true(value) for value in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(is_always_true(value) for value in values)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()],
                         comparators=[right]):  # fmt: skip
            is_named = isinstance(left, ast.Name | ast.Attribute | ast.Constant)
            return is_named and ast.dump(left) == ast.dump(right)
        case ast.Compare(
            ops=[ast.In()], comparators=[ast.Tuple() | ast.List() | ast.Set() as many]
        ):
            return _takes_any_status(many.elts)
    return False


def _takes_any_status(elements: list[ast.expr]) -> bool:
    """True for `status in (200, 302, 404)`, which accepts success and failure."""
    codes = [e.value for e in elements if isinstance(e, ast.Constant) and type(e.value) is int]
    is_http = len(codes) == len(elements) and all(100 <= code < 600 for code in codes)
    return is_http and min(codes) < 400 <= max(codes)


# --- asserts in loops over nothing
def asserts_over_nothing(function: Function) -> bool:
    """True if every assert stands in a loop over something that may be empty."""
    sure, in_loops = _asserts(function, _full_names(function), is_sure=True)
    return not sure and bool(in_loops)


def _full_names(function: Function) -> set[str]:
    """Local names of literals that are not empty."""
    found = set()
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _has_something(value):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
                _has_something(value)
            ):
                found.add(name)
    return found


def _asserts(
    node: ast.AST, full: set[str], *, is_sure: bool
) -> tuple[list[ast.AST], list[ast.AST]]:
    sure: list[ast.AST] = []
    unsure: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        child_sure = is_sure
        if isinstance(child, ast.For | ast.AsyncFor):
            child_sure = is_sure and _has_something(child.iter, full)
        if isinstance(child, ast.Assert | ast.Raise) or (
            isinstance(child, ast.Call) and _called(child) & EXPECTING
        ):
            (sure if child_sure else unsure).append(child)
        a, b = _asserts(child, full, is_sure=child_sure)
        sure += a
        unsure += b
    return sure, unsure


def _has_something(iterable: ast.expr, full: set[str] | frozenset[str] = frozenset()) -> bool:
    """True for a literal with elements, a range, a constant's name, or one of these wrapped."""
    match iterable:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return bool(elements)
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper() or name in full
        case ast.Call(func=ast.Name(id="range"), args=[*_]):
            return True
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "values" | "keys")):
            return _has_something(inner, full)
        case ast.Call(func=ast.Name(id="enumerate" | "sorted" | "reversed" | "zip" | "product"),
                      args=[first, *_]):  # fmt: skip
            return _has_something(first, full)
        case ast.BinOp(left=left):
            return _has_something(left, full)
    return False


# --- the rules
def test_every_test_checks_something() -> None:
    checkers = checkers_of()
    silent = [
        f"{m.name}:{f.lineno} {f.name}"
        for m in _files()
        for f in cases_of(m)
        if not checks(f, checkers[m.name])
    ]
    assert silent == []


def test_no_assert_is_always_true() -> None:
    """Fuzz tests may accept any answer but a crash; other tests name the right one."""
    idle = [
        f"{m.name}:{node.lineno} {ast.unparse(node)}"
        for m in _files()
        for node in m.nodes
        if isinstance(node, ast.Assert)
        and is_always_true(node.test)
        and m.path.parts[:2] != ("tests", "fuzz")
    ]
    assert idle == []


def test_no_test_asserts_over_what_may_be_empty() -> None:
    empty = [
        f"{m.name}:{f.lineno} {f.name}"
        for m in _files()
        for f in cases_of(m)
        if asserts_over_nothing(f) and not _is_given(f)
    ]
    assert empty == [], "assert that there is something to loop over, or loop over a literal"


def test_no_two_workers_use_one_redis_database() -> None:
    """Earlier, a test read another worker's access token from Redis and was refused (40001)."""
    reading = re.compile(r"""environ(\.get\(|\[)["']REDIS_URL""")
    asking = {m.name for m in modules("tests") if reading.search(m.text)}
    assert asking == {"tests/harness/own_redis.py"}
    url = "redis://127.0.0.1:6379/9"
    assert {database_of(url, f"gw{n}")[-2:] for n in range(3)} == {"/9", "10", "11"}


def test_no_browser_test_sets_its_own_time_limit() -> None:
    """Five seconds were too short for a page of the simulator on a busy machine."""
    limit = re.compile(r"set_default_timeout\(|playwright\S* import .*\bexpect\b")
    found = [m.name for m in modules("tests") if limit.search(m.text)]
    assert found == ["tests/harness/chromium.py"]


def test_time_is_not_divided_into_fixed_windows() -> None:
    """A limit or test by `time() // 60` breaks at the edges. One-time codes are defined so."""
    cut = [
        f"{m.name}:{node.lineno} {ast.unparse(node)}"
        for m in modules()
        for node in m.nodes
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.FloorDiv)
        and re.search(r"\b(time|timestamp|monotonic|perf_counter)\(\)", ast.unparse(node.left))
        and "TOTP_STEP" not in ast.unparse(node.right)
    ]
    assert cut == []


def _is_given(function: Function) -> bool:
    """True for arguments of Hypothesis, whose examples may be empty."""
    return any("given(" in ast.unparse(d) for d in function.decorator_list)


# --- tests of the rules above
CAN_NOT_FAIL = """
assert True
assert (1, 2)
assert found or True
assert found == found
assert desk.shop is desk.shop
assert status in (200, 302, 404)
assert answer.status in {204, 400, 401}
"""
CAN_FAIL = """
assert found
assert found == other
assert status in (400, 404)
assert status in (200, 204)
assert number in (1, 2, 500)
assert found or other
assert False
"""


@pytest.mark.parametrize("line", CAN_NOT_FAIL.strip().splitlines())
def test_an_assert_that_can_not_fail_is_found(line: str) -> None:
    (node,) = ast.parse(line).body
    assert isinstance(node, ast.Assert)
    assert is_always_true(node.test)


@pytest.mark.parametrize("line", CAN_FAIL.strip().splitlines())
def test_an_assert_that_can_fail_is_left_alone(line: str) -> None:
    (node,) = ast.parse(line).body
    assert isinstance(node, ast.Assert)
    assert not is_always_true(node.test)


@pytest.mark.parametrize(
    ("body", "is_idle"),
    [
        ("for row in rows():\n  assert row", True),
        ("found = rows()\nfor row in found:\n  assert row", True),
        ("found = rows()\nassert found\nfor row in found:\n  assert row", False),
        ("for row in (1, 2):\n  assert row", False),
        ("found = [1, 2]\nfor row in found:\n  assert row", False),
        ("for row in ROWS:\n  assert row", False),
        ("for n in (1, 2):\n  for row in rows():\n    assert row", True),
        ("assert all(rows())", False),
    ],
)
def test_asserts_over_nothing_are_found(body: str, is_idle: bool) -> None:
    tree = ast.parse("def test_it():\n" + "\n".join(f"  {line}" for line in body.splitlines()))
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    assert asserts_over_nothing(function) is is_idle


CHECKING = (
    "assert shop",
    "with pytest.raises(ValueError):\n  shop.open()",
    "raise AssertionError('it is still there')",
    "check(shop)",
    "people.rest(shop)",
    "def heard():\n  assert shop\nshop.listen(heard)",
)
SILENT = (
    "shop.open()",
    "shop.check()",
    "make_member()",
    "class Deaf:\n  def wait(self):\n    raise ConnectionError",
    "def heard():\n  assert shop",
    "def heard():\n  return shop\nshop.listen(heard)",
)


@pytest.mark.parametrize("body", CHECKING)
def test_a_test_with_a_check_is_left_alone(body: str) -> None:
    assert checks(_test_of(body), {"check", "people.rest"})


@pytest.mark.parametrize("body", SILENT)
def test_a_test_without_a_check_is_found(body: str) -> None:
    assert not checks(_test_of(body), {"check", "people.rest"})


def _test_of(body: str) -> Function:
    lines = (f"  {line}" for line in body.splitlines())
    (function,) = ast.parse("def test_it():\n" + "\n".join(lines)).body
    assert isinstance(function, ast.FunctionDef)
    return function


@pytest.mark.parametrize(
    ("helper", "is_one"),
    [
        ("def h() -> None:\n  assert shop", True),
        ("async def h() -> None:\n  for n in (1, 2):\n    assert n", True),
        ("def h() -> None:\n  with shop:\n    check(shop)", True),
        ("async def h() -> None:\n  async with asyncio.timeout(5):\n    await shop", True),
        ("def h() -> None:\n  for row in rows():\n    assert row", False),
        ("def h() -> None:\n  if shop:\n    assert shop", False),
        ("def h() -> int:\n  assert shop\n  return 1", False),
        ("def h():\n  assert shop", False),
        ("def h() -> None:\n  shop.open()", False),
    ],
)
def test_a_helper_that_is_there_to_check_is_known(helper: str, is_one: bool) -> None:
    (function,) = ast.parse(helper).body
    assert isinstance(function, Function)
    assert _is_there_to_check(function, {"check"}) is is_one
