"""Whether the person's data leaked: what is on record about them, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.intent import Asked, Intent
from domain import leaks
from domain.leaks import OwnLeak


@dataclass(frozen=True)
class Leaked:
    """The leaks of which this person was told, newest first."""

    own: tuple[OwnLeak, ...]


def _leaked(asked: Asked) -> Leaked:
    return Leaked(tuple(leaks.leaks_of(asked.member_id)[:3]))


INTENT = Intent(
    id="leak",
    title="我的信息泄露了吗",
    facts=_leaked,
    more=paths.REQUESTS,
    examples=(
        "我的信息泄露了吗", "我的个人信息泄露了吗", "你们泄露我的信息了", "信息有没有泄露",
        "是不是你们泄露了我的电话", "有没有发生数据泄露", "我的手机号是不是被泄露了",
        "接到诈骗电话是不是你们泄露的", "我的地址泄露了怎么办", "信息泄露怎么办",
        "数据泄露通知是真的吗", "收到泄露通知怎么办", "你们被黑客攻击了吗", "我的资料外泄了吗",
        "为什么陌生人知道我买了酒", "有人知道我的订单", "个人信息被泄露了",
    ),
    answer="""
{% if facts.own %}
有。涉及您的泄露：
{% for each in facts.own %}
{{ go(paths.leak(each.leak_no), each.leak_no) }}（{{ each.found_at|day }} 发现）{{ each.what }}
　建议您：{{ each.advice }}
　联系：{{ each.contact }}
{% endfor %}
{% else %}
到现在为止，我们没有登记到涉及您的泄露；一旦发现，会立即在这里告诉您。
接到可疑电话或短信，请不要转账、不要说验证码，把情况告诉客服，我们会核查。
{% endif %}
我们不会在电话里要验证码、银行卡号或让您转账。
{{ say("导出我的数据") }}　{{ say("隐私保护") }}　{{ say("人工", "找客服") }}
""",
)  # fmt: skip
