"""Checks the key material of WeChat Pay by its content, whatever its files are called."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DEMO_FOLDERS = ("var/demo-keys", "demo-keys", "keys")
"""Folders in which a demo on this machine keeps its generated keys.

``keys`` counts only if the files of a demo are in it.
"""

DEMO_FILES = ("merchant_private_key.pem", "wechatpay_private_key.pem", "platform_private_key.pem")
BITS = 2048


def faults(pay: Any, base: Path) -> Iterator[tuple[str, str]]:
    """Yield each key of the pay section that production must not use, with the reason."""
    demo = demo_prints(base)
    named: dict[str, str | None] = {}
    for key, text in (("pay.private_key", pay.private_key), ("pay.public_key", pay.public_key)):
        if text:
            wanted = "PRIVATE" if key == "pay.private_key" else "PUBLIC"
            named[key] = yield from _one(key, text, wanted, demo)
    for text in pay.certificates:
        yield from _one("pay.certificates", text, "CERTIFICATE", demo)
        yield from _issuer("pay.certificates", text)
    if bool(pay.public_key) != bool(pay.public_key_id):
        yield "pay.public_key_id", "a key without its id, or an id without its key"
    elif pay.public_key_id and not pay.public_key_id.startswith("PUB_KEY_ID_"):
        yield "pay.public_key_id", "not of that form"
    mine = named.get("pay.private_key")
    if mine is not None and mine == named.get("pay.public_key"):
        yield "pay.public_key", "the other half of pay.private_key, not WeChat Pay's"


def _one(
    key: str, text: str, wanted: str, demo: frozenset[str]
) -> Generator[tuple[str, str], None, str | None]:
    """Yield what is wrong with one key; return its fingerprint, None if unreadable."""
    try:
        found = _public(text, wanted)
    except (ValueError, TypeError):
        yield key, f"not a readable PEM of a {wanted.lower()} key"
        return None
    mark = fingerprint(found)
    if mark in demo:
        yield key, "a key of the demo on this machine"
    elif found.key_size < BITS:
        yield key, f"an RSA key of {found.key_size} bits"
    return mark


def _issuer(key: str, text: str) -> Iterator[tuple[str, str]]:
    from cryptography import x509

    try:
        issuer = x509.load_pem_x509_certificate(text.encode()).issuer.rfc4514_string()
    except ValueError:
        return  # reported by _one
    if "tenpay" not in issuer.lower():
        yield key, "not issued by Tenpay, which issues WeChat Pay's"


def _public(text: str, wanted: str) -> rsa.RSAPublicKey:
    data = text.encode()
    if wanted == "PRIVATE":
        private = serialization.load_pem_private_key(data, None)
        found: Any = private.public_key()
    elif wanted == "CERTIFICATE":
        from cryptography import x509

        found = x509.load_pem_x509_certificate(data).public_key()
    else:
        found = serialization.load_pem_public_key(data)
    if not isinstance(found, rsa.RSAPublicKey):
        raise TypeError("not RSA")
    return found


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """SHA-256 of the public key; private key, public key and certificate give the same."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def demo_prints(base: Path) -> frozenset[str]:
    """Fingerprints of a demo's keys beside the configuration or in the working directory."""
    found = set()
    for root in {base.resolve(), Path.cwd()}:
        for folder in (root / name for name in DEMO_FOLDERS):
            if not (folder / DEMO_FILES[1]).is_file():
                continue  # WeChat Pay's private key exists only where a simulator made it
            for name in DEMO_FILES:
                try:
                    text = (folder / name).read_text(encoding="ascii")
                    found.add(fingerprint(_public(text, "PRIVATE")))
                except (OSError, ValueError, TypeError):
                    continue
    return frozenset(found)
