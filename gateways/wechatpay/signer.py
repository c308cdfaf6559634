"""Keys, signatures and encryption of WeChat Pay v3.

Signatures are RSA-SHA256. What WeChat sends is encrypted by AEAD_AES_256_GCM, sensitive fields
that we send by RSAES-OAEP with SHA-1.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from gateways.wechatpay.wechat_time import WechatTime
from kernel import clock, ids
from kernel.config import Pay

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
SKEW_SECONDS = 300


class BadSignature(Exception):
    """The signature of an answer or notification is not valid.

    ``reason`` is one of ``headers``, ``time``, ``probe``, ``serial``, ``signature``.
    """

    def __init__(self, reason: str, serial: str = "") -> None:
        super().__init__(reason, serial)
        self.reason = reason
        self.serial = serial


@dataclass
class Keyring:
    """The keys that WeChat Pay may sign with: its public key and its platform certificates.

    During the switch from one to the other WeChat uses both.
    """

    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Pay) -> Keyring:
        """The configured keys."""
        ring = cls()
        for text in config.certificates:
            ring.add_certificate(text)
        if config.public_key and config.public_key_id:
            key = serialization.load_pem_public_key(config.public_key.encode())
            ring.keys[config.public_key_id] = _rsa_public(key)
        return ring

    def add_certificate(self, text: str) -> str:
        """Trust a platform certificate; returns its serial number."""
        from cryptography import x509  # 2 MB that a shop with a public key never needs

        certificate = x509.load_pem_x509_certificate(text.encode())
        serial = f"{certificate.serial_number:X}"
        self.keys[serial] = _rsa_public(certificate.public_key())
        self.starts[serial] = certificate.not_valid_before_utc
        self.ends[serial] = certificate.not_valid_after_utc
        return serial

    def find(self, serial: str) -> RSAPublicKey | None:
        """The key of a serial, which may have leading zeros or lower-case letters.

        None if it is unknown or its certificate has expired.
        """
        name = serial if serial in self.keys else serial.upper().lstrip("0")
        return None if self._has_ended(name) else self.keys.get(name)

    def current(self) -> list[str]:
        """The serials of the unexpired certificates, oldest first."""
        return sorted(
            (serial for serial in self.ends if not self._has_ended(serial)),
            key=lambda serial: self.starts[serial],
        )

    def _has_ended(self, serial: str) -> bool:
        end = self.ends.get(serial)
        return end is not None and end <= clock.now()

    def copy(self) -> Keyring:
        """A copy of the keyring."""
        return Keyring(dict(self.keys), dict(self.starts), dict(self.ends))

    def newest_certificate(self) -> str | None:
        """The serial of the newest valid certificate, which is used for encrypting."""
        now = clock.now().astimezone(UTC)
        current = self.current()
        begun = [s for s in current if self.starts[s] <= now] or current
        return begun[-1] if begun else None


@dataclass(frozen=True)
class Seal:
    """The four signature headers of an answer or notification."""

    timestamp: str
    nonce: str
    signature: str
    serial: str

    @property
    def at(self) -> int:
        """The time of signing, in seconds since 1970."""
        return int(self.timestamp)


class Signer:
    """Signs for the merchant, verifies and decrypts what WeChat Pay sends."""

    def __init__(self, config: Pay) -> None:
        self.config = config
        self.time = WechatTime()
        self.ring = Keyring.from_config(config)
        key = serialization.load_pem_private_key(config.private_key.encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the merchant's key must be RSA")
        self._key = key
        self._answered_by = ""

    @property
    def answer_serial(self) -> str | None:
        """The serial of the WeChat key that answers shall be signed with; sent in requests."""
        return self.config.public_key_id or self.ring.newest_certificate()

    @property
    def sealing_serial(self) -> str | None:
        """The serial of the WeChat key that sensitive texts are encrypted for.

        Before the merchant has begun the switch to the public key, or after cancelling it, WeChat
        signs with a certificate although requests name the public key, and can't decrypt texts
        encrypted with the public key. So the key that signed the last answer decides.
        """
        is_named = not self._answered_by or self._answered_by == self.config.public_key_id
        if self.config.public_key_id and is_named:
            return self.config.public_key_id
        return self.ring.newest_certificate() or self.config.public_key_id

    def authorization(self, method: str, target: str, body: bytes, at: int | None = None) -> str:
        """The Authorization header for exactly these bytes (path with query, and body).

        ``at``: the instant to sign with, WeChat's time by default.
        """
        timestamp, nonce = str(self.time.timestamp() if at is None else at), ids.random_code(32)
        text = f"{method}\n{target}\n{timestamp}\n{nonce}\n{body.decode()}\n"
        return (
            f'{SCHEME} mchid="{self.config.mchid}",nonce_str="{nonce}",'
            f'signature="{self.sign(text)}",timestamp="{timestamp}",'
            f'serial_no="{self.config.serial_no}"'
        )

    def sign(self, text: str) -> str:
        """RSA-SHA256 by the merchant's key, in base64."""
        return b64encode(self._key.sign(text.encode(), PKCS1v15(), SHA256())).decode()

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        """Verify signature and age of a body; returns its signature headers. Raises BadSignature.

        The age limit is five minutes by WeChat's clock as far as that is proven.
        """
        seal = _seal(headers)
        if abs(self.time.timestamp() - seal.at) >= SKEW_SECONDS:
            raise BadSignature("time")
        self._check(seal, body)
        return seal

    def signed_at(self, headers: Mapping[str, str], body: bytes) -> int:
        """When WeChat signed a body (seconds since 1970), of any age. Raises BadSignature."""
        seal = _seal(headers)
        self._check(seal, body)
        return seal.at

    def _check(self, seal: Seal, body: bytes) -> None:
        key = self.ring.find(seal.serial)
        if key is None:
            raise BadSignature("serial", seal.serial)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise BadSignature("signature") from None
        signed = f"{seal.timestamp}\n{seal.nonce}\n{text}\n".encode()
        try:
            key.verify(b64decode(seal.signature), signed, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            raise BadSignature("signature") from None

    def learn(self, serial: str) -> None:
        """Record the key that signed a verified answer, which is in force at WeChat."""
        self._answered_by = serial

    @property
    def is_answered_by_certificate(self) -> bool:
        """Whether a certificate signed the last answer although requests name the public key."""
        return bool(self._answered_by) and self._answered_by != self.config.public_key_id

    def decrypt(self, resource: Mapping[str, str]) -> str | None:
        """The plain text of an AEAD_AES_256_GCM resource; None if it can't be decrypted."""
        try:
            plain = AESGCM(self.config.apiv3_key.encode()).decrypt(
                resource["nonce"].encode(),
                b64decode(resource["ciphertext"]),
                (resource.get("associated_data") or "").encode(),
            )
            return plain.decode()
        except (InvalidTag, KeyError, TypeError, ValueError, AttributeError):
            return None

    def encrypt_for_wechat(self, text: str) -> tuple[str, str]:
        """Encrypt a sensitive text for WeChat (RSA-OAEP); returns it with the key's serial.

        Raises BadSignature('serial') if no key of WeChat's is known.
        """
        serial = self.sealing_serial
        key = self.ring.find(serial) if serial else None
        if serial is None or key is None:
            raise BadSignature("serial")
        sealed = key.encrypt(text.encode(), OAEP(MGF1(SHA1()), SHA1(), None))  # noqa: S303
        return b64encode(sealed).decode(), serial


def _rsa_public(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise TypeError("WeChat Pay's keys are RSA")
    return key


def _seal(headers: Mapping[str, str]) -> Seal:
    """Parse the signature headers, without verifying them. Raises BadSignature."""
    lower = {name.lower(): value for name, value in headers.items()}
    names = ("timestamp", "nonce", "signature", "serial")
    timestamp, nonce, signature, serial = (lower.get(f"wechatpay-{name}", "") for name in names)
    if not all(v and v.isascii() for v in (timestamp, nonce, signature, serial)):
        raise BadSignature("headers")
    if lower.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise BadSignature("headers")
    if signature.startswith(PROBE):
        raise BadSignature("probe")
    if not (timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("time")
    return Seal(timestamp, nonce, signature, serial)
