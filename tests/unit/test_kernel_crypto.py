"""Sealed fields, blind indexes, signed values."""

from __future__ import annotations

import hmac

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from kernel import crypto
from kernel.crypto import Vault, derive, seal, unseal
from kernel.errors import Invalid

VAULT = Vault.from_secret("a secret of an installation")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_a_sealed_text_opens_in_its_own_context_only(plain: bytes, place: str) -> None:
    sealed = seal(VAULT.master, plain, place)
    assert unseal(VAULT.master, sealed, place) == plain
    with pytest.raises(InvalidTag):
        unseal(VAULT.master, sealed, place + "x")
    with pytest.raises(InvalidTag):
        unseal(VAULT.index, sealed, place)


def test_sealing_the_same_text_twice_gives_different_results() -> None:
    assert len({seal(VAULT.master, b"13800001234", "member:1:phone") for _ in range(50)}) == 50


def test_an_altered_text_does_not_open() -> None:
    sealed = seal(VAULT.master, b"secret", "x")
    altered = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
    with pytest.raises((InvalidTag, ValueError)):
        unseal(VAULT.master, altered, "x")


def test_a_data_key_opens_for_its_owner_only() -> None:
    wrapped = VAULT.new_data_key("member:1")
    key = VAULT.open_data_key(wrapped, "member:1")
    assert len(key) == 32
    assert key == VAULT.open_data_key(wrapped, "member:1")
    with pytest.raises(InvalidTag):
        VAULT.open_data_key(wrapped, "member:2")
    assert VAULT.new_data_key("member:1") != wrapped


def test_blind_indexes_find_equal_values_of_one_purpose() -> None:
    assert VAULT.blind("phone", "13800001234") == VAULT.blind("phone", "13800001234")
    assert VAULT.blind("phone", "13800001234") != VAULT.blind("phone", "13800001235")
    assert VAULT.blind("phone", "1") != VAULT.blind("identity", "1")
    assert Vault.from_secret("another installation").blind("phone", "1") != VAULT.blind(
        "phone", "1"
    )


@given(st.text(max_size=200), st.binary(min_size=1, max_size=64))
def test_keyed_hashes_are_hmac(text: str, key: bytes) -> None:
    made = crypto._keyed_hash(key, "csrf", text)
    assert made == hmac.digest(key, b"csrf\0" + text.encode(), "sha256")


@given(st.text(max_size=60), st.sampled_from(["cookie", "link"]))
def test_signed_values_verify_for_their_purpose_only(text: str, purpose: str) -> None:
    signed = VAULT.sign(purpose, text)
    assert VAULT.verify(purpose, signed) == text
    with pytest.raises(Invalid, match="signature_bad"):
        VAULT.verify(purpose + "x", signed)


@pytest.mark.parametrize(
    "forged", ["", ".", "a.", "text", "text.", "签.名", "12.AAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_forged_values_are_refused(forged: str) -> None:
    with pytest.raises(Invalid, match="signature_bad"):
        VAULT.verify("cookie", forged)


def test_each_purpose_has_its_own_key() -> None:
    keys = {derive("secret", purpose) for purpose in ("master", "index", "signing")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
    assert derive("secret", "master") == derive("secret", "master")


def test_without_an_installed_vault_an_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_vault", None)
    with pytest.raises(RuntimeError, match="no vault"):
        crypto.vault()
