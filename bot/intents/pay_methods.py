"""By what an order can be paid, inside WeChat and outside, and what is not taken."""

from __future__ import annotations

from bot.intent import Intent, promised

INTENT = Intent(
    id="pay_methods",
    title="怎么付款",
    facts=promised,
    answer="""
本店用微信支付：零钱，或绑在微信里的银行卡、信用卡，付款时您自己选。
在微信里直接付；手机浏览器会打开微信付；电脑上用微信扫页面上的码付，家人也可以扫这个码代付。
不支持支付宝、花呗分期和货到付款；公司对公转账请联系客服。下单后 {{
  facts.pay_within_minutes }} 分钟内付款有效。
{{ go(paths.ORDERS, "我的订单") }}　{{ say("付款遇到问题") }}　{{ say("人工", "找客服") }}
""",
)
