"""The key that signs the answers of the simulator's Pay, as WeChat documents it."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from wechatpayv3.utils import load_public_key, rsa_encrypt

from tests.contract.sim_shop import Desk, verify_signature
from tests.contract.test_simulator_plans import TRANSFERS, payout

QUERY = "/v3/pay/transactions/out-trade-no/NONE000001?mchid={}"
CERTIFICATES = "/v3/certificates"


def public_of(certificate: str) -> str:
    """The public key of a certificate, as PEM text."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


async def answered_by(desk: Desk, serial: str) -> str:
    """The serial that signed the answer to a request naming ``serial``; it is verified."""
    response, raw = await desk.v3_raw(
        "GET", QUERY.format(desk.settings.mchid), **{"Wechatpay-Serial": serial}
    )
    assert response.status == 404
    found = response.headers["Wechatpay-Serial"]
    is_public = found == desk.settings.public_key_id
    certificate = public_of(desk.keys.platform_certificate)
    key = desk.keys.wechatpay_public_key if is_public else certificate
    verify_signature(dict(response.headers), raw, key)
    return found


@pytest.mark.parametrize(
    ("phase", "none", "public", "platform", "unknown"),
    [
        ("certificate", "platform", "platform", "platform", "platform"),
        ("switching", "platform", "public", "platform", "platform"),
        ("public_key", "public", "public", "public", "public"),
    ],
)
async def test_the_phase_and_the_named_serial_choose_the_signing_key(
    desk: Desk, phase: str, none: str, public: str, platform: str, unknown: str
) -> None:
    await desk.do("/keys", phase=phase)
    serials = {"public": desk.settings.public_key_id, "platform": desk.settings.platform_serial}
    expected = {
        "": none,
        serials["public"]: public,
        serials["platform"]: platform,
        serials["platform"].lower(): platform,
        "5DE3FFFF": unknown,
        "PUB_KEY_ID_9": unknown,
    }
    for named, wanted in expected.items():
        assert await answered_by(desk, named) == serials[wanted], named


@pytest.mark.parametrize(
    ("serial", "message"),
    [
        ("", "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)"),
        ("5DE3FFFF", "平台证书序列号Wechatpay-Serial错误"),
        ("merchant", "平台证书序列号Wechatpay-Serial错误"),
    ],
)
async def test_a_sensitive_field_needs_a_known_serial(
    desk: Desk, serial: str, message: str
) -> None:
    named = desk.settings.merchant_serial if serial == "merchant" else serial
    sealed = rsa_encrypt("小林", load_public_key(desk.keys.wechatpay_public_key))
    body = payout(desk, "WD1", 250_000) | {"user_name": sealed}
    response, raw = await desk.v3_raw("POST", TRANSFERS, body, **{"Wechatpay-Serial": named})
    assert response.status == 400
    assert message in raw.decode()
    assert desk.sim.world.transfers == {}


@pytest.mark.parametrize("by", ["public_key", "certificate"])
async def test_a_name_is_decrypted_with_the_named_key(desk: Desk, by: str) -> None:
    is_public = by == "public_key"
    certificate = public_of(desk.keys.platform_certificate)
    key = desk.keys.wechatpay_public_key if is_public else certificate
    serial = desk.settings.public_key_id if is_public else desk.settings.platform_serial
    body = payout(desk, "WD1", 250_000) | {"user_name": rsa_encrypt("小林", load_public_key(key))}
    response, _ = await desk.v3_raw("POST", TRANSFERS, body, **{"Wechatpay-Serial": serial})
    assert response.status == 200
    assert response.headers["Wechatpay-Serial"] == serial
    assert desk.sim.world.transfers["WD1"].user_name == "小林"


async def test_a_request_without_a_valid_signature_gets_an_unsigned_answer(desk: Desk) -> None:
    for headers in (
        {"Authorization": 'WECHATPAY2-SHA256-RSA2048 mchid="1"'},
        {"Authorization": desk.authorization("GET", CERTIFICATES, b"x")},
    ):
        response, _ = await desk.v3_raw("GET", CERTIFICATES, **headers)
        assert response.status == 401
        assert not [name for name in response.headers if name.startswith("Wechatpay-")]
        assert response.headers["Request-ID"]


async def test_two_certificates_are_listed_during_a_rotation_and_one_after_it(
    desk: Desk,
) -> None:
    async def listed() -> list[dict[str, Any]]:
        status, answer = await desk.v3("GET", CERTIFICATES)
        assert status == 200
        found: list[dict[str, Any]] = answer["data"]
        return found

    (first,) = await listed()
    await desk.do("/keys", rotate={"old_ends_in_s": 3600})
    old, new = await listed()
    assert (old["serial_no"], old["expire_time"] < first["expire_time"]) == (
        first["serial_no"],
        True,
    )
    await desk.do("/clock", advance_seconds=3700, notify_app=False)
    assert [each["serial_no"] for each in await listed()] == [new["serial_no"]]
    await desk.do("/keys", phase="public_key")
    status, answer = await desk.v3("GET", CERTIFICATES)
    assert (status, answer["code"]) == (404, "RESOURCE_NOT_EXISTS")
    assert "微信支付公钥" in answer["message"]


@pytest.mark.parametrize("body", [{}, {"phase": "grey"}, {"signs": "both"}, {"fase": "switching"}])
async def test_a_misspelt_change_of_keys_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    assert (await desk.ask("POST", "/keys", body))[0] == 400
