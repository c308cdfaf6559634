"""WeChat's clock: moved only by a signed answer to our question, within bounds, forward."""

from __future__ import annotations

from gateways.wechatpay.wechat_time import KEPT_SECONDS, WechatTime
from kernel import clock


class Beat:
    """Monotonic seconds, by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _near(one: int, other: int) -> bool:
    return abs(one - other) <= 2


def test_a_proof_is_gone_by_and_forgotten_after_minutes() -> None:
    beat = Beat()
    time = WechatTime(beat)
    assert time.apart == 0
    assert time.prove(clock.timestamp() + 660, 840)
    assert _near(time.apart, 660)
    assert _near(time.timestamp(), clock.timestamp() + 660)
    beat.now += KEPT_SECONDS
    assert time.apart == 0


def test_a_verified_answer_that_agrees_keeps_it_and_another_moves_nothing() -> None:
    beat = Beat()
    time = WechatTime(beat)
    time.prove(clock.timestamp() - 400, -420)
    beat.now += KEPT_SECONDS - 1
    time.confirm(clock.timestamp() - 400)
    beat.now += KEPT_SECONDS - 1
    assert _near(time.apart, -400)
    time.confirm(clock.timestamp() - 200)
    assert _near(time.apart, -400)


def test_what_does_not_fit_the_question_proves_nothing() -> None:
    time = WechatTime(Beat())
    assert not time.prove(clock.timestamp() + 660, 0)
    assert not time.prove(clock.timestamp() - 660, 420)
    assert (time.apart, time.measured) == (0, None)


def test_beyond_fifteen_minutes_nothing_is_corrected_but_it_is_known() -> None:
    time = WechatTime(Beat())
    time.prove(clock.timestamp() + 660, 840)
    assert not time.prove(clock.timestamp() + 1000, 840)
    assert time.apart == 0
    assert time.measured is not None
    assert time.measured > 900


def test_an_old_answer_kept_and_sent_again_sets_no_clock_back() -> None:
    beat = Beat()
    time = WechatTime(beat)
    time.confirm(clock.timestamp())
    beat.now += 30
    assert not time.prove(clock.timestamp() - 400, -420)
    assert time.apart == 0
    assert time.prove(clock.timestamp() + 400, 420)


def test_seconds_are_no_difference() -> None:
    time = WechatTime(Beat())
    assert time.prove(clock.timestamp() + 30, 0)
    assert time.apart == 0
