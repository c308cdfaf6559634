"""The normal form of typed text, commands in it, and service hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers import COMMANDS
from bot.hours import Duty, duty, is_open
from bot.words import LONGEST, nearest, normal, split_command


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("　訂單 ＡＢ! ", "订单 ab"),
        ("海報", "海报"),
        ("傭金？？", "佣金"),
        ("【提现】", "提现"),
        ("  我 的\n客户 ", "我 的 客户"),
        ("ＴＤ", "td"),
        ("😀", ""),
        ("", ""),
        ("_帮助_", "帮助"),
        ("①号", "1号"),
    ],
)
def test_normal_form(typed: str, expected: str) -> None:
    assert normal(typed) == expected


@given(st.text(max_size=300))
def test_normal_form_is_stable_and_bounded(text: str) -> None:
    once = normal(text)
    assert once == once.strip()
    assert len(once) <= LONGEST * 18  # one compatibility character may become eighteen characters
    assert "\n" not in once


@pytest.mark.parametrize(
    ("words", "names", "expected"),
    [
        ("海报", ["海报"], ("", False)),
        ("海报陈酿", ["海报"], ("陈酿", False)),
        ("海报 陈酿", ["海报"], ("陈酿", True)),
        ("海 报 陈 酿", ["海报"], ("陈 酿", True)),
        ("海报：陈酿", ["海报"], ("陈酿", True)),
        ("海", ["海报"], None),
        ("看海报", ["海报"], None),
        ("订单号 123", ["我的订单", "订单"], ("号 123", False)),
        ("t", ["t"], ("", False)),
        ("tea", ["t"], None),
        ("t 恤", ["t"], ("恤", True)),
        ("help2", ["help"], None),
        ("help我", ["help"], ("我", False)),
    ],
)
def test_the_rest_after_a_command_is_found(
    words: str, names: list[str], expected: tuple[str, bool] | None
) -> None:
    assert split_command(words, names) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("海抱", "海报"), ("申请分肖", "申请分销"), ("今天天气真好", None), ("酒", None)],
)
def test_the_nearest_command_is_found(words: str, expected: str | None) -> None:
    assert nearest(words, ["海报", "申请分销", "我的客户", "提现"]) == expected


def test_every_name_of_a_command_is_in_normal_form_and_answers_one_command_only() -> None:
    names = [name for command in COMMANDS for name in command.names]
    assert [n for n in names if normal(n) != n or " " in n] == []
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("hours", "utc_hour", "expected"),
    [
        ("9:00-21:00", 1, True),  # 09:00 in Shanghai
        ("9:00-21:00", 0, False),
        ("9:00-21:00", 13, False),  # 21:00: the end is exclusive
        ("20:00-2:00", 17, True),  # 01:00, across midnight
        ("20:00-2:00", 18, False),
        ("全天", 18, True),
    ],
)
def test_service_hours(hours: str, utc_hour: int, expected: bool) -> None:
    assert is_open(hours, datetime(2026, 11, 22, utc_hour, tzinfo=UTC)) is expected


@pytest.mark.parametrize(
    ("hours", "utc_hour", "expected"),
    [
        ("9:00-21:00", 1, Duty(is_open=True, until="21:00", again="")),
        ("每天 9:00 至 21:00", 0, Duty(is_open=False, until="", again="今天 9:00")),
        ("9:00-21:00", 13, Duty(is_open=False, until="", again="明天 9:00")),
        ("20:00-2:00", 14, Duty(is_open=True, until="明天 2:00", again="")),
        ("20:00-2:00", 17, Duty(is_open=True, until="2:00", again="")),
        ("20:00-2:00", 18, Duty(is_open=False, until="", again="今天 20:00")),
        ("0:00-24:00", 18, Duty(is_open=True, until="", again="")),
        ("8:00-8:00", 18, Duty(is_open=True, until="", again="")),
        ("周一至周五 9:00-18:00", 1, None),
        ("9:00-12:00 13:00-18:00", 1, None),
        ("全天", 18, None),
        ("", 18, None),
    ],
)
def test_the_sentence_about_service_hours_depends_on_the_time(
    hours: str, utc_hour: int, expected: Duty | None
) -> None:
    assert duty(hours, datetime(2026, 11, 22, utc_hour, tzinfo=UTC)) == expected
