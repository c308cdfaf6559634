"""How to know that the liquor is genuine: who sells it, by which licence, what is looked at."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="authenticity",
    title="怎么验真伪",
    answer="""
{% set permit = "，食品经营许可证 " ~ company.food_permit if company.food_permit else "" %}
本店的酒由{{ company.legal_name }}销售并负责{{ permit }}，{{ go(paths.LICENCES, "证照公示") }}。
收到后请看瓶盖、封口和防伪标识是否完好，名称、规格与商品页是否一致。
本店暂没有扫码验真的页面，瓶上有码的按瓶上印的方式查询。
有疑问请先别开封，拍下瓶身、瓶盖、批号给客服核对，是我们的问题可退货退款，运费我们承担。
{{ say("怀疑是假酒") }}　{{ say("退货规则") }}　{{ say("人工", "找客服核对") }}
""",
)
