"""Business time, business days, and identifiers that are shown outside."""

from __future__ import annotations

import os
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.fields import JsonField, UtcField, from_micros, to_micros
from kernel.ids import ALPHABET, OUT_NUMBER, digest, nonce, out_number, random_code, token


def test_the_offset_moves_now_and_timestamp_together() -> None:
    before = clock.now()
    clock.set_offset(timedelta(days=15))
    assert timedelta(days=15) <= clock.now() - before < timedelta(days=15, seconds=5)
    assert abs(clock.timestamp() - int(clock.now().timestamp())) <= 1
    assert clock.offset() == timedelta(days=15)


def test_the_offset_does_not_move_the_systems_own_time() -> None:
    clock.set_offset(timedelta(days=-400))
    assert abs(clock.system_now().timestamp() - time.time()) < 5
    assert clock.system_now() - clock.now() > timedelta(days=399)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 1, 1, 0, 0, tzinfo=clock.SHANGHAI), date(2026, 1, 1)),
    ],
)
def test_the_business_day_changes_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    assert clock.business_day(instant) == day


@given(st.dates(date(1992, 1, 1), date(2100, 1, 1)))
def test_the_start_of_a_day_belongs_to_the_day(day: date) -> None:
    start = clock.day_start(day)
    assert start.utcoffset() == timedelta(0)
    assert clock.business_day(start) == day
    assert clock.business_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_are_stored_as_microseconds_without_loss(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant
    assert UtcField().python_value(UtcField().db_value(instant)) == instant


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
))  # fmt: skip
def test_json_columns_read_back_equal(value: object) -> None:
    field = JsonField()
    assert field.python_value(field.db_value(value)) == value


def test_out_numbers_follow_wechat_s_rule_and_are_unique() -> None:
    numbers = [out_number("T") for _ in range(2000)]
    assert len(set(numbers)) == 2000
    assert all(OUT_NUMBER.fullmatch(n) for n in numbers)
    assert all(6 <= len(out_number(kind)) <= 32 for kind in ("T", "RF", "WDR"))


def test_an_out_number_contains_its_business_day() -> None:
    day = clock.business_day(clock.now())
    assert out_number("WD")[2:8] in (f"{day:%y%m%d}", f"{day + timedelta(days=1):%y%m%d}")


def test_nonces_use_the_allowed_characters_and_are_unique() -> None:
    made = [nonce(length) for length in (10, 16, 5_000, 1) for _ in range(400)]
    assert [len(each) for each in made] == [n for n in (10, 16, 5_000, 1) for _ in range(400)]
    assert set("".join(made)) == set(ALPHABET)
    longer = [each for each in made if len(each) >= 10]
    assert len(set(longer)) == len(longer)


def test_threads_and_forked_processes_share_no_nonce() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(nonce, [16] * 4_000))
    assert len(set(made)) == 4_000
    nonce(16)  # fills the parent's stock of random bytes, which a child must not use
    here, there = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        os.write(there, nonce(16).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(here, 16).decode() != nonce(16)
    os.close(here)
    os.close(there)


def test_random_codes_avoid_letters_that_people_confuse() -> None:
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert set(random_code(4000)) == set(ALPHABET)


def test_tokens_are_long_and_digests_do_not_show_them() -> None:
    first, second = token(), token()
    assert first != second
    assert len(first) >= 43
    assert digest(first) != digest(second)
    assert len(digest(first)) == 64
    assert first not in digest(first)
