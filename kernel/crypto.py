"""Field encryption, blind indexes and signed values.

Personal data is encrypted per member: AES-256-GCM under the member's data key, which is wrapped by
the master key. Deleting the wrapped key makes every row of that member unreadable (erasure).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.errors import Invalid

_NONCE = 12


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose from the installation's secret (HKDF-SHA256)."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=b"fenmall", info=purpose.encode())
    return hkdf.derive(secret.encode())


def seal(key: bytes, plain: bytes, context: str) -> str:
    """Encrypt with AES-256-GCM and a random nonce; ``context`` is authenticated with the text.

    The context names row and column, so that a sealed text can't be moved elsewhere.
    """
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, context.encode())).decode()


def unseal(key: bytes, text: str, context: str) -> bytes:
    """Decrypt a text of ``seal``. Raises InvalidTag if it was altered or its context differs."""
    raw = base64.b64decode(text)
    return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())


@dataclass(frozen=True)
class Vault:
    """The installation's keys: wraps data keys, encrypts fields, makes blind indexes, signs."""

    master: bytes
    index: bytes
    signing: bytes
    previous: Vault | None = None
    """The keys of the previous secret: used to decrypt and verify, never to encrypt or sign."""

    @classmethod
    def from_secret(cls, secret: str, previous: str | None = None) -> Vault:
        """Derive all keys from the configured secret and, if given, the previous one."""
        older = cls.from_secret(previous) if previous else None
        keys = derive(secret, "master"), derive(secret, "index"), derive(secret, "signing")
        return cls(*keys, older)

    def seal(self, plain: bytes, context: str) -> str:
        """Encrypt a value that belongs to no member, such as a staff member's TOTP secret."""
        return seal(self.master, plain, context)

    def unseal(self, text: str, context: str) -> bytes:
        """Decrypt a value sealed under the present or the previous secret. Raises InvalidTag."""
        try:
            return unseal(self.master, text, context)
        except InvalidTag:
            if self.previous is None:
                raise
            return self.previous.unseal(text, context)

    def is_current(self, text: str, context: str) -> bool:
        """Whether a text was sealed under the present secret."""
        try:
            unseal(self.master, text, context)
        except InvalidTag:
            return False
        return True

    def rewrap(self, wrapped: str, owner: str) -> str | None:
        """The same data key, wrapped under the present secret; None if it already is."""
        if self.is_current(wrapped, f"key:{owner}"):
            return None
        return self.seal(self.open_data_key(wrapped, owner), f"key:{owner}")

    def new_data_key(self, owner: str) -> str:
        """A fresh data key, wrapped for storing."""
        return seal(self.master, os.urandom(32), f"key:{owner}")

    def open_data_key(self, wrapped: str, owner: str) -> bytes:
        """The data key of an owner, from its wrapped form."""
        return self.unseal(wrapped, f"key:{owner}")

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash by which an encrypted value can be found (HMAC blind index)."""
        return _keyed_hash(self.index, purpose, value).hex()

    def blinds(self, purpose: str, value: str) -> tuple[str, ...]:
        """The hashes that rows may have while the secret is changed: by the present one first."""
        mine = (self.blind(purpose, value),)
        return mine if self.previous is None else mine + self.previous.blinds(purpose, value)

    def sign(self, purpose: str, text: str) -> str:
        """``text.signature`` for cookies and links: the text is readable but can't be forged."""
        return f"{text}.{self._mac(purpose, text)}"

    def verify(self, purpose: str, signed: str) -> str:
        """The text of a signed value. Raises Invalid('signature_bad')."""
        text, _, mac = _utf8(signed).rpartition(".")
        if hmac.compare_digest(mac.encode(), self._mac(purpose, text).encode()):
            return text
        if self.previous is None:
            raise Invalid("signature_bad")
        return self.previous.verify(purpose, signed)

    def tag(self, purpose: str, text: str) -> str:
        """A keyed hash as proof that we issued a value; not stored, since the secret changes."""
        return _keyed_hash(self.signing, purpose, text).hex()

    def is_tag(self, purpose: str, text: str, sent: str, length: int) -> bool:
        """Whether ``sent`` is the first ``length`` characters of a tag, by either secret."""
        mine = self.tag(purpose, text)[:length].encode()
        if hmac.compare_digest(_utf8(sent).encode(), mine):
            return True
        return self.previous is not None and self.previous.is_tag(purpose, text, sent, length)

    def _mac(self, purpose: str, text: str) -> str:
        return base64.urlsafe_b64encode(_keyed_hash(self.signing, purpose, text)[:18]).decode()


def _keyed_hash(key: bytes, purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of purpose and text.

    Every request needs several. ``hmac.digest`` begins anew with the key each time, and gives way
    to the other threads while it computes; what the key makes of both hashes is kept instead.
    """
    inner, outer = (begun.copy() for begun in _begun(key))
    inner.update(f"{purpose}\0{text}".encode())
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=8)
def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The inner and the outer hash of HMAC (RFC 2104), begun with a key of at most one block."""
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))


_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def _utf8(sent: str) -> str:
    """A header's text with undecodable bytes replaced, so that comparing it can't raise."""
    return sent.encode("utf-8", "replace").decode("utf-8")


_vault: Vault | None = None


def install_vault(vault: Vault) -> None:
    """Set this process's vault; ``app`` calls it once at start."""
    global _vault
    _vault = vault


def vault() -> Vault:
    """This process's vault. Raises RuntimeError before ``install_vault``."""
    if _vault is None:
        raise RuntimeError("no vault installed")
    return _vault
