"""Work, supply, cooperation and the press: taken down as a message, for a person to answer."""

from __future__ import annotations

from bot.intent import Intent, promised

INTENT = Intent(
    id="jobs_and_media",
    title="招聘与合作",
    facts=promised,
    answer="""
招聘、供货、商务和媒体由公司的人答复，这里查不到岗位和进度。
请发送「留言」加上事由和联系方式，例如：留言 供应酒瓶，王先生，电话……
{{ facts.question_answer_hours }} 小时内在这里答复
{{- "；也可以写信到 " ~ company.email if company.email }}。
{{ say("留言") }}　{{ say("客服电话") }}　{{ say("申请分销", "想做分销") }}
""",
)
