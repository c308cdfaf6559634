"""The kit stays small: code for one page belongs to that page."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from importlib import import_module

import pytest

from admin.kit import details, forms, imports, lists, page, steps
from tests.arch.source import ROOT, modules

LINES_MOST = 1_200
FIELDS_MOST = 16


def test_the_kit_keeps_to_its_size_limit() -> None:
    counts = {
        m.name: len(m.text.splitlines()) for m in modules() if m.name.startswith("admin/kit/")
    }
    assert len(counts) > 5
    assert sum(counts.values()) <= LINES_MOST, counts


@pytest.mark.parametrize(
    "spec",
    [
        lists.ListSpec,
        page.Page,
        page.Section,
        steps.Step,
        forms.FormSpec,
        details.DetailSpec,
        imports.ImportSpec,
    ],
)
def test_a_spec_has_few_fields(spec: type) -> None:
    assert 0 < len(fields(spec)) <= FIELDS_MOST


def test_templates_of_the_kit_are_extended_once() -> None:
    """No template extends a template that itself extends one of the kit."""
    own = {
        p.relative_to(ROOT / "templates").as_posix(): p.read_text(encoding="utf-8")
        for p in (ROOT / "templates/admin").rglob("*.html")
    }
    first = [name for name, text in own.items() if 'extends "admin/kit/' in text]
    assert first
    assert [n for n, text in own.items() if any(f'extends "{f}"' in text for f in first)] == []


def test_a_form_whose_answer_is_a_file_is_marked() -> None:
    """Its page stays open, so the guard against a second tap must end by itself."""
    form = re.compile(r'<form[^>]*action="[^"]*/(?:file|export)"[^>]*>')
    found = [
        each for path in (ROOT / "templates").rglob("*.html")
        for each in form.findall(path.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert len(found) == 5
    assert [each for each in found if "data-file" not in each] == []


def test_an_act_of_a_step_runs_one_verb() -> None:
    """The domain decides; the act only passes values on and shows the result."""
    menu = import_module("admin.menu").PAGES
    parts = [part for each in menu for part in each.parts]
    acts = [part.act for part in parts if isinstance(part, steps.Step)]
    saves = [part.save for part in parts if isinstance(part, imports.ImportSpec)]
    assert len(acts) > 30
    assert saves
    for act in [*acts, *saves]:
        tree = ast.parse(inspect.getsource(act))
        odd = ast.For | ast.While | ast.Try | ast.With | ast.Raise | ast.Await | ast.Lambda
        assert [n.lineno for n in ast.walk(tree) if isinstance(n, odd)] == [], act
        assert len(act.__doc__ or "") > 10, act
