"""Classifies WeChat Pay's error codes, in all spellings in use."""

from __future__ import annotations

from kernel.errors import GatewayError, Refused, Retryable, Unknown

SPELLINGS = {
    "ORDERNOTEXIST": "ORDER_NOT_EXIST",
    "ORDERPAID": "ORDER_PAID",
    "ORDERCLOSED": "ORDER_CLOSED",
    "NOTENOUGH": "NOT_ENOUGH",
    "RULELIMIT": "RULE_LIMIT",
    "SYSTEMERROR": "SYSTEM_ERROR",
    "BANKERROR": "BANK_ERROR",
    "SIGNERROR": "SIGN_ERROR",
    "NOAUTH": "NO_AUTH",
    "RATELIMIT_EXCEEDED": "FREQUENCY_LIMITED",
    "RATELIMIT_EXCEED": "FREQUENCY_LIMITED",
    "FREQUENCY_LIMIT_EXCEED": "FREQUENCY_LIMITED",
    "RESOURCE_NOT_EXIST": "RESOURCE_NOT_EXISTS",
    "NOT_FOUND": "RESOURCE_NOT_EXISTS",
    "MCHNOTEXISTS": "MCH_NOT_EXISTS",
    "USER_PAYING": "USERPAYING",
}

ABSENT = frozenset({"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})

LATER = frozenset(
    {"NOT_ENOUGH", "FREQUENCY_LIMITED", "STATEMENT_CREATING", "SIGN_ERROR", "USERPAYING"}
)
"""Nothing was done; the same number may be sent again. USERPAYING comes with 202 from a close.

SIGN_ERROR concerns our clock, serial or key, not the request. When it counted as a refusal, ten
minutes of a wrong clock left every refund to be retried by a person.
"""

NEVER = frozenset(
    {
        "PARAM_ERROR",
        "INVALID_REQUEST",
        "APPID_MCHID_NOT_MATCH",
        "MCH_NOT_EXISTS",
        "ORDER_CLOSED",
        "ORDER_PAID",
        "NO_AUTH",
        "RULE_LIMIT",
        "OUT_TRADE_NO_USED",
        "TRADE_ERROR",
        "ACCOUNT_ERROR",
        "USER_ACCOUNT_ABNORMAL",
        "ACCOUNT_NOT_EXISTS",
        "NO_STATEMENT_EXIST",
        "INVALID_TRANSACTIONID",
        "OPENID_MISMATCH",
        "REQUEST_BLOCKED",
        "CONTRACT_NOT_EXIST",
    }
    | ABSENT
)
"""Certainly not done, and it would be refused again. Only valid with a 4xx status."""


def refusal(status: int, code: str, message: str, *, is_read: bool) -> GatewayError:
    """The error for an answer with another status than the documented one, 2xx included.

    With an unknown code a write is Unknown.
    """
    known = SPELLINGS.get(code, code) or f"http_{status}"
    if status == 429 or (known in LATER and status < 500):
        return Retryable(known, message, status=status)
    if known in NEVER and 400 <= status < 500:
        return Refused(known, message, status=status)
    if is_read and (status >= 500 or status < 400):
        return Retryable(known, message, status=status)
    if is_read:
        return Refused(known, message, status=status)
    return Unknown(known, message, status=status)
