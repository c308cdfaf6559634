"""Keyed hashes of names and phones: equal for what people can't tell apart, and stable."""

from __future__ import annotations

import pytest

from kernel.crypto import Vault, install_vault
from kernel.people_hashes import name_hash, phone_hash
from tests.conftest import TEST_SECRET


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "+86 138-0013-8000", "008613800138000", "86 13800138000",
     "１３８００１３８０００", "138\u200b0013\u20698000", "\ufeff138 0013 8000"],
)  # fmt: skip
def test_a_phone_has_one_hash_however_it_is_written(typed: str) -> None:
    assert phone_hash(typed) == phone_hash("13800138000")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("林 小满", "林小满"), ("林\u200b小满", "林小满"), ("林\u3000小满", "林小满"),
     ("買買提·艾力", "买买提艾力"), ("ＡＮＮＡ Ｌｅｅ", "anna lee"), ("Аnna Lee", "Anna Lee"),
     ("🍶\u200d", "🍶")],
)  # fmt: skip
def test_a_name_has_one_hash_however_it_is_written(typed: str, name: str) -> None:
    assert name_hash(typed) == name_hash(name)


def test_others_have_other_hashes_and_nothing_has_none() -> None:
    names = ("林小满", "林小山", "林小", "小满", "🍶", "😀")
    assert len({name_hash(each) for each in names}) == len(names)
    assert phone_hash("13800138000") != phone_hash("13800138001")
    assert name_hash("13800138000") != phone_hash("13800138000")
    assert [name_hash(none) for none in (None, "", " \u200b")] == [None] * 3
    assert [phone_hash(none) for none in (None, "", " -")] == [None] * 3


def test_the_hashes_that_rows_have_stay_the_same() -> None:
    """Another hash needs a migration or ``keys rotate``; else nobody is found any more."""
    install_vault(Vault.from_secret(TEST_SECRET))
    assert (name_hash("欧阳·Ｎａｎａ 1"), phone_hash("+86 13800138000")) == (
        "449862d94ebb9b29e475c310473d02363e06daf2556d6ba9d2e8b530f0aaf923",
        "7d337236f94b77b00d2bdbb8ef131c7bbb3b93e4ba25d7a4f4678a849ed9b1b6",
    )
