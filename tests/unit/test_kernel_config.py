"""The configuration: an invalid key stops the start, with its name, line and expected value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kernel.config import Config, ConfigError, load, parse

GOOD = """\
environment: test
public_url: http://127.0.0.1:8080
secret_key: ${SECRET}
wechat:
  appid: wx5de3000000000001
  secret: ${WX_SECRET:-demo-secret-1}
  token: demo-token
  original_id: gh_demo
  encoding_aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG
pay:
  mchid: "1900000001"
  appid: wx5de3000000000001
  serial_no: DEMO01
  private_key: "-----BEGIN PRIVATE KEY-----"
  apiv3_key: demo-apiv3-key-0123456789abcdefg
  public_key_id: PUB_KEY_ID_1
  public_key: keys/public.pem
site:
  name: 山泉坊
  legal_name: 山泉坊酒业有限公司
"""
ENV = {"SECRET": "demo-secret-key-of-a-test"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with the key file that the configuration names."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "public.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA")
    return tmp_path


def _parse(text: str, base: Path, env: dict[str, str] | None = None) -> Config:
    return parse(text, "config.yaml", ENV if env is None else env, base)


def _line(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_valid_file_is_read_with_its_environment_and_key_files(base: Path) -> None:
    config = _parse(GOOD, base, ENV | {"WX_SECRET": "from-the-environment"})
    assert config.secret_key == "demo-secret-key-of-a-test"
    assert config.wechat.secret == "from-the-environment"
    assert config.pay.public_key == "-----BEGIN PUBLIC KEY-----\nAAAA"
    assert config.database == "sqlite:///var/fenmall.sqlite3"
    assert _parse(GOOD, base).wechat.secret == "demo-secret-1"


def test_a_configuration_cannot_be_changed_while_it_runs(base: Path) -> None:
    config: Any = _parse(GOOD, base)
    with pytest.raises(ValueError, match="frozen"):
        config.database = "sqlite:///other"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("  token: demo-token", "  tokken: demo-token", "wechat.tokken", "unknown key"),
        ("environment: test", "environment: testing", "environment", "'demo', 'test'"),
        ("  appid: wx5", "  appid: 1 #", "wechat.appid", "valid string"),
        ("  original_id: gh_demo", "  original_id: demo", "wechat.original_id", "^gh_"),
        ("http://127.0.0.1:8080", "http://127.0.0.1/x", "public_url", "without a path"),
        ('  mchid: "1900000001"', '  mchid: "19"', "pay.mchid", "{8,12}"),
        ("site:", "database: oracle://x\nsite:", "database", "postgresql://"),
        ("site:", "redis: tcp://x\nsite:", "redis", "memory://"),
        ("site:", "http: {port: 70000}\nsite:", "http.port", "65535"),
        ("site:", "log_level: loud\nsite:", "log_level", "'debug'"),
    ],
)
def test_an_invalid_key_is_named_with_its_line(
    base: Path, old: str, new: str, key: str, said: str
) -> None:
    text = GOOD.replace(old, new, 1)
    with pytest.raises(ConfigError) as refused:
        _parse(text, base)
    message = str(refused.value)
    found = next(line for line in message.splitlines() if f": {key}: " in line)
    changed = new.splitlines()[0]
    assert found.startswith(f"config.yaml:{_line(text, changed)}: {key}: ")
    assert said in found


def test_a_missing_key_is_named_with_its_section(base: Path) -> None:
    text = GOOD.replace("  legal_name: 山泉坊酒业有限公司\n", "")
    with pytest.raises(ConfigError) as refused:
        _parse(text, base)
    assert (
        str(refused.value)
        == f"config.yaml:{_line(text, 'site:')}: site.legal_name: Field required"
    )


def test_all_faults_are_reported_together(base: Path) -> None:
    text = GOOD.replace("environment: test", "environment: x").replace("gh_demo", "demo")
    with pytest.raises(ConfigError) as refused:
        _parse(text, base)
    assert len(str(refused.value).splitlines()) == 2


def test_missing_environment_variables_are_named(base: Path) -> None:
    with pytest.raises(ConfigError, match="not set in the environment: SECRET"):
        _parse(GOOD, base, {})


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pay: can't read keys/public\.pem"):
        _parse(GOOD, tmp_path)


@pytest.mark.parametrize("text", ["a: [1", "- a\n- b\n", "", "just text"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml: (not YAML|a mapping)"):
        parse(text, "config.yaml", ENV)


def test_pay_needs_a_key_to_verify_answers(base: Path) -> None:
    text = GOOD.replace("  public_key: keys/public.pem\n", "")
    with pytest.raises(ConfigError, match="public_key_id, or certificates"):
        _parse(text, base)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: No such file"):
        load(tmp_path / "nowhere.yaml", {})


def test_a_file_is_loaded_with_the_keys_beside_it(base: Path) -> None:
    (base / "config.yaml").write_text(GOOD, encoding="utf-8")
    assert load(base / "config.yaml", ENV).site.name == "山泉坊"


def test_production_refuses_what_belongs_to_the_demo_by_key_and_line(base: Path) -> None:
    """All keys are reported together; ``test_production.py`` checks each key."""
    text = GOOD.replace("environment: test", "environment: production")
    with pytest.raises(ConfigError) as refused:
        _parse(text, base)
    lines = str(refused.value).splitlines()
    wanted = f"config.yaml:{_line(text, 'appid: wx5')}: wechat.appid: this is a published value; "
    assert any(line.startswith(wanted) for line in lines)
    assert len(lines) > 15
    unchecked = parse(text, "config.yaml", ENV, base, is_checked=False)
    assert unchecked.environment == "production"


def test_no_error_message_shows_a_secret(base: Path) -> None:
    bad = GOOD.replace("demo-apiv3-key-", "short-").replace("environment: test", "environment: x")
    production = GOOD.replace("environment: test", "environment: production")
    shown = []
    for text in (bad, production):
        with pytest.raises(ConfigError) as refused:
            _parse(text, base, {"SECRET": "demo-river-2026-secret"})
        shown.append(str(refused.value))
    for secret in ("short-0123456789abcdefg", "demo-river-2026-secret", "demo-secret-1"):
        assert secret not in "".join(shown)
