"""What the chat says about a refused request, by error code."""

from __future__ import annotations

from kernel.web.texts import Texts

CHAT: dict[str, str] = {
    "outside_failed": "微信接口暂时繁忙，请稍后再试。",
    "too_many": "您操作得太频繁了，请稍后再试。",
    "member_closed": "这个账号已注销，如有疑问请联系客服。",
    "member_missing": "没有找到您的账号，请重新关注后再试。",
    "product_missing": "这件商品已下架，请看看其他商品。",
    "not_a_distributor": "您还不是分销商，发送「申请分销」即可免费申请。",
    "admission_by_appointment": "分销商由商家邀请，如有意向请发送「人工」联系我们。",
    "distributor_suspended": "您的推广资格已暂停，余额仍可提现；如有疑问请发送「人工」。",
    "not_active": "您的推广资格暂不可用，发送「申请分销」可查看原因。",
    "tickets_open": "您有 {limit} 条还在处理，请等答复后再发；发送「工单」可查看进度。",
    "ticket_empty": "请写下具体情况再发送。",
    "ticket_missing": "没有找到这个编号，发送「工单」可查看您的记录。",
    "state_moved": "状态已经变化，发送「工单」可查看最新进度。",
    "text_too_long": "内容太长了，请控制在 {limit} 字以内。",
}

TEXTS = Texts(CHAT)
