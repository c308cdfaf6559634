"""Who is counted and written down, for every form of the header that a proxy or a liar sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict

from domain.staff import demo_code
from kernel.web.limits import Limiter
from models import AuditEntry, StaffSession
from simulator.keys import DemoKeys
from tests.face.desk import PASSWORD
from tests.harness.markup import values_of
from tests.security.town import Town, open_town

LIAR = "198.51.100.1"
FORMS = (
    (["203.0.113.9"], "203.0.113.9"),
    ([LIAR, "203.0.113.9"], "203.0.113.9"),
    ([f"{LIAR}, 127.0.0.1", "203.0.113.9:4711"], "203.0.113.9"),
    (["::ffff:203.0.113.9, 127.0.0.1"], "203.0.113.9"),
    ([f"{LIAR}, unknown"], "127.0.0.1"),
    ([f"{LIAR}, _hidden"], "127.0.0.1"),
    ([LIAR, ""], "127.0.0.1"),
    ([f"{LIAR},"], "127.0.0.1"),
    (["[2001:db8:0:7::1]:443"], "2001:db8:0:7::/64"),
    (["2001:db8:0:7:ffff::2%eth0"], "2001:db8:0:7::/64"),
    (["not-an-address"], "127.0.0.1"),
)


async def knock(town: Town, lines: list[str]) -> int:
    """A forged push: counted by address."""
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    query = "signature=0&timestamp=1&nonce=2"
    async with town.client.post(f"/wechat?{query}", headers=headers, data=b"<xml/>") as answer:
        return answer.status


@pytest.fixture(autouse=True)
def long_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window of the limit doesn't end within a test."""
    monkeypatch.setattr("bot.webhook.BAD_SECONDS", 10**9)


async def test_every_form_of_an_address_is_one_caller(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``ip:port``, brackets, mapped and unreadable hops were each a new key of the limiter."""
    counted: list[str] = []

    async def hit(_: Any, name: str, key: str, **__: Any) -> None:
        counted.append(key)

    monkeypatch.setattr(Limiter, "hit", hit)
    for lines, _key in FORMS:
        assert await knock(town, lines) == 403
    assert counted == [key for _, key in FORMS]


async def test_a_liar_is_slowed_down_whatever_line_it_adds(town: Town) -> None:
    """With the client's own line first, each forged push once came from somebody else."""
    for n in range(60):
        forged = f"198.51.100.{n}"
        assert await knock(town, [forged, "203.0.113.9"]) == 403
    assert await knock(town, ["198.51.100.99", "203.0.113.9"]) == 429
    assert await knock(town, ["203.0.113.10"]) == 403


async def test_ranges_of_proxies_hide_no_client(
    db: Any, database_url: str, keys: DemoKeys, tmp_path: Path, wired: None
) -> None:
    """A client whose address is in the range once sent its own line through."""
    db.close()
    proxies = ["127.0.0.0/8"]
    async with open_town(tmp_path, database_url, keys, trusted_proxies=proxies) as town:
        for n in range(60):
            assert await knock(town, [f"198.51.100.{n}, 127.0.0.9"]) == 403
        assert await knock(town, ["198.51.100.99, 127.0.0.9"]) == 429


async def test_the_session_and_the_audit_log_name_the_callers_address(town: Town) -> None:
    data = {"login": "the-operator", "password": PASSWORD}
    headers = {"X-Forwarded-For": f"{LIAR}, [2001:db8::5]:4711"}
    who = town.visitor()
    got = await town.ask("POST", "/admin/sign-in", who, data=data, headers=headers)
    (ticket,) = values_of(got.text, "input[name=ticket]", "value")
    step = {"ticket": ticket, "code": await town.runtime.store.read(demo_code, "the-operator")}
    got = await town.ask("POST", "/admin/sign-in/code", who, data=step, headers=headers)
    assert got.status == 303

    def written() -> tuple[str, str]:
        session = StaffSession.select().order_by(StaffSession.id.desc()).get()
        line = AuditEntry.select().where(AuditEntry.action == "staff.sign_in")
        return session.ip, line.order_by(AuditEntry.id.desc()).get().ip

    assert await town.runtime.store.read(written) == ("2001:db8::5", "2001:db8::5")
