"""The required features of the mall (rows), and the tests that prove each of them.

``make rows`` prints each row with the tests marked ``@pytest.mark.row("B5")`` under tests/face and
tests/e2e; a row without a test is missing. A mark says that the test proves a part of the row by a
face or end to end, not that the row is complete.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
COUNTED = ("face", "e2e")

ROWS = {
    "D1": "messages and sign-in of an official account, plain and encrypted",
    "D2": "chat commands and menu taps answered",
    "D3": "light pages, paid by WeChat Pay inside and outside WeChat",
    "D4": "a referral poster asked for and got in the chat",
    "D5": "promotions pushed to an audience by the channel that WeChat allows",
    "D6": "the named packages and the agreed folders",
    "A1": "the loop: customer, fan, distributor, and the commission arrives",
    "A2": "staff, fans and dealers distribute; the merchant sells",
    "A3": "commission split over levels, by product and grade, explained",
    "A4": "none, one, or signed two and three levels",
    "A5": "commission right under every promotion, told before sharing",
    "A6": "applying, grades, suspension, leaving, my customers",
    "A7": "material, posters and links that bind once and can be explained",
    "A8": "live figures and messages for distributor and merchant",
    "A9": "settlement, withdrawal, tax, and payouts reconciled",
    "A10": "a distributor's own shop page",
    "A11": "my team at several levels, recruiting at one",
    "A12": "channel codes with followers, buyers, revenue",
    "B1": "registering and signing in, recovering, verifying",
    "B2": "profile, addresses, favourites, member levels",
    "B3": "products, specifications, search, shelf, price history",
    "B4": "stock never oversold, watched, with the action beside it",
    "B5": "cart, checkout, addresses, freight",
    "B6": "orders to their end, parcels, returns and refunds",
    "B7": "order history, order desk, export and reports",
    "B8": "analytics with charts",
    "B9": "data protected on the way and where it lies",
    "B10": "electronic invoices",
    "B11": "reviews after receipt",
    "B12": "pickup in a store, delivery areas",
    "B13": "gifts whose receiver gives the address",
    "C1": "coupons",
    "C2": "points",
    "C3": "timed discounts, presale and flash sales",
    "C4": "full reductions, gifts, festival campaigns",
    "C5": "announcements, articles, experiences",
    "C6": "customer service, complaints with number, limit and result",
    "C7": "order notices, consented promotions, a one-word stop",
    "C8": "a named adviser for each member",
    "E1": "codes generated, linked, activated, shipped",
    "E2": "a scan answers genuine or not, and how often seen",
    "E3": "red-packet lottery within its budget",
    "E4": "card collection",
    "E5": "coins and the points mall",
    "E6": "share fission within the law",
    "E7": "stores earn when a bottle is opened",
    "E8": "store management",
    "E9": "diversion alarms and risk control",
    "E10": "hold and recall",
    "E11": "fans won, and where they came from",
    "F1": "custom liquor",
    "F2": "banquets",
    "F3": "sealed jars",
    "F4": "enterprise purchase",
    "F5": "member rights and lifecycle",
    "F6": "sports contests",
    "F7": "community",
    "G1": "brand kit and page designer",
    "G2": "ready scenes to adapt",
    "G3": "first-run check",
    "G4": "roles, two-person release, approvals",
    "G5": "moving in, export, interfaces",
    "G6": "month end reconciled and closed",
    "G7": "rush mode",
    "G8": "leads routed to a person",
    "G9": "a mini-program bridge where WeChat asks for one",
    "L1": "public data and licences on every front page",
    "L2": "liquor for adults only",
    "L3": "advertising law checked on every text",
    "L4": "consents by purpose, withdrawable",
    "L5": "a file for every promotion",
    "L6": "tax by kind of payee",
    "L7": "no stored value: wallets hold what was earned",
    "L8": "export for authorities",
    "L9": "campaigns checked against WeChat's rules",
}


def marks_of(path: Path) -> Iterator[tuple[str, str]]:
    """(row, test) for every mark on a test, a class or a whole file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(TESTS.parent).as_posix() if TESTS in path.parents else path.name
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for row in _rows_in(node.decorator_list):
                yield row, f"{name}::{node.name}"
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            for row in _rows_in([node.value]):
                yield row, name


def _rows_in(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.row":
                yield from (ast.literal_eval(argument) for argument in call.args)


def by_row() -> dict[str, list[str]]:
    """Each row with its tests under tests/face and tests/e2e; rows without a test too."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for folder in COUNTED:
        for path in sorted((TESTS / folder).rglob("test_*.py")):
            for row, test in marks_of(path):
                found.setdefault(row, []).append(test)
    return found


def report() -> str:
    """A line per row, its tests below it."""
    found = by_row()
    lines = []
    for row, tests in found.items():
        lines.append(f"{row:<4}{ROWS[row]}{'' if tests else ': MISSING'}")
        lines += [f"      {test}" for test in sorted(tests)]
    have = sum(bool(tests) for tests in found.values())
    lines.append(f"{have} of {len(found)} rows have tests")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
