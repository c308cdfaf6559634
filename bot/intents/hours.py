"""When somebody is there: the service hours, and whether it is so now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.hours import Duty, duty
from bot.intent import Asked, Intent
from domain import legal, promises
from kernel import clock


@dataclass(frozen=True)
class Now:
    """The hours as the merchant wrote them, and what they say of this moment."""

    hours: str
    duty: Duty | None
    answer_hours: int


def _now(_: Asked) -> Now:
    hours = legal.business().service_hours
    promised = promises.current().question_answer_hours
    return Now(hours, duty(hours, clock.now()), promised)


INTENT = Intent(
    id="hours",
    title="几点有客服",
    facts=_now,
    answer="""
{% set duty = facts.duty %}
{% if not facts.hours %}
客服时间没有公布，可以直接找客服，或先留言。
{% elif not duty %}
客服服务时间：{{ facts.hours }}。
{% elif not duty.is_open %}
现在没有客服在，{{ duty.again }} 上班（每天 {{ facts.hours }}）。
{% elif duty.until %}
现在有客服在，到 {{ duty.until }}（每天 {{ facts.hours }}）。
{% else %}
客服全天都在（{{ facts.hours }}）。
{% endif %}
商城随时可以下单；留言 {{ facts.answer_hours }} 小时内答复。
{{ say("人工", "找客服") }}　{{ say("留言") }}　{{ go(paths.HOME, "进入商城") }}
""",
)
