"""The command ``doctor`` has a text for each code, and uses every text."""

from __future__ import annotations

from string import Formatter
from typing import get_args

from admin.marketing import offer_forms
from app import doctor
from domain.naming.rules import Verdict
from domain.pickups.queries import Ailment
from domain.promotions.doctor import FaultCode
from kernel import catalogues


def test_each_code_has_a_text_and_each_text_is_used() -> None:
    assert set(doctor.AILING) == set(get_args(FaultCode))
    assert set(doctor.UNCOLLECTED) == set(get_args(Ailment))
    assert set(doctor.JUDGED) == set(get_args(Verdict)) - {"free"}
    assert set(doctor.NAMED) == set(doctor.LOOKS)
    assert set(offer_forms.WAYS) == {"price", "sku_rate", "product_rate"}
    assert sorted(catalogues.of("doctor").unread) == []


def test_each_text_names_only_facts_that_it_receives() -> None:
    facts = {"checks", "failed", "since", "count", "code", "call", "id", "title", "ailment",
             "name", "verdict", "no", "what", "has", "says", "where", "phrase", "day",
             "table", "rows", "seen"}  # fmt: skip
    for text in doctor.LINE.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= facts
