"""Who the seller is before the law: the company and its licences, as the legal desk has them."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="company",
    title="公司和证照",
    examples=("你们是什么品牌", "你们什么牌子", "你家是哪个牌子"),
    answer="""
{% if company.legal_name %}
销售者是{{ company.legal_name }}，商品由其发货并负责售后。
{% else %}
公司信息还没有填写，请找客服了解。
{% endif %}
{% if company.licence_no %}
统一社会信用代码 {{ company.licence_no }}
{% endif %}
{% for name, number, until in [
  ("食品经营许可证", company.food_permit, company.food_permit_until),
  ("酒类许可（备案）", company.liquor_permit, company.liquor_permit_until),
] if number %}
{{ name }} {{ number }}{{ "，有效期至 " ~ until if until }}
{% endfor %}
{% for each in company.more_licences %}
{{ each }}
{% endfor %}
{{ go(paths.LICENCES, "证照公示") }}　{{ say("客服电话") }}　{{ say("人工", "找客服") }}
""",
)
