"""Impact assessments: versions, what the program knew, reviews."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import impact
from domain.impact import ReportForm
from kernel import clock
from kernel.errors import Invalid
from tests.factories.distribution import pass_time


def test_versions_of_an_assessment_are_kept_with_what_was_known(db: Any) -> None:
    day: date = clock.business_day(clock.now()) + timedelta(days=200)
    text = "实名后才能付款给分销商，依法代扣个税"
    form = ReportForm(text, text, text, "high", text, day)
    assert impact.due_subjects() == ["identity", "profiling", "sharing"]
    assert [impact.write_report("identity", form, "staff:boss") for _ in range(2)] == [1, 2]
    first = impact.report("identity", 1)
    assert {each["package"] for each in first.registers["held"]} >= {"orders", "members"}
    assert first.keep_until_at > first.made_at + timedelta(days=3 * 365)
    assert "identity" not in impact.due_subjects()
    pass_time(days=201)
    assert "identity" in impact.due_subjects()
    with pytest.raises(Invalid, match="impact_review_bad"):
        impact.write_report("identity", form, "staff:boss")
