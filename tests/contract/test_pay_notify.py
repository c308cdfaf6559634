"""Notifications of WeChat Pay, and certificates; the cases are bugs known from other clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from domain.payments.ports import (
    Notification,
    PaymentResult,
    RefundState,
    TradeState,
    TransferState,
)
from gateways.wechatpay import WeChatPay
from gateways.wechatpay.certificates import CertificateKeeper
from kernel import clock
from kernel.errors import Retryable, Unknown
from simulator.keys import DemoKeys
from tests.contract.conftest import OPENID, pay_config
from tests.contract.fakes import Answer, Asked, Fake, PaySeal
from tests.contract.paying import (
    FORGED,
    NO,
    ORDER_PATH,
    PAID,
    REFUND,
    REFUNDS,
    refusal,
    said,
)
from tests.harness.waiting import PATIENCE
from tests.soak import examples

# --- notifications


def notified(
    pay: WeChatPay, seal: PaySeal, body: bytes, headers: Mapping[str, str] | None = None
) -> Notification:
    return pay.parse_notification(CIMultiDict(headers or seal.headers(body)), body)


@pytest.mark.parametrize("which", ["seal", "platform_seal"])
def test_a_notification_signed_by_either_key_is_opened(
    pay: WeChatPay, which: str, request: pytest.FixtureRequest
) -> None:
    seal = request.getfixturevalue(which)
    found = notified(pay, seal, seal.notification("TRANSACTION.SUCCESS", PAID))
    assert isinstance(found.result, PaymentResult)
    assert (found.result.out_trade_no, found.result.amount_fen) == (NO, 29800)
    assert found.id == "EV-2018022511223320873"
    assert found.created_at == datetime(2026, 11, 22, 2, 34, 56, tzinfo=UTC)
    assert json.loads(found.plain) == PAID


def test_headers_in_any_case_and_without_a_signature_type_are_read(
    pay: WeChatPay, seal: PaySeal
) -> None:
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    headers = {k.upper(): v for k, v in seal.headers(body).items()}
    del headers["WECHATPAY-SIGNATURE-TYPE"]
    assert pay.parse_notification(headers, body).event_type == "TRANSACTION.SUCCESS"


def test_refunds_and_transfers_are_parsed_and_unknown_kinds_are_kept(
    pay: WeChatPay, seal: PaySeal
) -> None:
    refund = {
        "mchid": "1900000001",
        "out_trade_no": NO,
        "transaction_id": "4200001",
        "out_refund_no": "RF1",
        "refund_id": "50",
        "refund_status": "SUCCESS",
        "success_time": "2026-11-22T20:40:00+08:00",
        "user_received_account": "招商银行信用卡0403",
        "amount": {"total": 29800, "refund": 100, "payer_total": 29800, "payer_refund": 100},
    }
    result = notified(pay, seal, seal.notification("REFUND.SUCCESS", refund)).result
    assert (result.state, result.mchid, result.refund_fen) == (  # type: ignore[union-attr]
        RefundState.SUCCESS,
        "1900000001",
        100,
    )
    bill = {
        "out_bill_no": "WD1",
        "transfer_bill_no": "1330000",
        "state": "FAIL",
        "mch_id": "1900000001",
        "transfer_amount": 5000,
        "openid": OPENID,
        "fail_reason": "OVERDUE_CLOSE",
        "create_time": "2026-11-21T20:40:00+08:00",
        "update_time": "2026-11-22T20:40:00+08:00",
    }
    moved = notified(pay, seal, seal.notification("MCHTRANSFER.BILL.FINISHED", bill)).result
    assert (moved.state, moved.fail_reason, moved.amount_fen, moved.mchid) == (  # type: ignore[union-attr]
        TransferState.FAIL,
        "OVERDUE_CLOSE",
        5000,
        "1900000001",
    )
    other = notified(pay, seal, seal.notification("PROFITSHARING", {"a": 1}))
    assert (other.result, other.event_type) == (None, "PROFITSHARING")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no signature", "notify_headers"),
        ("no nonce", "notify_headers"),
        ("no serial", "notify_headers"),
        ("no timestamp", "notify_headers"),
        ("another body", "notify_signature"),
        ("old", "notify_time"),
        ("exactly five minutes", "notify_time"),
        ("from the future", "notify_time"),
        ("unknown serial", "notify_serial"),
        ("other scheme", "notify_headers"),
        ("not base64", "notify_signature"),
        ("probe", "notify_probe"),
        ("words for time", "notify_time"),
    ],
)
def test_a_forged_notification_is_refused(
    pay: WeChatPay, seal: PaySeal, name: str, code: str
) -> None:
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    assert refusal(pay, FORGED[name](seal, body), body) == code


HEADER_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@given(values=st.tuples(*[HEADER_TEXT] * 4), body=st.binary(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40))
def test_any_unsigned_body_is_refused(
    pay: WeChatPay, values: tuple[str, ...], body: bytes
) -> None:
    names = ("Timestamp", "Nonce", "Signature", "Serial")
    headers = {f"Wechatpay-{n}": v for n, v in zip(names, values, strict=True)}
    known = {"Wechatpay-Serial": pay.client.config.public_key_id or ""}
    known |= {"Wechatpay-Timestamp": str(clock.timestamp())}
    for sent in (headers, headers | known):
        assert refusal(pay, sent, body).startswith("notify_")


def test_a_day_old_notification_is_refused(pay: WeChatPay, seal: PaySeal) -> None:
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    headers = seal.headers(body)
    assert pay.parse_notification(headers, body).result is not None
    clock.set_offset(timedelta(days=1))
    assert refusal(pay, headers, body) == "notify_time"


@pytest.mark.parametrize(
    "change",
    [
        {"resource": None},
        {"resource": {"nonce": "n" * 12}},
        {"resource": {"nonce": "", "ciphertext": "AAAA", "associated_data": ""}},
        {"resource": {"nonce": "n" * 12, "ciphertext": "%%", "associated_data": "x"}},
        {"event_type": None},
        {"id": ""},
        {"create_time": "soon"},
    ],
)
def test_a_signed_notification_that_cannot_be_read_is_refused(
    pay: WeChatPay, seal: PaySeal, change: dict[str, Any]
) -> None:
    value = json.loads(seal.notification("TRANSACTION.SUCCESS", PAID)) | change
    body = json.dumps(value).encode()
    assert refusal(pay, seal.headers(body), body) in {"notify_shape", "notify_sealed"}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe"])
def test_a_signed_body_that_is_no_object_is_refused(
    pay: WeChatPay, seal: PaySeal, body: bytes
) -> None:
    assert refusal(pay, seal.headers(body), body) in {"notify_shape", "notify_signature"}


def test_a_resource_encrypted_with_another_key_is_refused(pay: WeChatPay, seal: PaySeal) -> None:
    strange = replace(seal, apiv3_key="x" * 32)
    body = strange.notification("TRANSACTION.SUCCESS", PAID)
    assert refusal(pay, seal.headers(body), body) == "notify_sealed"


async def test_unknown_serials_in_notifications_cause_no_download(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    headers = seal.headers(body) | {"Wechatpay-Serial": "7777"}
    for _ in range(5):
        assert refusal(pay, headers, body) == "notify_serial"
    await asyncio.sleep(0)
    assert fake.asked == []
    assert len(pay.client.signer.ring.keys) == 2


# --- platform certificates


def certificate(serial: int) -> tuple[str, str]:
    """A new platform key and its certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, made.public_bytes(Encoding.PEM).decode()


def list_of(seal: PaySeal, text: str) -> dict[str, Any]:
    return {
        "data": [{"serial_no": "x", "encrypt_certificate": seal.resource(text, "certificate")}]
    }


async def test_after_a_rotation_the_new_certificate_is_fetched_and_the_answer_accepted(
    fake: Fake, session: ClientSession, keys: DemoKeys, platform_seal: PaySeal
) -> None:
    pay = WeChatPay(pay_config(fake.base, keys, public_key=None, public_key_id=None), session)
    private, text = certificate(0xABCDEF)
    new = replace(platform_seal, private_key=private, serial="ABCDEF")
    fake.routes["/v3/certificates"] = lambda _: new.answer(list_of(new, text))
    fake.routes[ORDER_PATH] = lambda _: new.answer(PAID)
    results = await asyncio.gather(*(pay.query_payment(NO) for _ in range(5)))
    assert {r.state for r in results} == {TradeState.SUCCESS}
    assert len(fake.of("/v3/certificates")) == 1
    body = new.notification("TRANSACTION.SUCCESS", PAID)
    assert pay.parse_notification(new.headers(body), body).result is not None
    assert pay.client.signer.answer_serial == "ABCDEF"


async def test_certificates_that_cannot_be_fetched_leave_the_outcome_unknown(
    fake: Fake, pay: WeChatPay, platform_seal: PaySeal
) -> None:
    new = replace(platform_seal, private_key=certificate(0xD1)[0], serial="D1")
    answer = {"refund_id": "50", "out_refund_no": "RF1", "out_trade_no": NO, "status": "SUCCESS"}
    fake.routes[REFUNDS] = lambda _: new.answer(answer)
    fake.routes["/v3/certificates"] = said(500, "SYSTEM_ERROR")
    with pytest.raises(Unknown):  # the refund was made, so the outcome must not be a failure
        await pay.refund(REFUND)
    with pytest.raises(Unknown):
        await pay.refund(REFUND)
    assert len(fake.of("/v3/certificates")) == 1


@pytest.mark.parametrize("how", ["other apiv3 key", "signed by a stranger"])
async def test_certificates_not_from_wechat_are_not_trusted(
    fake: Fake, pay: WeChatPay, platform_seal: PaySeal, how: str
) -> None:
    private, text = certificate(0xBAD)
    stranger = replace(platform_seal, private_key=private, serial="BAD")
    if how == "other apiv3 key":
        stranger = replace(stranger, apiv3_key="x" * 32)
        fake.routes["/v3/certificates"] = lambda _: stranger.answer(list_of(stranger, text))
    else:
        answer = list_of(platform_seal, text)
        unsigned = replace(stranger, serial="NONE")
        fake.routes["/v3/certificates"] = lambda _: unsigned.answer(answer)
    assert pay.keeper is not None
    with pytest.raises(Retryable):
        await pay.keeper.refresh()
    assert "BAD" not in pay.client.signer.ring.keys
    assert len(pay.client.signer.ring.keys) == 2


async def test_the_keeper_fetches_soon_after_an_unknown_serial(
    fake: Fake, pay: WeChatPay, seal: PaySeal, platform_seal: PaySeal
) -> None:
    fetched = asyncio.Semaphore(0)
    _, text = certificate(0xC0FFEE)

    def certificates(_asked: Asked) -> Answer:
        fetched.release()
        return platform_seal.answer(list_of(platform_seal, text))

    fake.routes["/v3/certificates"] = certificates
    keeper = CertificateKeeper(pay.client, each=3600, pause=0.01)
    pay.keeper = keeper
    task = asyncio.create_task(keeper.run())
    await asyncio.wait_for(fetched.acquire(), PATIENCE)
    await asyncio.sleep(0.1)
    assert len(fake.asked) == 1
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    refusal(pay, seal.headers(body) | {"Wechatpay-Serial": "7777"}, body)
    await asyncio.wait_for(fetched.acquire(), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(fake.asked) == 2


async def test_the_keeper_tries_again_soon_after_a_failure(fake: Fake, pay: WeChatPay) -> None:
    asked = asyncio.Semaphore(0)

    def broken(_asked: Asked) -> Answer:
        asked.release()
        return web.Response(status=500)

    fake.routes["/v3/certificates"] = broken
    task = asyncio.create_task(CertificateKeeper(pay.client, each=3600, pause=0.01).run())
    for _ in range(3):
        await asyncio.wait_for(asked.acquire(), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(pay.client.signer.ring.keys) == 2
