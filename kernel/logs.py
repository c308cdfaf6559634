"""Structured logs without personal data: JSON in production, readable lines in demo and test.

Every line has the request's id and the actor. A filter masks the configured secrets wherever they
appear, keys and tokens by name, numbers of phones, documents and cards, openids and e-mail
addresses.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from kernel import context
from kernel.config import Config
from kernel.personal import mask_numbers

HIDDEN = "***"
_SHORTEST_SECRET = 6
_NAMES = (
    "access_token|refresh_token|api_ticket|jsapi_ticket|ticket|secret|appsecret|password|passwd|"
    "apiv3_key|private_key|encoding_aes_key|secret_key|pay_sign|paysign|signature|msg_signature|"
    "session|session_key|cookie|set-cookie|authorization|totp|csrf|token"
)
_NAMED = re.compile(
    rf"""(?ix) (?<![a-z0-9_-]) (["']?) ({_NAMES}) \1 (\s*[:=]\s*) (["']?)
    (?: (?:bearer|basic|wechatpay2-[a-z0-9-]+) \s+ )?
    (?! None\b | null\b | \*\*\* ) [^\s"'&,;}})\]]{{4,}} \4"""
)
_RETURN = re.compile(r"""([?&](?:code|state)=)[^&\s"']{4,}""")
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_OPENID = re.compile(
    r"(?<![0-9A-Za-z_-])(o[0-9A-Za-z_-]{3})[0-9A-Za-z_-]{20}([0-9A-Za-z_-]{4})(?![0-9A-Za-z_-])"
)
# Cookies, tokens and tickets are long and of mixed case; our out-numbers have no small letters.
_OPAQUE = re.compile(
    r"(?<![0-9A-Za-z_-])(?=[0-9A-Za-z_-]*[a-z])(?=[0-9A-Za-z_-]*[A-Z])(?=[0-9A-Za-z_-]*[0-9])"
    r"[0-9A-Za-z_-]{24,}(?![0-9A-Za-z_-])"
)
_EMAIL = re.compile(r"(?<![\w.+-])([\w+])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OURS = {"request_id", "actor"}


class Mask:
    """Hides secrets and personal data in a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {s for s in secrets if len(s) >= _SHORTEST_SECRET}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """The text with secrets and personal data masked."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _PEM.sub(HIDDEN, text)
        text = _NAMED.sub(rf"\1\2\1\3\4{HIDDEN}\4", text)
        text = _RETURN.sub(rf"\1{HIDDEN}", text)
        text = mask_numbers(text)
        text = _OPENID.sub(r"\1***\2", text)
        text = _OPAQUE.sub(HIDDEN, text)
        return _EMAIL.sub(r"\1***@\2", text)


class ContextFilter(logging.Filter):
    """Adds request id and actor to each record, and masks its text and its traceback."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always returns True."""
        record.request_id = context.request_id.get()
        record.actor = context.actor.get()
        record.msg = self._mask(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._mask(record.exc_text)
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in _OURS and isinstance(value, str):
                setattr(record, name, self._mask(value))
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; each value of ``extra`` has its own key."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


class ReadableFormatter(logging.Formatter):
    """A line for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, request id and message, then the traceback."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        who = getattr(record, "request_id", "-")
        line = f"{at} {record.levelname:<7} {record.name} [{who}] {record.getMessage()}"
        return f"{line}\n{record.exc_text}" if record.exc_text else line


def setup(config: Config, stream: TextIO | None = None) -> None:
    """Send all logs of this process to standard error; a second call replaces the first."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(ContextFilter(Mask(secrets_of(config))))
    is_production = config.environment == "production"
    handler.setFormatter(JsonFormatter() if is_production else ReadableFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "_is_ours", False):
            root.removeHandler(old)
    handler._is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(config.log_level.upper())
    logging.captureWarnings(True)
    for name in ("peewee", "PIL", "asyncio", "wechatpy", "urllib3", "wechatpayv3"):
        # their debug and info lines contain parameters, hence personal data
        logging.getLogger(name).setLevel(logging.WARNING)


def secrets_of(config: Config) -> list[str]:
    """Every secret text of a configuration."""
    wechat, pay = config.wechat, config.pay
    found = [config.secret_key, wechat.secret, wechat.token, wechat.encoding_aes_key]
    found += [config.previous_secret_key or "", wechat.previous_aes_key or "", pay.apiv3_key]
    for url in (config.database, config.redis):
        password = urlsplit(url).password
        found += [password, unquote(password)] if password else []
    return found
