"""Which carrier lawfully reaches whom, when, and which words a text must not carry. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.members import WORD_WINDOW
from kernel.clock import SHANGHAI
from kernel.money import BP

CARRIERS = ("template", "subscription", "mass", "service")
MASS_LEAST, MASS_MOST = 2, 10_000
LEAST_RESULTS = 50  # a share of fewer results says nothing yet
LEAST_BLOCKS = 2

Lint = Literal["ad", "liquor", "share", "marketing"]

# Advertising law, absolute words and invested value (广告法、投资)
AD_WORDS = (
    "国家级", "世界级", "最高级", "最佳", "最好", "最优", "全网第一", "销量第一", "顶级", "极品",
    "独一无二", "绝无仅有", "特供", "专供", "国宾", "保值", "增值", "升值", "稳赚", "投资", "理财",
    "原始股", "包赚", "零风险",
)  # fmt: skip
# Liquor must neither promise health nor urge to drink (酒类广告)
LIQUOR_WORDS = (
    "保健", "养生", "治疗", "壮阳", "延年益寿", "有益健康", "不伤身", "不上头", "消除紧张",
    "解除焦虑", "增加体力", "干杯不醉", "一醉方休", "千杯不倒",
)  # fmt: skip
# WeChat bans what rewards sharing or recruiting (诱导分享、拉人头)
SHARE_WORDS = (
    "分享得", "转发得", "转发抽奖", "集赞", "分享到群", "拉人", "发展下线", "人头费", "邀请好友得",
    "不转不是",
)  # fmt: skip
# A service template that says these is intercepted since 2023 (营销词)
MARKETING_WORDS = (
    "优惠", "促销", "折扣", "特价", "秒杀", "红包", "抽奖", "免费", "限时", "抢购", "满减", "立减",
    "福利", "上新", "爆款", "领取", "返现", "大促", "狂欢", "送好礼",
)  # fmt: skip
_LISTS: dict[Lint, tuple[str, ...]] = {
    "ad": AD_WORDS, "liquor": LIQUOR_WORDS, "share": SHARE_WORDS, "marketing": MARKETING_WORDS,
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A word that a text should not carry, and by which list."""

    kind: Lint
    word: str


@dataclass(frozen=True)
class Person:
    """What decides whether somebody may be written to."""

    member_id: int
    openid: str
    is_following: bool
    last_message_at: datetime | None
    has_agreed: bool
    has_stopped: bool
    grants: int = 0
    sent_this_week: int = 0
    is_closed: bool = False


@dataclass(frozen=True)
class Limits:
    """The merchant's switches that decide here."""

    allow_template_promotion: bool
    weekly_cap: int


def lint(text: str, *kinds: Lint) -> list[Finding]:
    """The words of the lists that a text carries (广告词检查)."""
    bare = "".join(text.split())
    return [Finding(kind, word) for kind in kinds for word in _LISTS[kind] if word in bare]


def text_of(content: dict[str, Any]) -> str:
    """Everything in a campaign's content that a person will read."""
    parts: list[str] = []
    for value in content.values():
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, dict):
            parts += [str(v) for v in value.values()]
    return "\n".join(parts)


def carrier_refusal(carrier: str, limits: Limits, *, is_promotion: bool) -> str | None:
    """Why a carrier can't be used for this at all, or None.

    A template message is a service notice; promoting with it risks the account, so only a
    merchant who switched it on knowingly may.
    """
    if carrier not in CARRIERS:
        return "carrier_unknown"
    if carrier == "template" and is_promotion and not limits.allow_template_promotion:
        return "template_promotion_off"
    return None


def why_not(
    carrier: str, person: Person, limits: Limits, *, is_promotion: bool, now: datetime
) -> str | None:
    """Why this person may not be written to by this carrier now, or None.

    A promotion goes to who agreed and has not said 退订, and within the weekly cap.
    """
    if person.is_closed:
        return "closed"
    if is_promotion:
        reason = _promotion_refusal(carrier, person, limits)
        if reason is not None:
            return reason
    if carrier == "subscription":
        return None if person.grants > 0 else "no_grant"
    if not person.is_following:
        return "not_following"
    if carrier == "service" and not has_window(person.last_message_at, now):
        return "window_closed"
    return None


def _promotion_refusal(carrier: str, person: Person, limits: Limits) -> str | None:
    if person.has_stopped:
        return "stopped"
    # accepting a subscription notice is a yes of its own
    if not person.has_agreed and carrier != "subscription":
        return "not_agreed"
    if person.sent_this_week >= limits.weekly_cap:
        return "capped"
    return None


def has_window(last_message_at: datetime | None, now: datetime) -> bool:
    """True while a campaign's customer-service message may be sent: 48 h after the last word.

    The minute that a follow or a scan opens is over before a campaign comes to anybody.
    """
    return last_message_at is not None and now - last_message_at < WORD_WINDOW


def quiet_until(now: datetime, from_hour: int, to_hour: int) -> datetime | None:
    """The end of the quiet hours (Shanghai) that an instant lies in, or None (免打扰)."""
    if from_hour == to_hour:
        return None
    local = now.astimezone(SHANGHAI)
    is_over_midnight = from_hour > to_hour
    is_late, is_early = local.hour >= from_hour, local.hour < to_hour
    if not (is_late or is_early if is_over_midnight else is_late and is_early):
        return None
    end = local.replace(hour=to_hour, minute=0, second=0, microsecond=0)
    return end + timedelta(days=1) if end <= local else end


def is_blocked_too_often(settled: int, blocked: int, stop_bp: int) -> bool:
    """True when so many people refuse the account that sending on would cost it."""
    enough = settled >= LEAST_RESULTS and blocked >= LEAST_BLOCKS
    return enough and blocked * BP > stop_bp * settled


@dataclass
class Count:
    """How many people a carrier reaches, and why not the others."""

    reached: int = 0
    excluded: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str | None) -> None:
        """Count one person."""
        if reason is None:
            self.reached += 1
        else:
            self.excluded[reason] = self.excluded.get(reason, 0) + 1


def count_reach(
    people: Iterable[Person], limits: Limits, counts: dict[str, Count], *,
    is_promotion: bool, now: datetime,
) -> None:  # fmt: skip
    """Add people to each carrier's count."""
    for person in people:
        for carrier, count in counts.items():
            count.add(why_not(carrier, person, limits, is_promotion=is_promotion, now=now))
