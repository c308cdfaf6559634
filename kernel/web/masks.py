"""Masks for secrets in compressed pages, against BREACH (breachattack.com, 2013).

Someone who sees the length of many compressed pages and can put text into them learns a secret
that stands in all of them. A masked secret looks different in each page.
"""

from __future__ import annotations

import base64
import binascii
import secrets


def masked(secret: str) -> str:
    """A hexadecimal secret under a new random mask: base64url of mask and masked bytes."""
    plain = bytes.fromhex(secret)
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + _xor(mask, plain)).decode()


def unmasked(text: str) -> str:
    """The secret of a masked text, in hexadecimal; '' for a text that ``masked`` did not make."""
    try:
        both = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return ""
    half = len(both) // 2
    return _xor(both[:half], both[half:]).hex() if half * 2 == len(both) else ""


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
