"""The installation's secret is changed while people's data, codes and forms go on working."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from domain import members, staff
from kernel import crypto
from kernel.crypto import Vault, install_vault
from kernel.errors import Invalid
from kernel.web.browsers import Browser
from kernel.web.masks import unmasked
from models import Member, Staff
from tests.conftest import TEST_SECRET
from tests.factories.members import make_member
from tests.factories.staff import make_staff

NEW = "another-secret-0123456789abcdef"
CONTEXT = "address.text"


def _rotate() -> None:
    install_vault(Vault.from_secret(NEW, TEST_SECRET))


def _forget_the_old_one() -> None:
    install_vault(Vault.from_secret(NEW))


def _rewrap_all(limit: int) -> list[tuple[int, int]]:
    """Looked at and rewrapped, chunk by chunk."""
    chunks, after = [], 0
    while True:
        last, seen, done = members.rewrap_keys(after, limit)
        if not seen:
            return chunks
        chunks.append((seen, done))
        after = last


def test_keys_are_rewrapped_in_chunks_and_the_old_secret_is_needed_no_more(db: Any) -> None:
    people = [make_member(f"人{n}") for n in range(5)]
    sealed = {p: members.seal_for(p, f"{p} 号的地址😀", CONTEXT) for p in people}
    _rotate()
    assert members.open_for(people[0], sealed[people[0]], CONTEXT) == f"{people[0]} 号的地址😀"
    assert _rewrap_all(2) == [(2, 2), (2, 2), (1, 1)]
    assert _rewrap_all(2) == [(2, 0), (2, 0), (1, 0)]
    _forget_the_old_one()
    for person in people:
        assert members.open_for(person, sealed[person], CONTEXT) == f"{person} 号的地址😀"


def test_without_rewrapping_the_new_secret_alone_opens_nothing(db: Any) -> None:
    person = make_member()
    sealed = members.seal_for(person, "地址", CONTEXT)
    _forget_the_old_one()
    with pytest.raises(InvalidTag):
        members.open_for(person, sealed, CONTEXT)


def test_an_erased_person_stays_erased(db: Any) -> None:
    person = make_member()
    members.seal_for(person, "地址", CONTEXT)
    Member.update(wrapped_key=None).where(Member.id == person).execute()
    _rotate()
    assert _rewrap_all(10) == []
    assert Member.get_by_id(person).wrapped_key is None


def test_one_time_codes_go_on_after_the_old_secret_is_gone(db: Any) -> None:
    make_staff("boss", ("owner",))
    row = Staff.get(Staff.login == "boss")
    assert row.sealed_totp is not None
    code = staff.demo_code("boss")
    _rotate()
    assert staff.demo_code("boss") == code
    assert staff.rewrap_totp() == 1
    assert staff.rewrap_totp() == 0
    _forget_the_old_one()
    assert staff.demo_code("boss") == code


def test_signed_cookies_and_open_forms_survive_the_change() -> None:
    cookie = "c" * 40
    signed, form = crypto.vault().sign("visitor", "v1"), Browser.csrf_of(cookie)
    browser = Browser(None, cookie, "v1", None)  # type: ignore[arg-type]
    _rotate()
    assert crypto.vault().verify("visitor", signed) == "v1"
    assert browser.is_csrf(form)
    assert unmasked(browser.csrf) != unmasked(form)
    assert not browser.is_csrf(form[:-1])
    _forget_the_old_one()
    assert not browser.is_csrf(form)
    with pytest.raises(Invalid):
        crypto.vault().verify("visitor", signed)


def test_both_secrets_may_be_the_first_one_while_processes_restart(db: Any) -> None:
    person = make_member()
    install_vault(Vault.from_secret(NEW, TEST_SECRET))
    sealed = members.seal_for(person, "新密钥写的", CONTEXT)
    install_vault(Vault.from_secret(TEST_SECRET, NEW))  # a process that comes second
    assert members.open_for(person, sealed, CONTEXT) == "新密钥写的"
