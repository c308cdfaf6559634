"""Settings of one simulated WeChat: the account, the keys, the shop's address."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

REGISTER = {"110101199003072017": "林晓", "11010119850612104X": "周建国"}
"""Invented people of age."""

Mode = Literal["plain", "compatible", "safe"]


@dataclass
class Settings:
    """One official account, one merchant, and where the shop listens (设置).

    Keys are PEM text, or a path to a file that holds it.
    """

    # --- the official account
    appid: str = "wx5de3000000000001"
    secret: str = "demo-secret-5de3000000000001"  # noqa: S105 - a demo key, labelled so
    token: str = "demoPushToken"  # noqa: S105 - a demo key, labelled so
    original_id: str = "gh_5de300000001"
    account_name: str = "山泉坊"
    encoding_aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    previous_aes_key: str = ""
    mode: Mode = "safe"

    # --- the shop
    app_base_url: str = "http://127.0.0.1:8080"
    push_path: str = "/wechat"
    clock_url: str = ""  # gets POST {"offset_seconds": n} when the clock is moved here
    oauth_domain: str = ""  # host[:port]; empty = that of app_base_url
    js_domains: list[str] = field(default_factory=list)  # empty = that of app_base_url
    ip_whitelist: list[str] = field(default_factory=list)  # empty = anyone

    # --- this simulator
    public_url: str = ""  # empty = taken from the request
    state_file: str = ""  # empty = memory only
    time_scale: float = 1.0  # multiplies every retry delay and settling time
    push_timeout_s: float = 5.0
    notify_timeout_s: float = 5.0
    initial_wallet_fen: int = 5_000_000
    initial_fund_fen: int = 100_000_000
    fee_rate_bp: int = 60
    phones: list[dict[str, Any]] = field(default_factory=list)
    templates: list[dict[str, Any]] = field(default_factory=list)

    # --- the provider of identity checks
    identity_secret_id: str = "AKIDdemo000000000000000000000000demo"  # noqa: S105 - a demo id
    identity_secret_key: str = "demo-identity-secret-key-00000000"  # noqa: S105 - a demo key
    identities: dict[str, str] = field(default_factory=lambda: dict(REGISTER))  # number → name

    # --- WeChat Pay v3
    mchid: str = "1900000001"
    merchant_name: str = "山泉坊酒业有限公司"
    merchant_serial: str = "5DE30000000000000000000000000000000000A1"
    merchant_public_key: str = ""
    apiv3_key: str = "demoApiV3Key-32-bytes-long-00000"
    public_key_id: str = "PUB_KEY_ID_0119000000010000000000000001"
    wechatpay_private_key: str = ""
    platform_serial: str = "5DE30000000000000000000000000000000000B2"
    platform_private_key: str = ""
    platform_certificate: str = ""
    key_phase: Literal["certificate", "switching", "public_key"] = "switching"
    notify_by: Literal["public_key", "certificate"] = "public_key"
    signtest_percent: int = 0
    transfer_max_fen: int = 2_000_000
    transfer_scene_max_fen: dict[str, int] = field(default_factory=lambda: {"1000": 20_000})
    granted_max_fen: int = 50_000  # limit of one transfer without confirmation
    transfer_first_state: Literal["WAIT_USER_CONFIRM", "ACCEPTED", "PROCESSING"] = (
        "WAIT_USER_CONFIRM"
    )

    def app_domain(self) -> str:
        """host[:port] of the shop, the form in which domains are entered at WeChat."""
        return urlsplit(self.app_base_url).netloc

    @classmethod
    def load(cls, path: str | Path) -> Settings:
        """Read settings from a JSON file; an unknown key is an error that names it."""
        data = json.loads(Path(path).read_text("utf-8"))
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"{path}: unknown keys {', '.join(unknown)}")
        return cls(**data)


def pem(value: str) -> bytes:
    """PEM bytes, from PEM text or from the file at that path."""
    if value.lstrip().startswith("-----BEGIN"):
        return value.encode()
    return Path(value).read_bytes()
