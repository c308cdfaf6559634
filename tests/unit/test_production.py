"""Production refuses published values: each key of config.yaml is checked separately."""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kernel import keyfiles
from kernel.config import Config, ConfigError, parse
from kernel.production import PUBLISHED, RULES, leaves, problems
from kernel.weak import weakness
from kernel.web.middleware import _policy
from simulator.keys import ensure_keys, make_keys

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")


@cache
def pair(bits: int = 2048) -> tuple[str, str]:
    """A private key and its public key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    plain = serialization.NoEncryption()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form)
    return private.decode(), public.decode()


@cache
def another() -> str:
    """The public key of another pair."""
    return pair.__wrapped__()[1]


def real() -> dict[str, Any]:
    """A valid configuration for production."""
    return {
        "environment": "production",
        "public_url": "https://mall.wuliang-jiu.cn",
        "secret_key": "f3b0c1d8e27a49566b1f8ad09c57e2437d61a8f05cb94e2d",
        "previous_secret_key": "",
        "database": "postgresql://fenmall:uW7-kQ2xPz9vRt@10.0.0.5/fenmall",
        "redis": "redis://10.0.0.6:6379/0",
        "uploads": "/var/lib/fenmall/uploads",
        "trusted_proxies": ["10.0.0.7/32", "172.30.31.0/24"],
        "log_level": "info",
        "http": {"host": "0.0.0.0", "private_names": ["web"]},
        "wechat": {
            "appid": "wx8f4b2c9d7e61a053",
            "secret": "9f8e2b6c4d1a7035e6b8c2f19a4d7e03",
            "token": "kT9vQ2mXr7Lp",
            "original_id": "gh_7c1e5a9b3d20",
            "encoding_aes_key": "Zk3Vt8QpW1xYb6NcR9mLs2Hd5Jf7Gg4Ka0Te8UiOqPw",
            "mode": "safe",
            "verify_files": {"MP_verify_Xk29.txt": "Xk29"},
        },
        "pay": {
            "mchid": "1623948571",
            "appid": "wx8f4b2c9d7e61a053",
            "serial_no": "4A7C29E1B05D83F6C2917D4E8AB3F05C61D72E98",
            "private_key": pair()[0],
            "apiv3_key": "Qw8Zx3Vb6Nm1Kj9Hg4Fd7Sa2Po5Iu0Yt",
            "public_key_id": "PUB_KEY_ID_0116239485712026010100381745002600",
            "public_key": another(),
        },
        "site": {
            "name": "江阳老窖",
            "legal_name": "泸州江阳酒业有限公司",
            "icp": "蜀ICP备20231847号",
            "licences": ["食品经营许可证 JY15105020047381"],
            "complaint_phone": "0830-2619573",
        },
        "identity": {
            "base_url": "https://faceid.tencentcloudapi.com",
            "secret_id": "AKIDq7Zt3VxLw9Kc2Rm5Hs8Yd4Nf6Jb1PgTe",
            "secret_key": "b8Xw3Rt6Zk1Qm9Vc4Ln7Hd2Sy5Gf0JpT",
        },
    }


def read(given: dict[str, Any], base: Path = ROOT) -> Config:
    """The parsed configuration, before the checks for production."""
    text = yaml.safe_dump(given, allow_unicode=True)
    return parse(text, "config.yaml", {}, base, is_checked=False)


def refused(key: str, value: Any, base: Path = ROOT) -> list[str]:
    """The keys that are refused after one was changed, by the checks or by the model."""
    given = real()
    section, _, name = key.rpartition(".")
    (given.setdefault(section, {}) if section else given)[name] = value
    try:
        return [each.key for each in problems(read(given, base), base)]
    except ConfigError as error:
        return re.findall(r"config\.yaml:[0-9]+: ([\w.]+)", str(error))


def shipped() -> dict[str, Any]:
    """All keys of config.yaml with the demo's values."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: filled(v) for k, v in value.items()}
        return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) if isinstance(value, str) else value

    found = {}
    for key, value in filled(yaml.safe_load(SHIPPED)).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            found[key] = value
    return found


def test_a_valid_configuration_is_accepted() -> None:
    assert problems(read(real())) == []
    text = yaml.safe_dump(real(), allow_unicode=True)
    assert parse(text, "config.yaml", {}, ROOT).environment == "production"


def test_every_key_has_a_rule_and_every_rule_a_key() -> None:
    """A new key of config.yaml needs a rule for production, or the reason why it is free."""
    known = {key for key, _ in leaves(read(real()))}
    assert known == set(RULES)
    assert set(shipped()) <= set(RULES)
    assert all(len(rule.expected) > 8 for rule in RULES.values())


HARMLESS = {
    "previous_secret_key": "empty in the demo", "redis": "memory:// goes with sqlite only",
    "trusted_proxies": "a proxy on the same machine", "log_level": "info",
    "wechat.previous_aes_key": "empty in the demo", "wechat.mode": "safe",
    "wechat.verify_files": "empty in the demo",
    "pay.private_key": "a path; the material is compared below",
    "pay.public_key": "a path; the material is compared below",
    "assistant.base_url": "off in the demo", "assistant.api_key": "off in the demo",
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(shipped()))
def test_the_demo_s_value_of_a_key_is_refused_by_name(key: str) -> None:
    """Before, production started with the demo's AES key, AppID, public-key id and legal name."""
    if RULES[key].is_free or key in HARMLESS:
        assert shipped()[key] not in PUBLISHED.get(key, ())
        return
    assert key in refused(key, shipped()[key])


def test_the_demo_as_it_is_shipped_is_refused_key_by_key(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path / "var" / "demo-keys")
    assert keys.merchant_private_key
    with pytest.raises(ConfigError) as error:
        parse(SHIPPED, "config.yaml", {"FENMALL_ENV": "production"}, tmp_path)
    named = set(re.findall(r"config\.yaml:[0-9]+: ([\w.]+): [^;]+; expected ", str(error.value)))
    free = {key for key in shipped() if RULES[key].is_free} | {"environment"}
    harmless = set(HARMLESS) - {"pay.private_key", "pay.public_key"}
    assert named == set(shipped()) - free - harmless


@pytest.mark.parametrize("url", ["http://api.deepseek.com/v1", "https://127.0.0.1:8000/v1"])
def test_an_assistant_over_plain_http_or_on_this_machine_is_refused(url: str) -> None:
    changed = real() | {
        "assistant": {"base_url": url, "api_key": "sk-9f2Kq71xZt0Lw4Rb8Vd", "model": "m"}
    }
    with pytest.raises(ConfigError, match=r"assistant\.base_url"):
        parse(yaml.safe_dump(changed, allow_unicode=True), "config.yaml", {})


WEAK = (
    "1234567890123456", "12345678901234567890123456789012", "a" * 32, "ab" * 20, "abcd" * 10,
    "abcdefghijklmnopqrstuvwxyz012345", "zyxwvutsrqponmlkjihgfedcba987654",
    "qwertyuiopasdfghjklzxcvbnm123456", "0123456789abcdef0123456789abcdef",
    "correct-horse-battery-staple-key", "my-production-shop-key-for-2026!",
    "wechat-mall-server-token-2026-01", "changeme-changeme-changeme-12345", "demo" + "x9K2" * 7,
    "password" + "7" * 24, "f3b0c1d8" * 4, "your-apiv3-key-goes-here-32-char",
    "1qaz2wsx3edc4rfv1qaz2wsx3edc4rfv", "",
)  # fmt: skip
SECRETS = (
    "secret_key", "wechat.secret", "wechat.token", "wechat.encoding_aes_key", "pay.apiv3_key",
)  # fmt: skip


@pytest.mark.parametrize("key", SECRETS)
@pytest.mark.parametrize("weak", WEAK)
def test_weak_secrets_are_refused(key: str, weak: str) -> None:
    """Before, the secret 1234567890123456 was accepted."""
    size = {"wechat.encoding_aes_key": 43, "pay.apiv3_key": 32, "wechat.token": 32}.get(key)
    value = (weak * 3)[:size] if size and weak else weak
    assert key in refused(key, value)


def test_random_secrets_are_accepted() -> None:
    drawn = [make() for make in (
        lambda: secrets.token_hex(16), lambda: secrets.token_hex(32),
        lambda: secrets.token_urlsafe(32), lambda: secrets.token_urlsafe(24),
    ) for _ in range(200)]  # fmt: skip
    assert (
        sum(weakness(each) is not None for each in drawn) <= 8
    )  # a random secret may look like a pattern


ADDRESSES = (
    "http://{}", "https://127.0.0.1", "https://localhost", "https://{}.evil.example", "https://{}:8443",
    "https://user@{}", "https://[::1]", "https://2130706433", "https://mall.example.com",
    "https://simulator.cn", "https://{}.localhost", "https://10.0.0.1",
)  # fmt: skip
HOSTS = {
    "public_url": "mall.wuliang-jiu.cn", "wechat.api_base": "api.weixin.qq.com",
    "wechat.open_base": "open.weixin.qq.com", "wechat.mp_base": "mp.weixin.qq.com",
    "pay.api_base": "api.mch.weixin.qq.com", "wechat.jssdk_url": "res.wx.qq.com",
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(HOSTS))
@pytest.mark.parametrize("form", ADDRESSES)
def test_plain_addresses_and_those_of_this_machine_are_refused(key: str, form: str) -> None:
    """Before, a page's policy allowed scripts from http://127.0.0.1."""
    tail = "/open/js/jweixin-1.6.0.js" if key == "wechat.jssdk_url" else ""
    if (key, form) == ("public_url", "https://{}.evil.example"):
        assert key in refused(key, form.format("mall"))
        return
    assert key in refused(key, form.format(HOSTS[key]) + tail)


def test_other_hosts_of_wechat_are_accepted() -> None:
    for key, value in (
        ("wechat.api_base", "https://sh.api.weixin.qq.com"), ("pay.api_base", "https://api2.mch.weixin.qq.com"),
        ("wechat.jssdk_url", "https://res2.wx.qq.com/open/js/jweixin-1.6.0.js"),
    ):  # fmt: skip
        assert refused(key, value) == []


@pytest.mark.parametrize("network", [
    "0.0.0.0/0", "::/0", "0.0.0.0/1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8", "fc00::/7", "fd00::/8", "::ffff:0.0.0.0/96", "::ffff:10.0.0.0/104",
    "2001:db8::/32",
])  # fmt: skip
def test_proxy_ranges_that_contain_everybody_are_refused(network: str) -> None:
    """With 0.0.0.0/0 each caller could forge its own address."""
    assert "trusted_proxies" in refused("trusted_proxies", ["127.0.0.1/32", network])


def test_an_invalid_proxy_address_is_refused() -> None:
    assert refused("trusted_proxies", ["nginx"]) == ["trusted_proxies"]


@pytest.mark.parametrize(("key", "value"), [
    ("database", "sqlite:///:memory:"), ("database", "postgresql://fenmall:fenmall@10.0.0.5/fenmall"),
    ("database", "mysql://root@10.0.0.5/fenmall"), ("database", "mysql://root:password@10.0.0.5/f"),
    ("database", "sqlite:////var/lib/fenmall/f.sqlite3"), ("redis", "memory://"),
    ("uploads", "uploads"), ("log_level", "debug"), ("wechat.mode", "plain"),
    ("wechat.appid", "wx5de3000000000002"), ("wechat.appid", "wxEXAMPLE000000000"),
    ("wechat.original_id", "gh_5de300000009"), ("wechat.original_id", "gh_demo"),
    ("pay.appid", "wx0000000000000001"), ("pay.mchid", "1900000109"), ("pay.serial_no", "DEMO01"),
    ("pay.serial_no", "0" * 40), ("pay.public_key_id", "PUB_KEY_1"),
    ("site.name", "演示商城"), ("site.legal_name", "某某示例公司"), ("site.legal_name", " "),
    ("site.icp", ""), ("site.icp", "蜀ICP备00000000号"), ("site.licences", []),
    ("site.licences", ["食品经营许可证 演示编号"]), ("site.licences", ["许可证 JY00000000000000"]),
    ("site.complaint_phone", "400-888-8888"), ("site.complaint_phone", ""),
    ("site.complaint_url", "http://10.0.0.1/"),
    ("previous_secret_key", "demo-secret-key-not-for-production"),
    ("previous_secret_key", "1234567890123456"), ("wechat.verify_files", {"../x": "y"}),
])  # fmt: skip
def test_sample_values_and_variations_of_the_demo_s_are_refused(key: str, value: Any) -> None:
    assert key in refused(key, value)


def test_the_demo_s_key_is_recognised_under_any_file_name(tmp_path: Path) -> None:
    """Before, only paths were compared, and a copy of the demo's key was accepted."""
    keys = ensure_keys(tmp_path / "var" / "demo-keys")
    (tmp_path / "live.pem").write_text(keys.merchant_private_key)
    (tmp_path / "wechat.pem").write_text(keys.wechatpay_public_key)
    assert refused("pay.private_key", "live.pem", tmp_path) == ["pay.private_key"]
    assert refused("pay.public_key", "wechat.pem", tmp_path) == ["pay.public_key"]
    assert refused("pay.certificates", [keys.platform_certificate], tmp_path).count(
        "pay.certificates") >= 1  # fmt: skip


def test_weak_or_invalid_keys_are_refused() -> None:
    assert refused("pay.private_key", pair(1024)[0]) == ["pay.private_key"]
    assert refused("pay.private_key", pair()[1]) == ["pay.private_key"]
    assert refused("pay.private_key", "-----BEGIN PRIVATE KEY-----\nAAAA") == ["pay.private_key"]
    assert refused("pay.public_key", pair()[1]) == ["pay.public_key"]
    assert refused("pay.public_key", pair()[0]) == ["pay.public_key"]
    made = make_keys().platform_certificate
    assert refused("pay.certificates", [made]) == ["pay.certificates"]
    assert keyfiles.demo_prints(Path("/nowhere")) == keyfiles.demo_prints(ROOT)


def test_pages_of_production_load_nothing_over_plain_http() -> None:
    wechat = read(real()).wechat
    policy = _policy(wechat.jssdk_url, wechat.open_base)
    assert "http:" not in policy
    assert "127.0.0.1" not in policy
    assert "https://res.wx.qq.com" in policy
