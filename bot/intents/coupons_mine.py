"""Coupons of the person: the shop has none yet, said plainly."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="coupons_mine",
    title="我的优惠券",
    answer="""
本店目前没有优惠券，您名下也没有。别处领到的券在这里用不了。
正在进行的优惠不用领，下单时自动算进价格。
{{ say("有什么优惠") }}　{{ go(paths.OFFERS, "看优惠商品") }}　{{ say("人工", "找客服") }}
""",
)
