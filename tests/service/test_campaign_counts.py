"""A campaign's stored counts equal those of its messages after any sequence of events."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from admin.fault_words import trouble_lines
from domain import members, overview, push, settings
from domain.overview import wiring as overview_wiring
from domain.push import counting, sending
from domain.push.sending import Chunk, Outcome
from domain.push.views import CampaignForm
from kernel import clock
from kernel.errors import Conflict
from kernel.store import Store
from models import CampaignCount, Delivery, PushCampaign, WechatIdentity
from tests.factories.members import APPID, make_member

NOON = datetime(2031, 8, 6, 4, tzinfo=UTC)
FANS = 24
STATUSES = ("success", "success", "failed:user block", "failed: system failed")


@pytest.fixture(autouse=True)
def _noon() -> None:
    """Set the clock to noon, outside the quiet hours."""
    clock.set_offset(clock.offset() + (NOON - clock.now()))


def _fan(number: int) -> None:
    member_id = make_member(f"粉丝{number}")
    openid = WechatIdentity.get(WechatIdentity.member == member_id).openid
    members.follow(APPID, openid)
    members.record_message(APPID, openid)
    if number % 6:
        members.agree_to_promotions(member_id)
    push.add_grant(member_id, "T2")


class Season:
    """Campaigns of every carrier at once; each step is chosen at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.started: list[int] = []
        self.left: list[tuple[int, Chunk]] = []
        self.numbers = 0
        self.seen: Counter[str] = Counter()
        self.steps: list[Callable[[], None]] = [
            self.start, self.expand, self.expand, self.claim, self.claim, self.claim,
            self.record, self.record, self.record, self.receipt, self.receipt, self.receipt,
            self.receipt, self.mass_result, self.brake, self.fold,
        ]  # fmt: skip

    def start(self) -> None:
        """Start a promotion or a notice by one of the carriers."""
        carrier = self.chance.choice(("template", "subscription", "mass", "service"))
        content: dict[str, Any] = {"text": "新品到店，欢迎品鉴"}
        if carrier in ("template", "subscription"):
            which = "T1" if carrier == "template" else "T2"
            content = {"template_id": which, "values": {"thing1": "新品"}, "url": "http://m/"}
        is_promotion = self.chance.random() < 0.5
        form = CampaignForm("新品", carrier, content, {"kind": "all"}, is_promotion)
        campaign_id = push.draft_campaign(form, "staff:1")
        push.start_campaign(campaign_id, "staff:1")
        self.started.append(campaign_id)

    def expand(self) -> None:
        """Insert the deliveries for the next people of the audience, one for each person."""
        campaign_id = self.one()
        last = Delivery.select().where(Delivery.campaign == campaign_id)
        newest = last.order_by(Delivery.member.desc()).first()
        sending.insert_next_deliveries(campaign_id, newest.member_id if newest else 0)

    def claim(self) -> None:
        """Claim a chunk, even if an earlier chunk was not finished."""
        campaign_id = self.one()
        if not Delivery.select().where(Delivery.campaign == campaign_id).exists():
            return  # without deliveries the campaign would end at once
        chunk = sending.claim_chunk(campaign_id)
        if chunk.items:
            self.left.append((campaign_id, chunk))

    def record(self) -> None:
        """Record a chunk's outcomes, perhaps after another run treated it as broken off."""
        if not self.left:
            return
        campaign_id, chunk = self.left.pop(self.chance.randrange(len(self.left)))
        self.numbers += 1
        mass = f"mass-{self.numbers}" if chunk.carrier == "mass" else None
        outcomes = [self.outcome(item.delivery_id, mass) for item in chunk.items]
        sending.record_outcomes(campaign_id, outcomes, mass)
        sending.queue_next_chunk(campaign_id, was_put_back=False)

    def outcome(self, delivery_id: int, mass: str | None) -> Outcome:
        """A random outcome; most are "sent"."""
        state = self.chance.choice(("sent", "sent", "sent", "sent", "failed", "unknown", "queued"))
        if state == "sent" or (state == "unknown" and self.chance.random() < 0.5):
            return Outcome(delivery_id, state, mass or f"m-{delivery_id}-{self.numbers}")
        return Outcome(delivery_id, state, error="40003")

    def receipt(self) -> None:
        """Receive WeChat's results of messages: once, twice, or after the campaign's end."""
        known = Delivery.select().where(Delivery.msg_id.startswith("m-"))
        found = [row.msg_id for row in known.order_by(Delivery.id)]
        if found and self.chance.random() < 0.3:
            push.receive_template_result(self.chance.choice(found), self.chance.choice(STATUSES))
        for msg_id in self.chance.sample(found, min(3, len(found))):
            push.receive_template_result(msg_id, self.chance.choice(STATUSES))

    def mass_result(self) -> None:
        """Receive WeChat's result of a mass send."""
        if self.numbers:
            which = f"mass-{self.chance.randint(1, self.numbers)}"
            push.receive_mass_result(which, self.chance.choice(("send success", "err(10001)")))

    def brake(self) -> None:
        """Pause, resume or stop one of the campaigns."""
        step = self.chance.choice(("pause", "resume", "resume", "stop"))
        campaign_id = self.one()
        try:
            if step == "stop":
                push.stop_campaign(campaign_id, "staff:1", "内容有误")
            else:
                verb = push.pause_campaign if step == "pause" else push.resume_campaign
                verb(campaign_id, "staff:1")
        except Conflict:
            return

    def fold(self) -> None:
        """Run the job that merges counts."""
        while counting.merge_counts():
            self.seen["folded"] += 1

    def one(self) -> int:
        """A random one of the last four campaigns."""
        if not self.started:
            self.start()
        return self.chance.choice(self.started[-4:])


def _counted() -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in Delivery.select():
        mine = found.setdefault(row.campaign_id, {})
        mine[row.state] = mine.get(row.state, 0) + 1
    return found


def _prepare() -> None:
    chosen = {"per_second": 7, "weekly_cap": 7, "allow_template_promotion": True,
              "block_stop_bp": 9_000}  # fmt: skip
    settings.change(settings.PushRules, chosen)
    push.save_template("T1", "template", "到店通知", [("thing1", "商品")], "staff:1")
    push.save_template("T2", "subscription", "到店通知", [("thing1", "商品")], "staff:1")
    for number in range(FANS):
        _fan(number)


@pytest.mark.parametrize("seed", [3, 14, 15])
def test_counts_equal_those_of_the_messages_after_random_steps(db: Any, seed: int) -> None:
    _prepare()
    season = Season(seed)
    for _ in range(200):
        step = season.chance.choice(season.steps)
        step()
        season.seen[step.__name__] += 1
        season.seen.update(row.state for row in CampaignCount.select(CampaignCount.state))
        assert push.list_miscounts() == [], step.__name__
    season.fold()
    counted = _counted()
    shown = {view.id: view.counts for view in push.list_campaigns(limit=500)}
    assert {i: counts for i, counts in shown.items() if counts} == counted
    assert all(push.campaign_detail(i).counts == counts for i, counts in counted.items())
    wanted = {"queued", "sending", "sent", "delivered", "blocked", "failed", "skipped", "unknown"}
    assert set(season.seen) >= wanted | {"folded"}, season.seen
    assert CampaignCount.select().count() == sum(map(len, counted.values()))


def _one_campaign() -> int:
    for number in range(3):
        _fan(number + 1)
    content = {"text": "新品到店，欢迎品鉴"}
    campaign_id = push.draft_campaign(
        CampaignForm("新品", "service", content, {"kind": "all"}), "staff:1"
    )
    push.start_campaign(campaign_id, "staff:1")
    sending.insert_next_deliveries(campaign_id, 0)
    return campaign_id


def test_an_answer_after_its_run_was_treated_as_broken_off_is_counted(db: Any) -> None:
    campaign_id = _one_campaign()
    chunk = sending.claim_chunk(campaign_id)
    assert push.campaign_detail(campaign_id).counts == {"sending": 3}
    sending.claim_chunk(campaign_id)
    assert push.campaign_detail(campaign_id).counts == {"unknown": 3}
    first, *others = chunk.items
    outcomes = [Outcome(item.delivery_id, "sent", f"m-{item.delivery_id}") for item in others]
    sending.record_outcomes(campaign_id, [Outcome(first.delivery_id, "unknown", "m-0"), *outcomes])
    assert push.campaign_detail(campaign_id).counts == {"sent": 2, "unknown": 1}
    assert push.receive_template_result("m-0", "success")
    assert push.receive_template_result("m-0", "failed: system failed")
    assert push.campaign_detail(campaign_id).counts == {"sent": 2, "delivered": 1}


async def test_doctor_finds_counts_that_differ_and_the_job_puts_them_right(store: Store) -> None:
    """Counts differ after an upgrade during which the former release still sent messages."""
    campaign_id = _one_campaign()
    assert await overview.check_pushes(store) == []
    Delivery.update(state="sent").where(Delivery.campaign == campaign_id).execute()
    found = await overview.check_pushes(store)
    assert [(f.code, f.no, f.has, f.says) for f in found] == [
        ("kept_push", str(campaign_id), 3, 0), ("kept_push", str(campaign_id), 0, 3),
    ]  # fmt: skip
    assert await store.write(push.repair_counts) == 2
    assert push.campaign_detail(campaign_id).counts == {"sent": 3}
    assert await overview.check_pushes(store) == []
    assert await store.write(push.repair_counts) == 0


async def test_the_nightly_job_tells_the_merchant_and_corrects_the_counts(store: Store) -> None:
    campaign_id = _one_campaign()
    Delivery.update(state="sent").where(Delivery.campaign == campaign_id).execute()
    (look,) = (job for job in overview_wiring.periodic(store) if job.name == "checkup")
    assert await look.run() == {"differences": 2}
    told = [
        each.text
        for each in trouble_lines(await store.read(overview.list_troubles), {}, lambda _: True)
    ]
    assert any(f"编号 {campaign_id}" in text and "已重新统计" in text for text in told), told
    assert push.campaign_detail(campaign_id).counts == {"sent": 3}
    assert await look.run() == {"differences": 0}
    assert await store.read(overview.list_troubles) == []


def test_campaigns_of_the_release_before_are_counted_once(db: Any) -> None:
    """The migration counts existing messages; applied again, it counts them anew."""
    campaign_id = _one_campaign()
    sending.claim_chunk(campaign_id)
    migration = import_module("migrations.0083_campaign_counts")
    for _ in range(2):
        CampaignCount.update(number=7).execute()
        migration.up(None, db)
        assert push.list_miscounts() == []
    assert push.campaign_detail(campaign_id).counts == {"sending": 3}


def test_counting_reads_no_messages(db: Any) -> None:
    campaign_id = _one_campaign()
    Delivery.delete().execute()
    assert push.campaign_detail(campaign_id).counts == {"queued": 3}
    assert PushCampaign.get_by_id(campaign_id).queued == 3
