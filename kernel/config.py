"""The configuration of an installation: ``config.yaml`` with ``${NAME}`` or ``${NAME:-default}``.

An unknown or bad key stops the start and says which key, on which line, and what was expected.
What a merchant changes while it runs lives in the ``setting`` table, not here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

_ENV = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^}]*))?\}")
DEMO_MARK = "demo"


class ConfigError(Exception):
    """The start is refused; the message names the key, the line and what was expected."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeChat(_Section):
    """The official account (公众号) and the four base URLs that its calls go to."""

    appid: str = Field(min_length=6)
    secret: str = Field(min_length=8)
    token: str = Field(min_length=3, max_length=32)
    original_id: str = Field(pattern=r"^gh_[0-9A-Za-z_]+$")
    encoding_aes_key: str = Field(pattern=r"^[0-9A-Za-z+/]{43}$")
    previous_aes_key: str | None = Field(default=None, pattern=r"^([0-9A-Za-z+/]{43})?$")
    mode: Literal["plain", "compatible", "safe"] = "safe"
    api_base: str = "https://api.weixin.qq.com"
    open_base: str = "https://open.weixin.qq.com"
    mp_base: str = "https://mp.weixin.qq.com"
    jssdk_url: str = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
    verify_files: dict[str, str] = Field(default_factory=dict)


class Pay(_Section):
    """WeChat Pay v3 (微信支付). Keys are PEM texts, or paths relative to the file."""

    mchid: str = Field(pattern=r"^[0-9]{8,12}$")
    appid: str
    serial_no: str
    private_key: str
    apiv3_key: str = Field(min_length=32, max_length=32)
    public_key_id: str | None = None
    public_key: str | None = None
    certificates: list[str] = Field(default_factory=list)
    api_base: str = "https://api.mch.weixin.qq.com"
    transfer_scene_id: str = "1005"

    @model_validator(mode="after")
    def _verifiable(self) -> Pay:
        if not self.certificates and not (self.public_key and self.public_key_id):
            raise ValueError("give public_key and public_key_id, or certificates")
        return self


class Site(_Section):
    """Who sells: shown on every front page (L1)."""

    name: str
    legal_name: str
    icp: str = ""
    licences: list[str] = Field(default_factory=list)
    complaint_phone: str = ""
    complaint_url: str = "/m/complaint"
    service_hours: str = "9:00-21:00"


def _listed(value: Any) -> Any:
    """A list may be given as one text with commas, as an environment variable is."""
    if not isinstance(value, str):
        return value
    return [v.strip() for v in value.split(",") if v.strip()]


class Http(_Section):
    """Where this process listens; web and worker each have a private port."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    private_host: str = "127.0.0.1"
    private_port: int = Field(default=8082, ge=0, le=65535)
    worker_private_port: int = Field(default=8083, ge=0, le=65535)
    private_names: list[str] = Field(default_factory=list)

    _names = field_validator("private_names", mode="before")(_listed)


class Config(_Section):
    """Everything that is fixed while a process runs."""

    environment: Literal["demo", "test", "production"]
    public_url: str
    secret_key: str = Field(min_length=16)
    previous_secret_key: str | None = Field(default=None, pattern=r"^(.{16,})?$")
    database: str = "sqlite:///var/fenmall.sqlite3"
    redis: str = "memory://"
    uploads: Path = Path("var/uploads")
    trusted_proxies: list[str] = Field(default_factory=list)
    log_level: Literal["debug", "info", "warning"] = "info"
    http: Http = Http()
    wechat: WeChat
    pay: Pay
    site: Site

    _proxies = field_validator("trusted_proxies", mode="before")(_listed)

    @field_validator("public_url")
    @classmethod
    def _bare_origin(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^/?#]+", value):
            raise ValueError("an origin such as https://mall.example.com, without a path")
        return value

    @field_validator("database")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "mysql://")):
            raise ValueError("sqlite:///…, postgresql://… or mysql://…")
        return value

    @field_validator("redis")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if not value.startswith(("memory://", "redis://", "rediss://", "unix://")):
            raise ValueError("memory://, redis://… , rediss://… or unix://…")
        return value

    @model_validator(mode="after")
    def _fit_for_production(self) -> Config:
        if self.environment == "production":
            self._refuse_demo_values()
        return self

    def _refuse_demo_values(self) -> None:
        if not self.public_url.startswith("https://"):
            raise ValueError("public_url must be https:// in production")
        secrets = (self.secret_key, self.wechat.secret, self.wechat.token, self.pay.apiv3_key)
        if any(s.startswith(DEMO_MARK) for s in secrets) or self.pay.mchid == "1900000001":
            raise ValueError("demo keys are refused in production")
        outside = (self.wechat.api_base, self.wechat.open_base, self.pay.api_base)
        if not all(re.match(r"https://[^/]+\.qq\.com$", url) for url in outside):
            raise ValueError("production talks to WeChat's own hosts only, not to a simulator")
        if self.database.startswith("sqlite") and not self.redis.startswith("memory"):
            raise ValueError("sqlite serves one process; with a real Redis use a real database")


def load(path: Path, env: dict[str, str] | None = None) -> Config:
    """Read and check a configuration file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    return parse(text, str(path), dict(os.environ) if env is None else env, path.parent)


def parse(text: str, name: str, env: dict[str, str], base: Path = Path()) -> Config:
    """Check a configuration text. Relative key files are looked for below ``base``."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{name}: a mapping of keys was expected")
    missing: list[str] = []
    filled = _with_env(raw, env, missing)
    if missing:
        raise ConfigError(f"{name}: not set in the environment: {', '.join(sorted(missing))}")
    try:
        return Config.model_validate(_with_files(filled, base))
    except ValidationError as error:
        lines = [_explain(name, node, item) for item in error.errors()]
        raise ConfigError("\n".join(lines)) from error


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
    """Replace paths of pay keys by their texts, so that the rest sees PEM only."""
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
    """The line of the deepest key of the path that the file has."""
    line = 1
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((k, v) for k, v in pairs if k.value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
