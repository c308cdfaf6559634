"""How to ask for an invoice: by a message with the details that the invoice needs."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="invoice",
    weight=20,
    words=("发票", "开票"),
    answer="""
需要发票，请发送「留言 发票」加上抬头、税号（个人只写姓名）和订单号，开好后在这里通知您。
{{ say("订单", "查订单号") }}　{{ say("人工", "找客服") }}
""",
)
