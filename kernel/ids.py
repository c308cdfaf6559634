"""Identifiers that leave the house: out-numbers for WeChat and unguessable tokens.

Out-numbers are never built from row ids: after a restore the ids come again, the numbers must not.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading

from kernel import clock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I L O U
_LETTERS = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))
OUT_NUMBER = re.compile(r"[A-Z]{1,3}[0-9]{6}[0-9A-HJKMNP-TV-Z]{16}")


def out_number(kind: str) -> str:
    """kind + yymmdd (Shanghai) + 80 random bits: fits WeChat's 6..32 letters and digits."""
    day = clock.business_day(clock.now())
    return f"{kind}{day.year % 100:02}{day.month:02}{day.day:02}{random_code(16)}"


def random_code(length: int) -> str:
    """Random base-32 text without letters that people confuse: 5 random bits a letter."""
    return secrets.token_bytes(length).translate(_LETTERS).decode("ascii")


class _Stock(threading.local):
    """Random bytes of the system's secure source that this thread has not used yet."""

    left = b""


_stock = _Stock()
_STOCK_BYTES = 4096


def _forget_stock() -> None:
    _stock.left = b""


os.register_at_fork(after_in_child=_forget_stock)  # or two processes would say the same


def nonce(length: int) -> str:
    """Random base-32 text for what is made with every message: request ids, nonces, salts.

    As random as ``random_code``, but the system is asked once for hundreds. What guards a door
    (tokens, passwords, numbers) asks each time.
    """
    left = _stock.left
    if len(left) < length:
        left = os.urandom(max(_STOCK_BYTES, length))
    _stock.left = left[length:]
    return left[:length].translate(_LETTERS).decode("ascii")


def token(nbytes: int = 32) -> str:
    """An unguessable token for URLs, cookies and keys."""
    return secrets.token_urlsafe(nbytes)


def digest(text: str) -> str:
    """SHA-256 in hex: how tokens are stored, so that a read database opens no session."""
    return hashlib.sha256(text.encode()).hexdigest()
