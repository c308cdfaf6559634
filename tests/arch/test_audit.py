"""The audit log contains acts of people only: what can run where is read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from admin.event_words import EVENT
from domain.audit import is_person
from domain.payouts import notices as payout_notices
from tests.arch.reach import Node, body_of, edges, nodes_of, path_of, reached
from tests.arch.source import ROOT, modules

BY_A_PERSON = {
    ("app.seed", "furnish"),
    ("app.seed", "open_today"),
    ("app.demo_history", "add_history"),
    ("app.demo_deliveries", "add_deliveries"),
    ("app.demo", "prepare"),
    ("app.demo_invitations", "add_invitations"),
    ("app.commands", "perform"),
    ("domain.aftersales.approving", "register_kinds"),
    ("domain.distribution.service.rebinding", "register_kind"),
    ("domain.push.approving", "register_kind"),
    ("admin.kit.exporting", "answer"),
    ("admin.as_shown", "text_of"),
    ("admin.kit.imports", "ImportSpec"),
}
"""Code that a machine's code reaches, but that writes the audit log for a person.

The command line names its operator. Other entries run when a member of staff decides a proposal,
with that person as the actor. The worker uses the menu to make files of lists. The menu also
refers to handlers, steps and imports, which run for a signed-in person. Of imports the worker runs
only ``save``, with the person who confirmed as the actor.
"""

STEPS = ("Step", "FormSpec", "ImportSpec", "OriginalSpec")
NAMES_ITS_PERSON = {
    ("domain.adults.service", "doubt_what_was_told"): "it builds member:{id} from its argument",
    ("domain.rights.service", "_insert"): "it builds member:{id} from its argument",
    ("domain.service_desk.service", "close_ticket"): "the chat hands over its member's number",
}
"""Reachable from a machine's code, but the actor is an argument and always a person."""


@cache
def _by_a_person() -> frozenset[Node]:
    """Code that runs for a signed-in person: the listed functions, steps and forms of pages."""
    steps = {
        node for node in nodes_of("admin.")
        for statement in body_of(node)
        if isinstance(statement, ast.Assign | ast.FunctionDef)
        and any(isinstance(n, ast.Call) and _made(n) in STEPS
                for n in ast.walk(statement))
    }  # fmt: skip
    assert len(steps) > 10
    return frozenset(BY_A_PERSON | steps)


def _made(call: ast.Call) -> str:
    """The name of the class that a call makes an instance of."""
    of = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    return of.id if isinstance(of, ast.Name) else ""


def _machine() -> list[Node]:
    """The code that runs without a person: jobs, tasks, event handlers, notifications, chat."""
    begins = {"handlers", "periodic", "subscribe_all", "housekeeping"}
    wired = [node for node in edges() if node[1] in begins and "wiring" in node[0]]
    return [
        *wired, ("app.jobs", "housekeeping"), ("app.backup", "_begin_hold"),
        *nodes_of("mall_h5.notify", "bot.", "app.worker", "app.processes", "app.gauges"),
        *(node for node in edges() if node[1] == "" and node[0].startswith("domain.")),
    ]  # fmt: skip


def _calls(node: Node, *verbs: str) -> Iterator[ast.Call]:
    """Calls of the logs' verbs in a node."""
    for statement in body_of(node):
        for each in ast.walk(statement):
            if isinstance(each, ast.Call) and path_of(each.func) in {("audit", v) for v in verbs}:
                yield each


@cache
def _writers(verb: str) -> frozenset[Node]:
    """The functions that call a verb of the logs, or pass it to the store."""
    return frozenset(
        node for node in edges()
        for statement in body_of(node) for each in ast.walk(statement)
        if path_of(each) == ("audit", verb)
    )  # fmt: skip


def test_code_without_a_person_never_writes_the_audit_log() -> None:
    """A worker that ran into NotAPerson would not pay, refund or settle."""
    writers = _writers("record")
    found = reached(_machine(), but=_by_a_person()) & writers
    assert {f"{module}.{name}" for module, name in found - set(NAMES_ITS_PERSON)} == set()
    assert len(writers) > 80


def test_the_walk_follows_jobs_tasks_events_and_registries() -> None:
    found = reached(_machine(), but=_by_a_person())
    assert {
        ("domain.payments.refunds", "begin_refund"),  # by a job, a task and a notification
        ("domain.orders.payable", "take_payment"),  # in a registry
        ("domain.payouts.grant_answers", "_book_active"),  # in a table of functions
        ("domain.distribution.service.accrual", "_void_of_ineligible"),  # by an event
        ("domain.payouts.ending", "cancel_unknown_transfer"),
        ("domain.payouts.brakes", "_stop_for"),
    } <= found
    assert ("domain.catalog.service", "set_price") not in found
    assert ("domain.payments.refunds", "settle_refund_by_hand") not in found


def test_each_listed_exception_is_still_needed() -> None:
    found = reached(_machine(), but=_by_a_person())
    assert set(NAMES_ITS_PERSON) <= found & _writers("record")
    assert set(edges()) >= BY_A_PERSON


def test_each_log_is_written_by_one_verb() -> None:
    """Other writes would bypass the check in that verb."""
    wrong = [
        f"{module.name}:{node.lineno}"
        for package in ("domain", "app", "admin", "kernel", "bot", "mall_h5")
        for module in modules(package)
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr in {"insert", "create", "insert_many"}
        and ast.unparse(node.value) in {"AuditEntry", "SystemEvent"}
    ]  # fmt: skip
    assert [each.split(":")[0] for each in wrong] == [
        "domain/audit/service.py", "domain/audit/system.py",
    ]  # fmt: skip


def test_an_actor_is_a_person_or_passed_as_an_argument() -> None:
    """``actor="system"`` would be refused when it runs first; this test finds it earlier."""
    wrong = []
    for node in sorted(_writers("record")):
        for call in _calls(node, "record"):
            given = [k.value for k in call.keywords if k.arg == "actor"]
            said = given[0] if given else None
            if isinstance(said, ast.Constant) and not is_person(str(said.value)):
                wrong.append((node, said.value))
            if isinstance(said, ast.JoinedStr) and not re.match(
                r"f'(staff|member|operator):\{", ast.unparse(said)
            ):
                wrong.append((node, ast.unparse(said)))
    assert wrong == []


def test_every_kind_of_event_can_be_chosen_on_its_page() -> None:
    recorded = {
        str(call.args[0].value)
        for node in _writers("record_event") | _writers("record_either")
        for call in _calls(node, "record_event", "record_either")
        if isinstance(call.args[0], ast.Constant)
    }  # fmt: skip
    alarms = (ROOT / "domain/payouts/answers.py").read_text(encoding="utf-8") + (
        ROOT / "domain/payouts"
    ).joinpath("granted.py").read_text(encoding="utf-8")
    told = {getattr(payout_notices, name).KEY for name in re.findall(r"notices\.(\w+)\(", alarms)}
    assert recorded | told == set(EVENT)
