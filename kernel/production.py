"""What production requires of a configuration: each key has a rule here.

A rule says why a value is refused and what is expected; it never shows the value. The demo's
values are published with the source and therefore refused, except for keys whose value can do no
harm (``free``, with the reason). A key without a rule fails ``tests/unit/test_production.py``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kernel import keyfiles
from kernel.addresses import parse_network
from kernel.config_keys import Config
from kernel.weak import weakness

PUBLISHED: dict[str, tuple[str, ...]] = {
    "secret_key": ("demo-secret-key-not-for-production",),
    "database": ("sqlite:///var/fenmall.sqlite3",),
    "wechat.appid": ("wx5de3000000000001",),
    "wechat.secret": ("demo-secret-5de3000000000001",),
    "wechat.token": ("demoPushToken",),
    "wechat.original_id": ("gh_5de300000001",),
    "wechat.encoding_aes_key": ("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",),
    "pay.mchid": ("1900000001", "1900000109", "1230000109", "1900009191", "1900006511"),
    "pay.appid": ("wx5de3000000000001", "wxd678efh567hg6787", "wx8888888888888888"),
    "pay.serial_no": ("5DE30000000000000000000000000000000000A1",
                      "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"),
    "pay.apiv3_key": ("demoApiV3Key-32-bytes-long-00000",),
    "pay.public_key_id": ("PUB_KEY_ID_0119000000010000000000000001",),
    "identity.secret_id": ("AKIDdemo000000000000000000000000demo",
                           "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"),
    "identity.secret_key": ("demo-identity-secret-key-00000000",
                            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
    "site.name": ("山泉坊",),
    "site.legal_name": ("山泉坊酒业有限公司",),
    "site.icp": ("演示备案号 0000000000 号",),
    "site.complaint_phone": ("400-000-0000", "13800138000"),
}  # fmt: skip
"""Values of the demo and of WeChat's manuals."""

SAMPLE_HOSTS = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org|cn)|example|test|invalid|localhost|local|lan|internal|"
    r"home|corp|nip\.io|sslip\.io|ngrok\.io|ngrok-free\.app)|.*simulator.*"
)
_SAMPLE_WORDS = re.compile(
    r"演示|示例|测试|样例|demo|sample|example|test|(?:某|XX|xx)公司", re.IGNORECASE
)
_WIDEST = {4: 24, 6: 64}
Check = Callable[[Any, Config], str | None]


@dataclass(frozen=True)
class Rule:
    """A key's rule: ``why`` gives the reason of a refusal, ``expected`` what to write instead."""

    expected: str
    why: Check | None = None
    is_free: bool = False


@dataclass(frozen=True)
class Problem:
    """A key whose value production refuses."""

    key: str
    why: str
    expected: str

    def __str__(self) -> str:
        return f"{self.key}: {self.why}; expected {self.expected}"


def free(reason: str) -> Rule:
    """A rule that accepts any value, with the reason why none can do harm."""
    return Rule(reason, is_free=True)


def problems(config: Config, base: Path = Path()) -> list[Problem]:
    """All problems that make a configuration unfit for production, in the order of its keys."""
    found = []
    for key, value in leaves(config):
        rule = RULES.get(key)
        if rule is None:
            found.append(Problem(key, "no rule says what production needs", "a rule for the key"))
        elif not rule.is_free and (why := _why(key, value, rule, config)):
            found.append(Problem(key, why, rule.expected))
    return [*found, *_key_material(config, base)]


def _why(key: str, value: Any, rule: Rule, config: Config) -> str | None:
    if isinstance(value, str) and value in PUBLISHED.get(key, ()):
        return "this is a published value"
    return rule.why(value, config) if rule.why else None


def leaves(config: Config) -> Iterator[tuple[str, Any]]:
    """Every key with its value; keys of sections are written ``section.key``."""
    for name in type(config).model_fields:
        value = getattr(config, name)
        if hasattr(type(value), "model_fields"):
            for inner in type(value).model_fields:
                yield f"{name}.{inner}", getattr(value, inner)
        else:
            yield name, value


def _strong(least: int, *, optional: bool = False) -> Check:
    def check(value: str | None, config: Config) -> str | None:
        if not value:
            return None if optional else "empty"
        said = weakness(value, least=least)
        return f"a weak secret: {said}" if said else None

    return check


def _previous(now: Callable[[Config], str], least: int) -> Check:
    strong = _strong(least, optional=True)

    def check(value: str | None, config: Config) -> str | None:
        if value and value == now(config):
            return "the same as the present one: nothing was changed"
        if value and any(value in values for values in PUBLISHED.values()):
            return "this is a published value"
        return strong(value, config)

    return check


def _like(pattern: str) -> Check:
    def check(value: str | None, config: Config) -> str | None:
        return None if re.fullmatch(pattern, value or "") else "not of that form"

    return check


def _why_empty_or_sample(value: str, config: Config) -> str | None:
    if not value.strip():
        return "empty"
    return "reads like a sample" if _SAMPLE_WORDS.search(value) else None


def _icp(value: str, config: Config) -> str | None:
    if said := _why_empty_or_sample(value, config):
        return said
    number = re.search(r"[0-9]{6,}", value)
    if not re.search(r"ICP[备证]", value) or not number or len(set(number[0])) < 3:
        return "not of that form"
    return None


def _licences(value: list[str], config: Config) -> str | None:
    if not value:
        return "empty"
    samples = [v for v in value if _why_empty_or_sample(v, config) or re.search(r"0{6}|123456", v)]
    return "one of them reads like a sample" if samples else None


def _phone(value: str, config: Config) -> str | None:
    digits = re.sub(r"\D", "", value)
    if not 7 <= len(digits) <= 13:
        return "no telephone number"
    if len(set(digits)) < 4 or re.search(r"0{6}|1{6}|8{7}|12345678", digits):
        return "reads like a sample"
    return None


def _public_url(value: str, config: Config) -> str | None:
    parts = urlsplit(value)
    if parts.scheme != "https":
        return "not https, so what people type travels in the open"
    if parts.username is not None or parts.port not in {None, 443}:
        return "with a port or a name in it, which WeChat does not take"
    return _hidden_host(parts.hostname or "")


def _hidden_host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if re.fullmatch(r"[0-9.x]+", host):
            return "an address, not a name"
        if SAMPLE_HOSTS.fullmatch(host) or "." not in host:
            return "a name of this machine, of a sample or of a simulator"
        return None
    return "an address, not a name"


def _assistants_url(value: str, config: Config) -> str | None:
    if not value:
        return None
    if not value.startswith("https://"):
        return "not https, so what people write travels in the open"
    return _hidden_host(urlsplit(value).hostname or "")


def _providers_url(value: str, config: Config) -> str | None:
    if not config.identity.secret_id:
        return None
    if not re.fullmatch(r"https://faceid(\.[a-z0-9-]+)?\.tencentcloudapi\.com", value):
        return "not a host of Tencent Cloud FaceID"
    return None


def _wechats(pattern: str) -> Check:
    def check(value: str, config: Config) -> str | None:
        if not value.startswith("https://"):
            return "not https"
        if not re.fullmatch(r"https://" + pattern, value):
            return "not a host of WeChat"
        return None

    return check


def _database(value: str, config: Config) -> str | None:
    if value.startswith("sqlite"):
        if ":memory:" in value:
            return "forgets everything with the process"
        if not config.redis.startswith("memory"):
            return "sqlite serves one process; with a real Redis use a real database"
        return None
    parts = urlsplit(value)
    near = not parts.hostname or parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.password is None:
        return None if near else "no password, and not on this machine"
    words = {"password", "fenmall", "postgres", "mysql", "root", parts.username or ""}
    if parts.password.lower() in words or weakness(parts.password, least=10):
        return "its password is short, published or made of words"
    return None


def _redis(value: str, config: Config) -> str | None:
    if value.startswith("memory") and not config.database.startswith("sqlite"):
        return "web and worker share nothing over memory://"
    return None


def _uploads(value: Path, config: Config) -> str | None:
    return None if value.is_absolute() else "relative, as the demo's folder"


def _proxies(value: list[str], config: Config) -> str | None:
    for each in value:
        network = parse_network(each)
        if network.prefixlen == 0:
            return f"{each} is everybody: anyone could say who they are"
        if network.prefixlen < _WIDEST[network.version]:
            return f"{each} is a range in which clients may be, too"
    return None


def _same_account(value: str, config: Config) -> str | None:
    return None if value == config.wechat.appid else "not the account of wechat.appid"


def _mode(value: str, config: Config) -> str | None:
    return "messages travel unsealed" if value == "plain" else None


def _environment(value: str, config: Config) -> str | None:
    return None if value == "production" else f"{value} is not production"


def _level(value: str, config: Config) -> str | None:
    return "writes down too much" if value == "debug" else None


def _serial(value: str, config: Config) -> str | None:
    if re.fullmatch(r"(.)\1+|5DE30.*", value) or not re.fullmatch(r"[0-9A-Fa-f]{20,40}", value):
        return "not a serial number of WeChat Pay"
    return None


def _complaints(value: str, config: Config) -> str | None:
    is_ours = value.startswith("/") and not value.startswith("//")
    return None if is_ours or value.startswith("https://") else "not a page of ours and not https"


def _verify_files(value: dict[str, str], config: Config) -> str | None:
    good = all(re.fullmatch(r"[\w.-]+\.txt", n) and t.strip() for n, t in value.items())
    return None if good else "not a file that WeChat gives to be put there"


def _key_material(config: Config, base: Path) -> Iterator[Problem]:
    """Problems of the pay keys, found by their content."""
    for key, why in keyfiles.faults(config.pay, base):
        yield Problem(key, why, RULES[key].expected)


RULES: dict[str, Rule] = {
    "environment": Rule("production", _environment),
    "public_url": Rule("https:// and the shop's registered domain", _public_url),
    "secret_key": Rule("32 or more drawn characters (openssl rand -hex 32)", _strong(32)),
    "previous_secret_key": Rule("empty, or the strong one before", _previous(
        lambda c: c.secret_key, 16)),
    "database": Rule("a database of its own with a strong password", _database),
    "redis": Rule("redis://… for a database that several processes use", _redis),
    "uploads": Rule("an absolute folder that is backed up", _uploads),
    "trusted_proxies": Rule("the addresses of our proxies, single or at most a /24", _proxies),
    "log_level": Rule("info or warning", _level),
    "http.host": free("where it listens is the machine's matter; nginx stands before it"),
    "http.port": free("a number of a port does no harm"),
    "http.private_host": free("the private port answers to known names only"),
    "http.private_port": free("a number of a port does no harm"),
    "http.worker_private_port": free("a number of a port does no harm"),
    "http.private_names": free("names by which monitoring asks"),
    "wechat.appid": Rule("the account's own AppID, wx and 16 hexadecimal digits",
                         _like(r"wx(?!5de30{8})[0-9a-f]{16}")),
    "wechat.secret": Rule("the account's own AppSecret", _strong(32)),
    "wechat.token": Rule("12 to 32 characters drawn by chance", _strong(12)),
    "wechat.original_id": Rule("the account's own original id, gh_ and 12 hexadecimal digits",
                               _like(r"gh_(?!5de3)[0-9a-f]{12}")),
    "wechat.encoding_aes_key": Rule("43 characters drawn by the console", _strong(43)),
    "wechat.previous_aes_key": Rule("empty, or the key before", _previous(
        lambda c: c.wechat.encoding_aes_key, 43)),
    "wechat.mode": Rule("safe (or compatible while changing over)", _mode),
    "wechat.api_base": Rule("https://api.weixin.qq.com",
                            _wechats(r"(?:[a-z]{2}\.)?api2?\.weixin\.qq\.com")),
    "wechat.open_base": Rule("https://open.weixin.qq.com", _wechats(r"open\.weixin\.qq\.com")),
    "wechat.mp_base": Rule("https://mp.weixin.qq.com", _wechats(r"mp\.weixin\.qq\.com")),
    "wechat.jssdk_url": Rule("https://res.wx.qq.com/open/js/jweixin-1.6.0.js",
                             _wechats(r"res2?\.wx\.qq\.com/open/js/jweixin-[0-9.]+\.js")),
    "wechat.verify_files": Rule("MP_verify_*.txt as downloaded", _verify_files),
    "pay.mchid": Rule("the merchant's own number", _like(r"(?!1900000)[0-9]{8,10}")),
    "pay.appid": Rule("the AppID that the merchant number is bound to", _same_account),
    "pay.serial_no": Rule("the serial number of the merchant's certificate", _serial),
    "pay.private_key": Rule("the merchant's own RSA key of 2048 bits or more"),
    "pay.apiv3_key": Rule("32 characters drawn by chance", _strong(32)),
    "pay.public_key_id": Rule("PUB_KEY_ID_ and the number that the console shows"),
    "pay.public_key": Rule("WeChat Pay's own public key, downloaded from the console"),
    "pay.certificates": Rule("WeChat Pay's own platform certificates"),
    "pay.api_base": Rule("https://api.mch.weixin.qq.com",
                         _wechats(r"api2?\.mch\.weixin\.qq\.com")),
    "pay.transfer_scene_id": free("1005 (佣金报酬) is the scene that real shops use"),
    "pay.transfer_remark": free("compared with WeChat's list of the scene when it is read"),
    "pay.transfer_report": free("compared with WeChat's list of the scene when it is read"),
    "pay.transfer_perception": free("compared with WeChat's list of the scene when it is read"),
    "site.name": Rule("the shop's own name", _why_empty_or_sample),
    "site.legal_name": Rule("the company as registered", _why_empty_or_sample),
    "site.icp": Rule("the domain's filing, e.g. 蜀ICP备20231234号", _icp),
    "site.licences": Rule("the licences to sell, with their numbers", _licences),
    "site.complaint_phone": Rule("a number that somebody answers", _phone),
    "site.complaint_url": Rule("a page of ours, or https", _complaints),
    "site.service_hours": free("hours do no harm"),
    "assistant.base_url": Rule("empty, or https and the provider's host", _assistants_url),
    "assistant.api_key": Rule("empty, or the key that the provider gave", _strong(
        16, optional=True)),
    "assistant.model": free("a name does no harm"),
    "identity.base_url": Rule("https://faceid.tencentcloudapi.com", _providers_url),
    "identity.secret_id": Rule("empty, or the SecretId of the provider's console",
                               _like(r"|AKID[0-9A-Za-z]{28,40}")),
    "identity.secret_key": Rule("empty, or the SecretKey of the provider's console", _strong(
        24, optional=True)),
}  # fmt: skip
