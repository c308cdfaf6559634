"""By which number and address the shop is reached."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="phone",
    title="客服电话",
    answer="""
{% if company.complaint_phone %}
客服电话 {{ company.complaint_phone }}
{{- "（" ~ company.service_hours ~ "）" if company.service_hours }}。
{% else %}
客服电话没有公布，请在这里找客服。
{% endif %}
{% if company.email %}
电子邮箱 {{ company.email }}。
{% endif %}
打不通时可以在这里留言，有编号、有答复期限。
{{ say("人工", "找客服") }}　{{ say("留言") }}　{{ say("投诉") }}
""",
)
