"""Random identifiers and numbers in the forms that WeChat uses."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits + "_-"


def random_id(length: int, alphabet: str = ALPHABET) -> str:
    """A random identifier in WeChat's alphabet."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def digits(length: int) -> str:
    """A random number with that many digits; the first one is not 0."""
    return secrets.choice("123456789") + random_id(length - 1, string.digits)


def new_msgid() -> int:
    """A message number in the form that templates and mass sends use."""
    return int(digits(18))
