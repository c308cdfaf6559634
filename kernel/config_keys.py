"""The keys of a configuration, with their types and bounds (``config.yaml``)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kernel import transfer_scenes
from kernel.addresses import parse_network
from kernel.transfer_scenes import transfer_faults


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


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
    transfer_scene_id: str = Field(default="1005", pattern=r"^[0-9]{4}$")
    transfer_remark: str = transfer_scenes.REMARK
    transfer_report: dict[str, str] = Field(default_factory=lambda: dict(transfer_scenes.REPORT))
    transfer_perception: str = ""

    @model_validator(mode="after")
    def _payable(self) -> Pay:
        """Refuse transfer terms with which WeChat would refuse every payout."""
        faults = transfer_faults(
            self.transfer_scene_id,
            self.transfer_remark,
            self.transfer_report,
            self.transfer_perception,
        )
        if faults:
            said = "; ".join(f"transfer_{each.key}: {each.allowed}" for each in faults)
            raise ValueError(f"transfer scene {self.transfer_scene_id} wants {said}")
        return self

    @model_validator(mode="after")
    def _verifiable(self) -> Pay:
        if not self.certificates and not (self.public_key and self.public_key_id):
            raise ValueError("give public_key and public_key_id, or certificates")
        return self


class Site(_Section):
    """The seller's legal details, shown in the footer of every shop page."""

    name: str
    legal_name: str
    icp: str = ""
    licences: list[str] = Field(default_factory=list)
    complaint_phone: str = ""
    complaint_url: str = "/m/complaint"
    service_hours: str = "9:00-21:00"


def _listed(value: Any) -> Any:
    """Accept a list also as one text with commas, as environment variables hold it."""
    if not isinstance(value, str):
        return value
    return [v.strip() for v in value.split(",") if v.strip()]


class Http(_Section):
    """Addresses and ports to listen on; web and worker each have a private port."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    private_host: str = "127.0.0.1"
    private_port: int = Field(default=8082, ge=0, le=65535)
    worker_private_port: int = Field(default=8083, ge=0, le=65535)
    private_names: list[str] = Field(default_factory=list)

    _names = field_validator("private_names", mode="before")(_listed)


class Assistant(_Section):
    """A language model that may choose a question for a sentence that the chat is unsure of.

    Off without ``base_url``. The service gets masked sentences of customers: the merchant names it
    in the privacy policy.
    """

    base_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+[^\s/?#])?$")
    api_key: str = ""
    model: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Assistant:
        if self.base_url and not (self.api_key and self.model):
            raise ValueError("with base_url give api_key and model")
        return self


class Identity(_Section):
    """A provider that compares a name and an id number with the register (二要素核验).

    Off without ``secret_id``: the merchant then checks documents by hand.
    """

    base_url: str = Field(default="https://faceid.tencentcloudapi.com",
                          pattern=r"^https?://[^/\s?#]+$")  # fmt: skip
    secret_id: str = ""
    secret_key: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Identity:
        if bool(self.secret_id) != bool(self.secret_key):
            raise ValueError("give secret_id and secret_key, or neither")
        return self


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
    assistant: Assistant = Assistant()
    identity: Identity = Identity()

    _proxies = field_validator("trusted_proxies", mode="before")(_listed)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for each in value:
            parse_network(each)
        return value

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
