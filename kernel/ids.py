"""Identifiers for the outside: out-numbers for WeChat, and unguessable tokens.

Out-numbers are never built from row ids: after a restore row ids repeat, out-numbers must not.
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
    """A number for WeChat: kind + yymmdd (Shanghai) + 16 letters or digits (80 random bits).

    WeChat accepts 6 to 32 letters and digits.
    """
    day = clock.business_day(clock.now())
    return f"{kind}{day.year % 100:02}{day.month:02}{day.day:02}{random_code(16)}"


def random_code(length: int) -> str:
    """Random text in Crockford base 32, without easily confused letters; 5 bits per letter."""
    return secrets.token_bytes(length).translate(_LETTERS).decode("ascii")


class _Stock(threading.local):
    """Bytes of ``os.urandom`` that this thread has not used yet."""

    left = b""


_stock = _Stock()
_STOCK_BYTES = 4096


def _forget_stock() -> None:
    _stock.left = b""


os.register_at_fork(after_in_child=_forget_stock)  # else parent and child would use the same bytes


def nonce(length: int) -> str:
    """Random base-32 text for request ids, nonces and salts, which are made for every message.

    It is as random as ``random_code``, but reads the system's source once for hundreds of calls.
    Tokens, passwords and out-numbers read it each time.
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
    """SHA-256 in hex. Tokens are stored as this hash, so that a leaked database reveals none."""
    return hashlib.sha256(text.encode()).hexdigest()
