"""A payment that fails or that the order doesn't show: its state, and where the money is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import Shown, asked_about
from domain import orders
from domain.payments import PaymentView, RefundView

NEWEST = 2


@dataclass(frozen=True)
class Paying:
    """An order with its attempts to pay, and what was returned of them by itself."""

    shown: Shown
    payments: tuple[PaymentView, ...]
    returned: tuple[RefundView, ...]

    @property
    def is_tried(self) -> bool:
        """True if a payment may still be under way at WeChat."""
        return any(each.state in ("created", "open") for each in self.payments)


def _paying(asked: Asked) -> list[Paying] | None:
    found = asked_about(asked, "all")[:NEWEST]
    return [_with_payments(one) for one in found] or None


def _with_payments(one: Shown) -> Paying:
    returned: list[Any] = [each for each in orders.refunds_of(one.order.id) if each.is_automatic]
    return Paying(one, tuple(orders.payments_of(one.order.id)), tuple(returned))


INTENT = Intent(
    id="pay_problem",
    title="付款遇到问题",
    facts=_paying,
    more=paths.ORDERS,
    answer="""
{% for one in facts %}
{% set order = one.shown.order %}
{{ go(paths.order(order.order_no), order.lines[0].title) }} ¥{{ order.payable_fen|yuan }}
{% if one.shown.is_age_held and order.state == "awaiting_payment" %}
　年龄待核验，通过之前不能付款：{{ go(paths.AGE, "去核验") }}
{% elif one.shown.is_age_held %}
　已付款 ¥{{ order.paid_fen|yuan }}，年龄待核验，通过之前不发货：{{ go(paths.AGE, "去核验") }}
{% elif order.state == "awaiting_payment" %}
　{{ "微信还没有付款成功的消息" if one.is_tried else "还没有付款" }}，请在 {{
  order.pay_by_at|clock }} 前{{ go(paths.pay(order.order_no), "去付款") }}
{% elif order.state == "closing" %}
　正在与微信核对付款，核对完自动更新
{% elif order.state == "cancelled" %}
　没有收到付款，已取消
{% else %}
　已付款 ¥{{ order.paid_fen|yuan }}，{{ order.paid_at|when }} 到账
{% endif %}
{% for each in one.returned %}
　多付或晚到的 ¥{{ each.amount_fen|yuan }} {{
  (each.succeeded_at|when) ~ " 已退回" if each.is_done else "正在原路退回" }}
{% endfor %}
{% endfor %}

扣了款而订单没变，请别重复付：微信确认后会自动到账，订单收不了的自动原路退回。
付不了可换张卡或用零钱，退出微信再进，银行限额请问发卡行。
{{ say("怎么付款") }}　{{ say("人工", "找客服") }}
""",
    without="""
您还没有订单，所以没有要付的款。提交订单后才会付款，金额以微信付款页为准。
付不了可换张卡或用零钱，退出微信再进，银行限额请问发卡行。
{{ go(paths.HOME, "进入商城") }}　{{ say("怎么付款") }}　{{ say("人工", "找客服") }}
""",
)
