"""WeChat's time: corrected only by a signed answer to our request, within bounds."""

from __future__ import annotations

from gateways.wechatpay.wechat_time import KEPT_SECONDS, WechatTime
from kernel import clock


class Beat:
    """A monotonic clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _near(one: int, other: int) -> bool:
    return abs(one - other) <= 2


def test_a_proven_difference_is_applied_and_expires() -> None:
    beat = Beat()
    time = WechatTime(beat)
    assert time.apart == 0
    assert time.prove(clock.timestamp() + 660, 840)
    assert _near(time.apart, 660)
    assert _near(time.timestamp(), clock.timestamp() + 660)
    beat.now += KEPT_SECONDS
    assert time.apart == 0


def test_an_agreeing_verified_answer_renews_the_difference_and_another_is_ignored() -> None:
    beat = Beat()
    time = WechatTime(beat)
    time.prove(clock.timestamp() - 400, -420)
    beat.now += KEPT_SECONDS - 1
    time.confirm(clock.timestamp() - 400)
    beat.now += KEPT_SECONDS - 1
    assert _near(time.apart, -400)
    time.confirm(clock.timestamp() - 200)
    assert _near(time.apart, -400)


def test_an_answer_that_does_not_match_the_request_is_ignored() -> None:
    time = WechatTime(Beat())
    assert not time.prove(clock.timestamp() + 660, 0)
    assert not time.prove(clock.timestamp() - 660, 420)
    assert (time.apart, time.measured) == (0, None)


def test_a_difference_above_fifteen_minutes_is_measured_but_not_applied() -> None:
    time = WechatTime(Beat())
    time.prove(clock.timestamp() + 660, 840)
    assert not time.prove(clock.timestamp() + 1000, 840)
    assert time.apart == 0
    assert time.measured is not None
    assert time.measured > 900


def test_a_replayed_old_answer_does_not_set_the_time_back() -> None:
    beat = Beat()
    time = WechatTime(beat)
    time.confirm(clock.timestamp())
    beat.now += 30
    assert not time.prove(clock.timestamp() - 400, -420)
    assert time.apart == 0
    assert time.prove(clock.timestamp() + 400, 420)


def test_a_difference_of_seconds_is_ignored() -> None:
    time = WechatTime(Beat())
    assert time.prove(clock.timestamp() + 30, 0)
    assert time.apart == 0
