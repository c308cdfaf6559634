"""WeChat's ciphers and signatures, written from the protocol documents, not from the shop."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from simulator.settings import Settings, pem

BLOCK = 32


class CryptoError(ValueError):
    """A cipher text or signature of the other side is not valid."""


def sha1_of_sorted(*parts: str) -> str:
    """The signature of a push (签名): SHA-1 over the sorted, joined parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def same(a: str, b: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


@dataclass(frozen=True)
class Envelope:
    """The AES envelope of pushed messages and passive replies (消息加解密)."""

    token: str
    encoding_aes_key: str
    appid: str

    def _key(self) -> bytes:
        key = base64.b64decode(self.encoding_aes_key + "=")
        if len(key) != 32:
            raise CryptoError("EncodingAESKey must be 43 characters")
        return key

    def encrypt(self, xml: str) -> str:
        """Base64 of random(16) + length + message + appid, padded to 32."""
        message = xml.encode()
        plain = os.urandom(16) + struct.pack(">I", len(message)) + message + self.appid.encode()
        pad = BLOCK - len(plain) % BLOCK
        plain += bytes([pad]) * pad
        key = self._key()
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The message inside; raises CryptoError if the appid is not ours."""
        try:
            data = base64.b64decode(encrypted, validate=True)
        except ValueError as error:
            raise CryptoError("Encrypt is not base64") from error
        if not data or len(data) % 16:
            raise CryptoError("cipher text is not whole blocks")
        key = self._key()
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        return self._open(plain)

    def _open(self, plain: bytes) -> str:
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or len(plain) < 20 + pad or plain[-pad:] != bytes([pad]) * pad:
            raise CryptoError("wrong padding")
        (length,) = struct.unpack(">I", plain[16:20])
        body = plain[20:-pad]
        if length > len(body):
            raise CryptoError("wrong length")
        if body[length:] != self.appid.encode():
            raise CryptoError("the envelope belongs to another appid")
        try:
            return body[:length].decode()
        except UnicodeDecodeError as error:
            raise CryptoError("message is not UTF-8") from error

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """msg_signature over the base64 text of Encrypt."""
        return sha1_of_sorted(self.token, timestamp, nonce, encrypted)


def rsa_sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """Base64 of RSA-SHA256, PKCS#1 v1.5."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def rsa_verify(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """True if the base64 signature was made by the key's holder over exactly these bytes."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def oaep_decrypt(key: rsa.RSAPrivateKey, encrypted: str) -> str:
    """Decrypt a sensitive field (敏感字段): RSAES-OAEP with SHA-1, as Pay v3 defines it."""
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    try:
        return key.decrypt(base64.b64decode(encrypted, validate=True), oaep).decode()
    except ValueError as error:
        raise CryptoError("sensitive field cannot be decrypted") from error


def gcm_seal(key: str, nonce: str, associated_data: str, plain: bytes) -> str:
    """AES-256-GCM with the APIv3 key; base64 of cipher text and tag."""
    sealed = AESGCM(key.encode()).encrypt(nonce.encode(), plain, associated_data.encode())
    return base64.b64encode(sealed).decode()


class PayKeys:
    """The RSA keys that WeChat Pay holds: its own two, and the merchant's public key."""

    def __init__(self, settings: Settings) -> None:
        self.wechatpay = _private_key(settings.wechatpay_private_key)
        self.platform = _private_key(settings.platform_private_key)
        self.merchant = _public_key(settings.merchant_public_key)

    @property
    def is_ready(self) -> bool:
        """False if keys are missing; the Pay half then answers 500, as it can't sign."""
        return self.wechatpay is not None and self.merchant is not None


def _private_key(value: str) -> rsa.RSAPrivateKey | None:
    if not value:
        return None
    key = serialization.load_pem_private_key(pem(value), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _public_key(value: str) -> rsa.RSAPublicKey | None:
    if not value:
        return None
    key = serialization.load_pem_public_key(pem(value))
    assert isinstance(key, rsa.RSAPublicKey)
    return key
