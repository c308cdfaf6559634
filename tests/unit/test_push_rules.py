"""Rules for messages: recipients, carriers, quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.push.rules import (
    Count,
    Limits,
    Person,
    carrier_refusal,
    count_reach,
    has_window,
    is_blocked_too_often,
    quiet_until,
    why_person_excluded,
)
from domain.push.templates import fields_of

NOW = datetime(2026, 8, 1, 4, tzinfo=UTC)  # noon in Shanghai
LIMITS = Limits(allow_template_promotion=True, weekly_cap=2)
FAN = Person(1, "o1", True, NOW - timedelta(hours=1), True, False, grants=1)


@pytest.mark.parametrize(
    ("case", "changes", "carrier", "wanted"),
    [
        ("a willing fan", {}, "template", None),
        ("a willing fan", {}, "mass", None),
        ("a willing fan", {}, "service", None),
        ("a willing fan", {}, "subscription", None),
        ("said 退订", {"has_stopped": True}, "subscription", "stopped"),
        ("never agreed", {"has_agreed": False}, "template", "not_agreed"),
        ("accepting is a yes", {"has_agreed": False}, "subscription", None),
        ("had two this week", {"sent_this_week": 2}, "mass", "capped"),
        ("left", {"is_following": False}, "template", "not_following"),
        ("left but accepted", {"is_following": False}, "subscription", None),
        ("accepted nothing", {"grants": 0}, "subscription", "no_grant"),
        (
            "silent for two days",
            {"last_message_at": NOW - timedelta(hours=48)},
            "service",
            "window_closed",
        ),
        ("never wrote", {"last_message_at": None}, "service", "window_closed"),
        ("account closed", {"is_closed": True}, "mass", "closed"),
    ],
)
def test_why_a_member_is_excluded_from_a_promotion(
    case: str, changes: dict[str, object], carrier: str, wanted: str | None
) -> None:
    person = replace(FAN, **changes)  # type: ignore[arg-type]
    assert why_person_excluded(carrier, person, LIMITS, is_promotion=True, now=NOW) == wanted, case


def test_a_service_notice_needs_no_consent_and_has_no_cap() -> None:
    person = replace(FAN, has_agreed=False, has_stopped=True, sent_this_week=9)
    assert why_person_excluded("template", person, LIMITS, is_promotion=False, now=NOW) is None
    gone = replace(person, is_following=False)
    assert (
        why_person_excluded("template", gone, LIMITS, is_promotion=False, now=NOW)
        == "not_following"
    )


def test_promotion_by_template_needs_the_owners_switch() -> None:
    off = Limits(allow_template_promotion=False, weekly_cap=2)
    assert carrier_refusal("template", off, is_promotion=True) == "template_promotion_off"
    assert carrier_refusal("template", off, is_promotion=False) is None
    assert carrier_refusal("template", LIMITS, is_promotion=True) is None
    assert carrier_refusal("pigeon", LIMITS, is_promotion=False) == "carrier_unknown"


def test_everybody_is_counted_once_per_carrier() -> None:
    people = [FAN, replace(FAN, has_stopped=True), replace(FAN, grants=0)]
    counts = {"mass": Count(), "subscription": Count()}
    count_reach(people, LIMITS, counts, is_promotion=True, now=NOW)
    assert (counts["mass"].reached, counts["mass"].excluded) == (2, {"stopped": 1})
    assert counts["subscription"].excluded == {"stopped": 1, "no_grant": 1}


@pytest.mark.parametrize(
    ("hour", "until"),
    [(20, None), (21, "09 +1"), (23, "09 +1"), (0, "09"), (8, "09"), (9, None), (12, None)],
)
def test_quiet_hours_over_midnight(hour: int, until: str | None) -> None:
    local = datetime(2026, 8, 1, hour, 30, tzinfo=UTC) - timedelta(hours=8)
    end = quiet_until(local, 21, 9)
    if until is None:
        assert end is None
    else:
        day = 2 if until.endswith("+1") else 1
        assert end == datetime(2026, 8, day, 1, tzinfo=UTC)


def test_quiet_hours_within_a_day_and_no_quiet_hours() -> None:
    assert quiet_until(NOW, 12, 14) == datetime(2026, 8, 1, 6, tzinfo=UTC)
    assert quiet_until(NOW, 13, 14) is None
    assert quiet_until(NOW, 9, 9) is None


def test_the_window_of_a_campaign_is_48_hours() -> None:
    assert has_window(NOW - timedelta(hours=47, minutes=59), NOW)
    assert not has_window(NOW - timedelta(hours=48), NOW)


@pytest.mark.parametrize(
    ("settled", "blocked", "wanted"),
    [(49, 20, False), (50, 1, False), (50, 2, True), (200, 2, False), (201, 3, True)],
)
def test_too_many_blocks(settled: int, blocked: int, wanted: bool) -> None:
    assert is_blocked_too_often(settled, blocked, 100) is wanted


def test_fields_are_read_from_a_templates_text() -> None:
    content = "商品名称：{{thing1.DATA}}\n金额:{{amount2.DATA}}\n{{time3.DATA}}"
    assert fields_of(content) == [
        ["thing1", "商品名称"],
        ["amount2", "金额"],
        ["time3", "time3"],
    ]
