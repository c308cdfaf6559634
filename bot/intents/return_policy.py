"""How goods are returned: the days, the conditions of liquor, the freight, and where to begin."""

from __future__ import annotations

from bot.intent import Intent, promised

INTENT = Intent(
    id="return_policy",
    title="退货规则",
    facts=promised,
    answer="""
没发货：随时可退款。收到后：签收次日起 {{ facts.free_return_days }} 天内可无理由退货。
酒要没开封，瓶盖、封口和防伪标识完好；只拆外包装不影响。下单时确认过不支持无理由退货的除外。
运费：无理由退货由您承担；质量问题、发错、漏发、运输破损由我们承担，{{
  "破损包赔，" if facts.covers_breakage }}有问题的酒开了封也能申请。
申请后 {{ facts.answer_hours }} 小时内答复，同意后 {{
  facts.send_back_days }} 天内寄回，收到退货后原路退款。
{{ say("申请退款", "申请退货退款") }}　{{ go(paths.TERMS, "完整规则") }}　{{
  say("人工", "找客服") }}
""",
)
