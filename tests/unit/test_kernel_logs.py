"""Logs: a format for each environment, request ids, masking of secrets and personal data."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from kernel import context, logs
from kernel.config import Config
from kernel.logs import Mask, secrets_of, setup
from tests.unit.test_kernel_config import ENV, GOOD, parse
from tests.unit.test_production import read, real


@pytest.fixture(autouse=True)
def _root_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    names = ("peewee", "PIL", "asyncio", "wechatpy", "urllib3", "wechatpayv3")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(False)


def _config(text: str = GOOD, env: dict[str, str] | None = None) -> Config:
    text = text.replace("keys/public.pem", '"-----BEGIN PUBLIC KEY-----"')
    text = text.replace("site:", "database: postgresql://shop:pass%40word1@db/fenmall\nsite:")
    return parse(text, "config.yaml", ENV if env is None else env)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("phone 13812345678.", "phone 138****5678."),
        ("id 11010519491231002X", "id 110105***********X"),
        ("openid o6_bmjrPTlm6_2sgVt7hMZOPfL2M ok", "openid o6_b***fL2M ok"),
        ("mail a.b+c@example.com", "mail a***@example.com"),
        ("GET /cgi-bin/x?access_token=73_abcDEF&next=1", "GET /cgi-bin/x?access_token=***&next=1"),
        ("/oauth/callback?code=0a1B2c3D&state=abcdef12", "/oauth/callback?code=***&state=***"),
        ('{"secret": "abcdef", "n": 1}', '{"secret": "***", "n": 1}'),
        ("{'password': 'hunter22'}", "{'password': '***'}"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: ***"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----!", "***!"),
        (
            "order T26010112345678901 of 1 381 234 5678",
            "order T26010112345678901 of 1 381 234 5678",
        ),
        ("errcode: 45015, line_fen=13812345678901", "errcode: 45015, line_fen=13812345678901"),
        ("token: None", "token: None"),
        (
            "GET /m/handover/Zm9vYmFyYmF6cXV4Zm9vYmFy of ORD261122ABCDEFGHJKMNPQRS",
            "GET /m/handover/*** of ORD261122ABCDEFGHJKMNPQRS",
        ),
        ("in test_a_fault_of_everything_in_2", "in test_a_fault_of_everything_in_2"),
    ],
)
def test_personal_data_is_masked_and_other_text_is_not(text: str, masked: str) -> None:
    assert Mask()(text) == masked


def test_masking_twice_gives_the_same_text() -> None:
    once = Mask()("token=abcdef 13812345678 a@example.com o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
    assert Mask()(once) == once


def test_the_configurations_secrets_never_appear() -> None:
    config = _config()
    mask = Mask(secrets_of(config))
    for secret in (
        config.secret_key, config.wechat.secret, config.wechat.token, config.pay.apiv3_key,
        config.wechat.encoding_aes_key, "pass%40word1", "pass@word1",
    ):  # fmt: skip
        assert secret not in mask(f"it failed near {secret}!")


def _write(config: Config) -> list[str]:
    stream = io.StringIO()
    setup(config, stream)
    setup(config, stream)  # setting up twice is the same as once
    log = logging.getLogger("shop.test")
    context.request_id.set("r1")
    context.actor.set("member:7")
    log.info("paid by %s", "13812345678", extra={"order": "T1", "payer": "13812345678"})
    try:
        raise ValueError("card 11010519491231002X")
    except ValueError:
        log.exception("failed")
    log.debug("too detailed")
    return stream.getvalue().splitlines()


async def test_production_writes_json_lines() -> None:
    lines = [json.loads(line) for line in _write(read(real() | {"log_level": "info"}))]
    assert [line["message"] for line in lines] == ["paid by 138****5678", "failed"]
    first, second = lines
    assert (first["level"], first["logger"]) == ("info", "shop.test")
    assert (first["request_id"], first["actor"]) == ("r1", "member:7")
    assert (first["order"], first["payer"]) == ("T1", "138****5678")
    assert first["at"].endswith("+00:00")
    assert "ValueError: card 110105***********X" in second["exception"]


async def test_the_demo_writes_readable_lines() -> None:
    lines = _write(_config())
    assert lines[0].endswith("INFO    shop.test [r1] paid by 138****5678")
    assert lines[1].endswith("ERROR   shop.test [r1] failed")
    assert lines[-1] == "ValueError: card 110105***********X"
    assert "13812345678" not in "\n".join(lines)


async def test_libraries_that_log_parameters_are_kept_quiet() -> None:
    stream = io.StringIO()
    text = GOOD.replace("site:", "log_level: debug\nsite:", 1)
    setup(_config(text), stream)
    logging.getLogger("peewee").debug("INSERT INTO member VALUES ('阿慧')")
    logging.getLogger("shop").debug("ours")
    assert "阿慧" not in stream.getvalue()
    assert "ours" in stream.getvalue()


def test_an_invalid_log_call_still_gives_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "no %s", ("args",), None)
    assert logs.ContextFilter(Mask()).filter(record) is True
    assert record.getMessage() == "no args"
