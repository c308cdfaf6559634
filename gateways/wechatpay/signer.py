"""Keys and signatures of WeChat Pay v3, by wechatpayv3's helpers and our own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from wechatpayv3 import utils

from kernel import clock, ids
from kernel.config import Pay

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
SKEW_SECONDS = 300


class BadSignature(Exception):
    """What WeChat Pay is said to have sent does not hold.

    ``reason`` is one of ``headers``, ``time``, ``probe``, ``serial``, ``signature``.
    """

    def __init__(self, reason: str, serial: str = "") -> None:
        super().__init__(reason, serial)
        self.reason = reason
        self.serial = serial


@dataclass
class Keyring:
    """The keys that WeChat Pay may sign with: its public key and platform certificates, at once.

    During a switch from one to the other both sign, as WeChat chooses.
    """

    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Pay) -> Keyring:
        """The keys that are configured."""
        ring = cls()
        for text in config.certificates:
            ring.add_certificate(text)
        if config.public_key and config.public_key_id:
            key = load_pem_public_key(config.public_key.encode())
            ring.keys[config.public_key_id] = _rsa_public(key)
        return ring

    def add_certificate(self, text: str) -> str:
        """Trust a platform certificate; returns its serial number."""
        certificate = x509.load_pem_x509_certificate(text.encode())
        serial = f"{certificate.serial_number:X}"
        self.keys[serial] = _rsa_public(certificate.public_key())
        self.starts[serial] = certificate.not_valid_before_utc
        self.ends[serial] = certificate.not_valid_after_utc
        return serial

    def find(self, serial: str) -> RSAPublicKey | None:
        """The key of a serial; hexadecimal ones come with leading zeros or small letters, too."""
        return self.keys.get(serial) or self.keys.get(serial.upper().lstrip("0"))

    def copy(self) -> Keyring:
        """The same keys, to try others beside them."""
        return Keyring(dict(self.keys), dict(self.starts), dict(self.ends))

    def newest_certificate(self) -> str | None:
        """The serial of the certificate that began last: the one to encrypt with."""
        now = clock.now().astimezone(UTC)
        begun = [s for s, start in self.starts.items() if start <= now] or list(self.starts)
        return max(begun, key=lambda s: self.starts[s], default=None)


class Signer:
    """Signs for the merchant, verifies and decrypts what WeChat Pay sends."""

    def __init__(self, config: Pay) -> None:
        self.config = config
        self.ring = Keyring.from_config(config)
        key = load_pem_private_key(config.private_key.encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the merchant's key must be RSA")
        self._key = key

    @property
    def answer_serial(self) -> str | None:
        """Which of WeChat's keys answers are to be signed with, and texts encrypted for."""
        return self.config.public_key_id or self.ring.newest_certificate()

    def authorization(self, method: str, target: str, body: bytes) -> str:
        """The Authorization header for exactly these bytes (path with query, and body)."""
        timestamp, nonce = str(clock.timestamp()), ids.random_code(32)
        text = f"{method}\n{target}\n{timestamp}\n{nonce}\n{body.decode()}\n"
        return (
            f'{SCHEME} mchid="{self.config.mchid}",nonce_str="{nonce}",'
            f'signature="{self.sign(text)}",timestamp="{timestamp}",'
            f'serial_no="{self.config.serial_no}"'
        )

    def sign(self, text: str) -> str:
        """RSA-SHA256 by the merchant's key, in base64."""
        signed: str = utils.rsa_sign(self._key, text)
        return signed

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check who signed a body and when. Raises BadSignature."""
        lower = {name.lower(): value for name, value in headers.items()}
        names = ("timestamp", "nonce", "signature", "serial")
        timestamp, nonce, signature, serial = (
            lower.get(f"wechatpay-{name}", "") for name in names
        )
        values = (timestamp, nonce, signature, serial)
        if not all(value and value.isascii() for value in values):
            raise BadSignature("headers")
        if lower.get("wechatpay-signature-type", SCHEME) != SCHEME:
            raise BadSignature("headers")
        if signature.startswith(PROBE):
            raise BadSignature("probe")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadSignature("time")
        if abs(clock.timestamp() - int(timestamp)) >= SKEW_SECONDS:
            raise BadSignature("time")
        key = self.ring.find(serial)
        if key is None:
            raise BadSignature("serial", serial)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise BadSignature("signature") from None
        if not utils.rsa_verify(timestamp, nonce, text, signature, key):
            raise BadSignature("signature")

    def decrypt(self, resource: Mapping[str, str]) -> str | None:
        """The plain text of an AEAD_AES_256_GCM resource, or None if it was altered."""
        try:
            plain: str | None = utils.aes_decrypt(
                resource["nonce"],
                resource["ciphertext"],
                resource.get("associated_data") or "",
                self.config.apiv3_key,
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return plain

    def encrypt_for_wechat(self, text: str) -> tuple[str, str]:
        """A sensitive text for WeChat (RSA-OAEP), and the serial of the key it is for."""
        serial = self.answer_serial
        key = self.ring.find(serial) if serial else None
        if serial is None or key is None:
            raise BadSignature("serial")
        sealed: str = utils.rsa_encrypt(text, key)
        return sealed, serial


def _rsa_public(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise TypeError("WeChat Pay's keys are RSA")
    return key
