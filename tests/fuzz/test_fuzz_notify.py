"""Payment notifications that WeChat would never send, rightly signed: refused, nothing booked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import Payment, Withdrawal
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.contract.fakes import PaySeal
from tests.contract.paying import FORGED
from tests.security.town import Town
from tests.soak import examples

QUICK = settings(
    max_examples=examples(60), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
DOORS = ("/pay/notify", "/pay/refund-notify", "/pay/transfer-notify")
EVENTS = ("TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.CLOSED", "MCHTRANSFER.BILL.FINISHED",
          "SOMETHING.NEW")  # fmt: skip
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(),
    st.text(max_size=8), st.sampled_from([
        "", "\x00", "\ud800", "x" * 5000, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
        "SUCCESS", "ABSENT", "' OR 1=1 --", "${jndi:ldap://x}", "../..", [], {}, [[[]]],
        {"total": "29800"}, {"total": 1e999}, {"total": True}, {"total": -1},
    ]),
)  # fmt: skip
# The books; kept notices are no booking.
BOOKS = ("ledger_", "payment", "refund", "mall_order", "order_log", "withdrawal", "commission",
         "after_sale", "stock", "outbox")  # fmt: skip


@pytest.fixture
def seal(keys: DemoKeys) -> PaySeal:
    """Signs as WeChat Pay."""
    known = Settings()
    return PaySeal(keys.wechatpay_private_key, known.public_key_id, known.apiv3_key)


def real(town: Town) -> dict[str, dict[str, Any]]:
    """The plain texts that would be booked, per door."""
    known = Settings()
    payment = Payment.select().where(Payment.state == "paid").first()
    withdrawal = Withdrawal.get_by_id(town.shop.withdrawal_id)
    paid = {
        "appid": known.appid, "mchid": known.mchid, "out_trade_no": payment.out_trade_no,
        "transaction_id": "4200001", "trade_type": "JSAPI", "trade_state": "SUCCESS",
        "success_time": "2026-11-22T20:34:56+08:00", "payer": {"openid": "oX"},
        "amount": {"total": payment.amount_fen, "payer_total": 1, "currency": "CNY"},
    }  # fmt: skip
    back = {
        "mchid": known.mchid, "out_trade_no": payment.out_trade_no, "out_refund_no": "RF1",
        "transaction_id": "4200001", "refund_id": "50", "refund_status": "SUCCESS",
        "amount": {"total": payment.amount_fen, "refund": payment.amount_fen, "currency": "CNY"},
    }  # fmt: skip
    sent = {
        "mch_id": known.mchid, "out_bill_no": withdrawal.out_bill_no, "transfer_bill_no": "13",
        "transfer_amount": 1, "state": "FAIL", "openid": "oX", "fail_reason": "NAME",
    }  # fmt: skip
    return dict(zip(DOORS, (paid, back, sent), strict=True))


def changed(plain: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Some fields missing, of another type, or absurd; some nested ones as well."""
    result = json.loads(json.dumps(plain))
    for place in (result, result.get("amount")):
        if not isinstance(place, dict):
            continue
        for name in data.draw(st.sets(st.sampled_from(sorted(place)), min_size=1, max_size=3)):
            if data.draw(st.booleans()):
                del place[name]
            else:
                place[name] = data.draw(ODD)
    return result


def books(digest: dict[str, str]) -> dict[str, str]:
    """The tables that say who owns what."""
    found = {k: v for k, v in digest.items() if k.startswith(BOOKS)}
    assert len(found) > 8
    return found


async def post(town: Town, door: str, body: bytes, headers: dict[str, str]) -> int:
    """Deliver."""
    async with town.client.post(door, data=body, headers=headers) as answer:
        return answer.status


async def drive(town: Town, play: Callable[[], Any]) -> None:
    """Run what hypothesis drew, before and after which the books are the same."""
    before = books(await town.digest())
    await play()
    assert books(await town.digest()) == before


async def run_examples(
    draw: Callable[[st.DataObject], Any], play: Callable[[Any], Coroutine[Any, Any, None]],
    most: int = 60,
) -> None:  # fmt: skip
    """Draw examples in a thread, play each on the running loop."""
    loop = asyncio.get_running_loop()

    @settings(QUICK, max_examples=examples(most))
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        asyncio.run_coroutine_threadsafe(play(draw(data)), loop).result(30)

    await asyncio.to_thread(drawn)


async def test_signed_nonsense_is_never_booked(town: Town, seal: PaySeal) -> None:
    plains = await town.runtime.store.read(real, town)

    def draw(data: st.DataObject) -> tuple[str, bytes]:
        door = data.draw(st.sampled_from(DOORS))
        kind = data.draw(st.sampled_from(DOORS))
        event = data.draw(st.sampled_from(EVENTS))
        plain = json.dumps(changed(plains[kind], data))
        envelope: dict[str, Any] = {
            "id": data.draw(st.sampled_from(["EV-1", "EV-2", "x" * 500, "\x00", "\ud800", "", 7])),
            "create_time": data.draw(st.sampled_from(["2026-11-22T20:34:56+08:00", "", "x", 1])),
            "event_type": event, "resource_type": "encrypt-resource",
            "resource": seal.resource(plain),
        }  # fmt: skip
        return door, json.dumps(envelope).encode()

    async def one(sent: tuple[str, bytes]) -> None:
        status = await post(town, sent[0], sent[1], seal.headers(sent[1]))
        assert status in {204, 400, 401}

    await drive(town, lambda: run_examples(draw, one))


async def test_signed_bodies_of_any_shape_are_refused(town: Town, seal: PaySeal) -> None:
    shapes = (
        b"", b"null", b"[]", b"1", b"{", b"\xff\xfe", b"[" * 30_000, b'{"a":' * 9_000,
        b'{"resource": {}}', b'{"resource": []}', b'{"resource": null, "id": "1"}',
        b'{"resource": {"nonce": 1, "ciphertext": 2, "associated_data": 3}}',
        b'{"resource": {"nonce": "", "ciphertext": "AAAA", "associated_data": ""}}',
        b"9" * 5000, b'{"id": NaN}',
    )  # fmt: skip

    async def play() -> None:
        for door in DOORS:
            for body in shapes:
                assert await post(town, door, body, seal.headers(body)) == 401, body[:30]
            for plain in ("null", "[]", "1", "", "[" * 20_000, '{"a":1', "\u2028", '"x"'):
                sealed = seal.resource(plain)
                envelope = {"id": "EV-9", "event_type": EVENTS[0], "resource": sealed}
                body = json.dumps(envelope).encode()
                assert await post(town, door, body, seal.headers(body)) == 401, plain[:30]

    await drive(town, play)


async def test_forged_notifications_change_nothing_and_are_slowed_down(
    town: Town, seal: PaySeal
) -> None:
    plains = await town.runtime.store.read(real, town)
    before = await town.digest()
    counts: dict[int, int] = {}
    for door, forge in product(DOORS, FORGED.values()):
        envelope = {"id": "EV-3", "event_type": EVENTS[0],
                    "resource": seal.resource(json.dumps(plains[door]))}  # fmt: skip
        body = json.dumps(envelope).encode()
        status = await post(town, door, body, dict(forge(seal, body)))
        counts[status] = counts.get(status, 0) + 1
    assert counts == {401: 30, 429: 3 * len(FORGED) - 30}
    assert await town.digest() == before  # not even the notice is kept


async def test_a_signature_with_one_byte_changed_is_refused(town: Town, seal: PaySeal) -> None:
    plains = await town.runtime.store.read(real, town)
    envelope = {"id": "EV-4", "event_type": EVENTS[0],
                "resource": seal.resource(json.dumps(plains[DOORS[0]]))}  # fmt: skip
    body = json.dumps(envelope).encode()
    good = seal.headers(body)
    before = await town.digest()
    for name in ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature",
                 "Wechatpay-Serial"):  # fmt: skip
        value = good[name]
        for place in (0, len(value) // 2):
            other = chr((ord(value[place]) - 48 + 1) % 10 + 48)
            headers = good | {name: value[:place] + other + value[place + 1 :]}
            assert await post(town, DOORS[0], body, headers) == 401
    assert await post(town, DOORS[0], body.replace(b"EV-4", b"EV-5"), good) == 401
    assert await town.digest() == before


async def test_a_kind_that_nobody_knows_is_kept_once_and_acknowledged(
    town: Town, seal: PaySeal
) -> None:
    """At the transfers' door it once was a server error, which WeChat repeats for a day."""
    before = books(await town.digest())
    for door in DOORS:
        envelope = {"id": f"EV{door[-12:]}", "event_type": "SOMETHING.NEW",
                    "resource": seal.resource("{}")}  # fmt: skip
        body = json.dumps(envelope).encode()
        for _ in range(2):
            assert await post(town, door, body, seal.headers(body)) == 204
    assert books(await town.digest()) == before
