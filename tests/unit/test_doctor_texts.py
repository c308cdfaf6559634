"""The command ``doctor`` says each code of what it looks at, and asks for every text it has."""

from __future__ import annotations

from string import Formatter
from typing import get_args

from admin.marketing import offer_forms
from app import doctor
from domain.naming.rules import Verdict
from domain.promotions.doctor import FaultCode
from kernel import catalogues


def test_each_code_has_its_words_and_none_is_left_over() -> None:
    assert set(doctor.AILING) == set(get_args(FaultCode))
    assert set(doctor.JUDGED) == set(get_args(Verdict)) - {"free"}
    assert set(doctor.NAMED) == set(doctor.LOOKS)
    assert set(offer_forms.WAYS) == {"price", "sku_rate", "product_rate"}
    assert sorted(catalogues.of("doctor").unread) == []


def test_each_line_names_facts_that_it_is_given() -> None:
    facts = {"checks", "failed", "since", "count", "code", "call", "id", "title", "ailment",
             "name", "verdict", "no", "what", "has", "says"}  # fmt: skip
    for text in doctor.LINE.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= facts
