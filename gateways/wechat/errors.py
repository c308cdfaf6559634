"""Classifies WeChat's errcodes: retryable or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.errors import GatewayError, Refused, Retryable

TOKEN_BAD = frozenset({40001, 40014, 42001})
"""The access token is wrong, malformed or expired: renew it and retry once."""

LATER = frozenset({-1, 45009, 45011, 45029, 45066, 50002, 89503}) | TOKEN_BAD
"""Busy, quota or rate exceeded, repeated too soon, or two tokens rejected; nothing was done."""


def refusal(errcode: int, result: Mapping[str, Any]) -> GatewayError:
    """The error for an answer with an errcode; its ``code`` is the number as text."""
    kind = Retryable if errcode in LATER else Refused
    facts = {k: v for k, v in result.items() if k not in ("errcode", "errmsg")}
    return kind(str(errcode), str(result.get("errmsg", "")), answer=facts)
