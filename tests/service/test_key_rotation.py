"""A change of the installation's secret: stored data, one-time codes and forms stay valid."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from app.commands import REHASHING
from domain import distribution, members, orders, staff
from domain.orders import OrderFilter
from domain.payouts import payees
from kernel import crypto
from kernel.crypto import Vault, install_vault
from kernel.errors import Invalid
from kernel.finding import Sought
from kernel.web.browsers import Browser
from kernel.web.masks import unmasked
from models import Address, Member, Staff
from tests.conftest import TEST_SECRET
from tests.factories.distribution import ID_NUMBER, make_distributor
from tests.factories.members import make_address, make_member
from tests.factories.orders import placed_order
from tests.factories.staff import make_staff

NEW = "another-secret-0123456789abcdef"
CONTEXT = "address.text"


def _rotate() -> None:
    install_vault(Vault.from_secret(NEW, TEST_SECRET))


def _forget_the_old_one() -> None:
    install_vault(Vault.from_secret(NEW))


def _rewrap_all(limit: int) -> list[tuple[int, int]]:
    """Rewrap all keys; returns (keys seen, keys rewrapped) for each chunk."""
    chunks, after = [], 0
    while True:
        last, seen, done = members.rewrap_keys(after, limit)
        if not seen:
            return chunks
        chunks.append((seen, done))
        after = last


def test_after_rewrapping_in_chunks_the_old_secret_is_not_needed(db: Any) -> None:
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


def test_one_time_codes_stay_valid_after_the_old_secret_is_removed(db: Any) -> None:
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


def test_people_are_found_before_while_and_after_the_secret_changes(db: Any) -> None:
    """The hashes are made under the secret: a search asks for both, and they are made anew."""
    person = make_member("欧阳娜娜")
    make_address(person, name="林小山", phone="13912340001")
    order_id = placed_order(person).order_id
    seller = make_distributor("阿慧")
    payees.save_identity(seller, "陈阿慧", ID_NUMBER)

    def found() -> tuple[set[str], list[int], set[str]]:
        people = [members.find_members(Sought.of(x), 9) for x in ("欧阳娜娜", "13912340001")]
        cards = orders.list_orders(OrderFilter(words="林小山"))
        sellers = [distribution.find_distributors(Sought.of(x), 9) for x in ("阿慧推荐", "陈阿慧")]
        return (
            {hit.key for hits in people for hit in hits}, [card.id for card in cards],
            {hit.key for hits in sellers for hit in hits},
        )  # fmt: skip

    whole = ({str(person)}, [order_id], {str(seller)})
    assert found() == whole
    _rotate()
    assert found() == whole
    assert _rewrap_all(10) != []
    for rehash in REHASHING:
        last, seen, done = rehash(0, 100)
        assert (seen, done) >= (1, 1), rehash
        assert rehash(0, 100) == (last, seen, 0)
        assert rehash(last, 100) == (0, 0, 0)
    assert found() == whole
    _forget_the_old_one()
    assert found() == whole


def test_an_erased_person_has_no_hash_after_the_change(db: Any) -> None:
    person = make_member()
    make_address(person)
    Member.update(wrapped_key=None).where(Member.id == person).execute()
    assert members.rehash_addresses()[1:] == (1, 1)
    row = Address.get(Address.member == person)
    assert (row.name_hash, row.phone_hash) == (None, None)


def test_a_deleted_address_finds_nobody(db: Any) -> None:
    person = make_member()
    address_id = make_address(person, phone="13912340001")
    assert len(members.find_members(Sought.of("13912340001"), 9)) == 1
    members.delete_address(person, address_id)
    assert members.find_members(Sought.of("13912340001"), 9) == []
    assert Address.get_by_id(address_id).phone_hash is None


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
    install_vault(Vault.from_secret(TEST_SECRET, NEW))  # a process that was not restarted yet
    assert members.open_for(person, sealed, CONTEXT) == "新密钥写的"
