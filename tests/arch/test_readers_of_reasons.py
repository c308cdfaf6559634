"""Every field in which staff write why says who reads it; what others read is in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jinja2 import Environment, nodes

from tests.arch.source import ROOT, files
from tests.arch.test_public_texts import JUDGED, READERS, read_fields

FIELDS = {"reason", "why", "note", "told", "answer", "operator_note"}
INTERNAL = "仅内部可见"
OTHERS = ("买家会看到", "对方会看到", "会员会看到", "申请人会看到")

READ_BY_OTHERS = {
    ("admin/approval.html", "reason", "申请人会看到"),
    ("admin/people/request.html", "answer", "会员会看到"),
    ("admin/people/ticket.html", "answer", "会员会看到"),
    ("admin/selling/distributor.html", "reason", "对方会看到"),  # application, name, freeze
    ("admin/selling/distributor.html", "answer", "对方会看到"),
    ("admin/selling/payees.html", "reason", "对方会看到"),
    ("admin/selling/withdrawal.html", "reason", "对方会看到"),  # of a rejection
    ("admin/selling/withdrawal.html", "told", "对方会看到"),
    ("admin/marketing/pictures.html", "reason", "会员会看到"),
    ("admin/people/age.html", "told", "买家会看到"),
    ("admin/trade/aftersale.html", "note", "买家会看到"),
    ("admin/trade/aftersale.html", "reason", "买家会看到"),  # of a rejection
    ("admin/trade/order.html", "told", "买家会看到"),
}
_INPUT = re.compile(r"<(?:input|textarea)\b[^>]*\bname=\"(\w+)\"[^>]*>")

Said = tuple[str, str, set[str]]
"""Template, field, and whose reading stands beside it."""


def _fields() -> Iterator[Said]:
    for path in files(".html"):
        if path.parts[:2] != ("templates", "admin") or "macros" in path.parts:
            continue
        name = path.relative_to("templates").as_posix()
        yield from fields_of(name, (ROOT / path).read_text(encoding="utf-8"))


def fields_of(name: str, text: str) -> Iterator[Said]:
    """The fields for reasons in a template: of macros, of dialogs, and plain ones."""
    for call in Environment().parse(text).find_all(nodes.Call):
        macro = getattr(call.node, "name", "")
        first = call.args[0].value if call.args and isinstance(call.args[0], nodes.Const) else ""
        if macro in ("field", "area") and first in FIELDS:
            yield name, str(first), _readers(_words_of(call))
        if macro == "confirm_dialog":
            reader = [each.value for each in call.kwargs if each.key == "reader"]
            if reader:
                yield name, "reason", _readers(_words_of(reader[0]))
    for found in _INPUT.finditer(text):
        if found[1] in FIELDS and 'type="hidden"' not in found[0]:
            yield name, found[1], _readers(found[0])


def _words_of(node: Any) -> str:
    consts = [node] if isinstance(node, nodes.Const) else node.find_all(nodes.Const)
    return " ".join(str(each.value) for each in consts)


def _readers(text: str) -> set[str]:
    return {each for each in (INTERNAL, *OTHERS) if each in text}


def test_every_reason_says_who_reads_it() -> None:
    found = list(_fields())
    assert len(found) > 25
    assert [each for each in found if len(each[2]) != 1] == []


def test_what_others_read_stands_in_the_table() -> None:
    """A reason that reaches a buyer or a distributor is a decision, not a default."""
    read = {(name, field, *readers) for name, field, readers in _fields()}
    assert {each for each in read if each[2] != INTERNAL} == READ_BY_OTHERS


def test_a_form_takes_no_reason_that_no_template_asks_for() -> None:
    """A reason that is read by a hand-made field would be missed above."""
    taken = {field for file, field in read_fields(READERS | JUDGED) if file.startswith("admin/")}
    assert taken & FIELDS <= {field for _, field, _ in _fields()}


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        ('{{ field("reason", "原因", hint="仅内部可见") }}', {INTERNAL}),
        ('{{ area("answer", "答复", hint="x" ~ "会员会看到") }}', {"会员会看到"}),
        ('{{ field("reason", "原因") }}', set()),
        ('{{ confirm_dialog("a", "b", reader="对方会看到") }}', {"对方会看到"}),
        ('<input name="why" aria-label="原因（仅内部可见）">', {INTERNAL}),
        ('<input name="why">', set()),
    ],
)
def test_a_field_is_recognised(text: str, readers: set[str]) -> None:
    assert [each[2] for each in fields_of("x.html", text)] == [readers]


def test_a_dialog_without_a_reader_asks_for_no_reason() -> None:
    assert list(fields_of("x.html", '{{ confirm_dialog("a", "b") }}')) == []
