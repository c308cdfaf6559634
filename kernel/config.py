"""The configuration of an installation: ``config.yaml`` with ``${NAME}`` or ``${NAME:-default}``.

An unknown or bad key stops the start; the message names the key, its line and what was expected.
Values that the merchant changes while the shop runs are in the ``setting`` table.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import (
    ValidationError,
)

from kernel.config_keys import Assistant, Config, Http, Identity, Pay, Site, WeChat
from kernel.production import problems

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is
_ENV = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^}]*))?\}")

__all__ = [
    "Assistant", "Config", "ConfigError", "Http", "Identity", "Pay", "Site", "WeChat", "load",
    "parse",
]  # fmt: skip


class ConfigError(Exception):
    """The start is refused; the message names the key, the line and what was expected."""


def load(path: Path, env: dict[str, str] | None = None, *, is_checked: bool = True) -> Config:
    """Read and check a configuration file; ``is_checked`` as for ``parse``. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    known = dict(os.environ) if env is None else env
    return parse(text, str(path), known, path.parent, is_checked=is_checked)


def parse(
    text: str, name: str, env: dict[str, str], base: Path = Path(), *, is_checked: bool = True
) -> Config:
    """Parse and check a configuration text. Relative key files are searched below ``base``.

    For production the message of ConfigError names all problems (``kernel.production``) at once;
    ``is_checked`` False skips this check, for callers that list the problems themselves.
    """
    try:
        node = yaml.compose(text, _Loader)
        raw = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{name}: a mapping of keys was expected")
    missing: list[str] = []
    filled = _with_env(raw, env, missing)
    if missing:
        raise ConfigError(f"{name}: not set in the environment: {', '.join(sorted(missing))}")
    try:
        config = Config.model_validate(_with_files(filled, base))
    except ValidationError as error:
        lines = [_explain(name, node, item) for item in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    if is_checked and config.environment == "production":
        found = problems(config, base)
        if found:
            at = [_line_of(node, each.key.split(".")) for each in found]
            lines = [f"{name}:{n}: {each}" for n, each in zip(at, found, strict=True)]
            raise ConfigError("\n".join(lines))
    return config


def _with_env(value: Any, env: dict[str, str], missing: list[str]) -> Any:
    if isinstance(value, dict):
        return {k: _with_env(v, env, missing) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_env(v, env, missing) for v in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if name not in env and default is None:
            missing.append(name)
        return env.get(name, default or "")

    return _ENV.sub(one, value)


def _with_files(raw: dict[str, Any], base: Path) -> dict[str, Any]:
    """Replace the paths of pay keys by the files' PEM texts."""
    pay = raw.get("pay")
    if not isinstance(pay, dict):
        return raw

    def pem(value: Any) -> Any:
        if not isinstance(value, str) or not value or "-----BEGIN" in value:
            return value
        try:
            return (base / value).read_text(encoding="ascii")
        except OSError as error:
            raise ConfigError(f"pay: can't read {value}: {error.strerror}") from error

    changed = {k: pem(pay[k]) for k in ("private_key", "public_key") if k in pay}
    if isinstance(pay.get("certificates"), list):
        changed["certificates"] = [pem(c) for c in pay["certificates"]]
    return raw | {"pay": pay | changed}


def _explain(name: str, node: Any, item: Any) -> str:
    keys = [str(k) for k in item["loc"]]
    line = _line_of(node, keys)
    what = "unknown key" if item["type"] == "extra_forbidden" else item["msg"]
    return f"{name}:{line}: {'.'.join(keys) or '(whole file)'}: {what}"


def _line_of(node: Any, keys: list[str]) -> int:
    """The line of the deepest key of a path that is present in the file."""
    line = 1
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((k, v) for k, v in pairs if k.value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
