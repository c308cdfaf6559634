"""Five conversations of sixty turns each, with reviewed answers.

``tests/golden/conversations/<person>.txt`` has the sentences of a person, one turn a line, and
``<person>.md`` the whole conversation as it was reviewed. Numbers that differ from run
to run are masked. ``NEW_CONVERSATIONS=1`` writes the conversations anew; review the difference.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import patience
from domain import catalog, distribution, members, notices, promotions
from kernel import clock
from tests.face.chat import Answer, Chat
from tests.factories.catalog import make_picture, make_product
from tests.factories.distribution import earn, make_customer, make_rule, ready_for_payouts
from tests.factories.offers import limited_form
from tests.factories.orders import paid_order, ship_all

FOLDER = Path(__file__).parents[1] / "golden" / "conversations"
PEOPLE = sorted(path.stem for path in FOLDER.glob("*.txt"))
TEN_IN_THE_MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_NUMBER = re.compile(r"\b(?:([A-Z]{2,3})[0-9]{6}[0-9A-Z]{16}|(SF)[0-9]{10})\b")
_CODE = re.compile(r"(?<=/l/)[0-9A-Z]{8}\b")
_COUNTED = re.compile(r"(?<=陈酿)[0-9]+")  # a product of the factories
_TAP = re.compile(r'<a href="weixin://[^"]*">([^<]*)</a>')
_PAGE = re.compile(r'<a href="[^"]*?(/m/[^"&]*|%2Fm%2F[^"&]*|/[a-z/]*)[^"]*">([^<]*)</a>')


@pytest.fixture(autouse=True)
def _ten_in_the_morning(db: Any) -> None:
    """Set the clock to a Tuesday, 10:00 in Shanghai."""
    clock.set_offset(TEN_IN_THE_MORNING - datetime.now(UTC))


@pytest.fixture(autouse=True)
def _with_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift the limit of sentences per minute, which counts real time."""
    monkeypatch.setattr(patience, "SENTENCES_A_MINUTE", 1_000)


@pytest.fixture
def shop(db: Any, wired: None, me: int) -> int:
    """Four products, one at a limited price, and a member with two orders and a commission."""
    notices.subscribe_all()
    old = make_product("山泉坊·陈酿", price_fen=29800, stock=50, strength="52%vol",
                       subtitle="浓香型，陶坛五年", position=0)  # fmt: skip
    make_product("山泉坊·小泉", price_fen=4800, stock=200, strength="42%vol",
                 subtitle="清香型小酒", position=1)  # fmt: skip
    gift = make_product("山泉坊·双瓶礼盒", price_fen=59800, stock=8, strength="52%vol",
                        subtitle="送礼礼盒", position=2)  # fmt: skip
    make_product("山泉坊·酱酒", price_fen=19800, stock=0, strength="53%vol",
                 subtitle="酱香型", position=3)  # fmt: skip
    catalog.set_pictures(old.product_id, [make_picture("a")])
    promotions.start_offer(promotions.draft_offer(limited_form(gift.sku_id)), 1)
    members.set_nickname(me, "小林")
    paid_order(me, product=old, quantity=2)
    ship_all(paid_order(me, product=old))
    return me


@pytest.fixture
def seller_of(shop: int) -> int:
    """Make the member a distributor with customers and commission."""
    ready_for_payouts()
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    distribution.apply_as_distributor(shop, "小林推荐", "individual", "v1")
    earn(shop, 12_600)
    make_customer(shop, "小王")
    return shop


@pytest.mark.parametrize("person", PEOPLE)
async def test_a_conversation_equals_its_reviewed_version(
    chat: Chat, shop: int, person: str, request: pytest.FixtureRequest
) -> None:
    if person == "distributor_aunt":
        request.getfixturevalue("seller_of")
    lines = (FOLDER / f"{person}.txt").read_text(encoding="utf-8").splitlines()
    said = [f"# {person}\n"]
    began = clock.now().replace(second=0, microsecond=0)
    for number, line in enumerate(lines, 1):
        # four seconds a turn on the shop's clock
        clock.set_offset(began + timedelta(seconds=4 * number) - datetime.now(UTC))
        said.append(f"{number}. **{line}**\n\n{readable(await chat.say(line))}\n")
    made = "\n".join(said)
    path = FOLDER / f"{person}.md"
    if os.environ.get("NEW_CONVERSATIONS"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def readable(answer: Answer) -> str:
    """The text of an answer, with links as their labels and cards as their titles."""
    if answer.raw == "success":
        return "> （没有回复）"
    if answer.kind == "transfer_customer_service":
        return "> （转人工）"
    if answer.kind == "image":
        return "> （图片）"
    if answer.kind == "news":
        lines = [f"［{title}｜{text}］" for title, text, _, _ in answer.cards]
    else:
        text = _PAGE.sub(r"〔\2〕", _TAP.sub(r"［\1］", answer.text))
        masked = _CODE.sub("…", _NUMBER.sub(r"\1\2…", text))
        lines = _COUNTED.sub("", masked).splitlines()
    assert lines, answer
    return "\n".join(f"> {line}".rstrip() for line in lines)
