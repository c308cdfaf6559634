"""The provider of identity checks: its signature by the public vector, and its answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.adults import Person
from gateways.http import new_session
from gateways.identity import Secret, TencentIdentity, authorization, examine
from kernel.config import Identity
from kernel.errors import Refused, Retryable
from tests.contract.sim_fixtures import desk, make_desk  # noqa: F401 - fixtures
from tests.contract.sim_shop import Desk

LIN = Person("林晓", "110101199003072017")


def test_the_signature_is_that_of_the_public_example() -> None:
    """The worked example of the provider's document on signature v3 (a call of cvm)."""
    body = json.dumps(
        {"Limit": 1, "Filters": [{"Values": ["未命名"], "Name": "instance-name"}]}
    ).encode()
    secret = Secret("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    signed = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
    }
    assert authorization(secret, "cvm", signed, body, 1551113065) == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/"
        "tc3_request, SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


class Provider:
    """The simulated provider and our client of it."""

    def __init__(self, found: Desk, port: TencentIdentity) -> None:
        self.desk, self.port = found, port

    async def fault(self, **action: Any) -> None:
        """Arm one fault."""
        body = {"match": {"kind": "identity"}, "action": action}
        async with self.desk.session.post(f"{self.desk.base}/_sim/faults", json=body) as answer:
            assert answer.status == 201, await answer.text()


@pytest.fixture
async def provider(desk: Desk) -> AsyncIterator[Provider]:  # noqa: F811
    made = desk.settings
    config = Identity(
        base_url=desk.base, secret_id=made.identity_secret_id, secret_key=made.identity_secret_key
    )
    session = new_session()
    yield Provider(desk, TencentIdentity(config, session))
    await session.close()


@pytest.mark.parametrize(
    ("person", "verdict"),
    [
        (LIN, "match"),
        (Person("王晓", LIN.number), "mismatch"),
        (Person("林晓", "110101199003072025"), "unknown"),
        (Person("林晓", "110101199003072018"), "unreadable"),
        (Person("!?", LIN.number), "unreadable"),
    ],
)
async def test_verdicts(provider: Provider, person: Person, verdict: str) -> None:
    assert await provider.port.check(person) == verdict


@pytest.mark.parametrize(
    ("action", "error", "code"),
    [
        ({"result": "-4"}, Retryable, "register_down"),
        ({"result": "-6"}, Retryable, "register_down"),
        ({"result": "-7"}, Retryable, "quota"),
        ({"result": "7"}, Retryable, "nonsense"),
        ({"garbage": True}, Retryable, "nonsense"),
        ({"status": 502}, Retryable, "http_502"),
        ({"drop": True}, Retryable, "no_answer"),
        ({"code": "RequestLimitExceeded"}, Retryable, "RequestLimitExceeded"),
        ({"code": "InternalError"}, Retryable, "InternalError"),
        ({"code": "UnauthorizedOperation.Arrears"}, Refused, "UnauthorizedOperation.Arrears"),
    ],
)
async def test_no_verdict_is_an_error(
    provider: Provider, action: dict[str, Any], error: type[Exception], code: str
) -> None:
    await provider.fault(**action)
    with pytest.raises(error) as raised:
        await provider.port.check(LIN)
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert LIN.number not in str(raised.value)
    assert await provider.port.check(LIN) == "match"  # the fault met one call


async def test_a_late_answer_is_none(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider.port._http, "timeout", 0.2)
    await provider.fault(delay_s=1.0)
    with pytest.raises(Retryable) as raised:
        await provider.port.check(LIN)
    assert raised.value.code == "no_answer"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_id": "AKIDother"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "another-key-of-the-right-length-00"}, "AuthFailure.SignatureFailure"),
    ],
)
async def test_wrong_keys_are_refused(
    provider: Provider, changes: dict[str, str], code: str
) -> None:
    made = provider.desk.settings
    keys = {"secret_id": made.identity_secret_id, "secret_key": made.identity_secret_key}
    session = new_session()
    port = TencentIdentity(Identity(base_url=provider.desk.base, **(keys | changes)), session)
    with pytest.raises(Refused) as raised:
        await port.check(LIN)
    assert raised.value.code == code
    check = await examine(port)
    assert (check.state, code in check.found) == ("fail", True)
    await session.close()


async def test_the_check_of_the_installation_is_not_charged(provider: Provider) -> None:
    check = await examine(provider.port)
    counters = provider.desk.sim.world.counters
    assert (check.state, [k for k in counters if "faceid" in k]) == ("ok", [])
    assert (await examine(None)).state == "warn"


async def test_a_quota_ends_with_its_day(provider: Provider) -> None:
    day = provider.desk.sim.clock.day()
    provider.desk.sim.world.counters[f"{day}:faceid"] = 1000
    with pytest.raises(Retryable) as raised:
        await provider.port.check(LIN)
    assert raised.value.code == "quota"
