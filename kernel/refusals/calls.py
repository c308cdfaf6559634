"""Chinese names of the calls to WeChat (接口名称)."""

from __future__ import annotations

CALLS = {
    "/cgi-bin/stable_token": "取得调用凭证",
    "/cgi-bin/message/template/send": "发送模板消息",
    "/cgi-bin/message/subscribe/bizsend": "发送订阅通知",
    "/cgi-bin/message/custom/send": "发送客服消息",
    "/cgi-bin/message/custom/typing": "显示正在输入",
    "/cgi-bin/message/mass/send": "群发",
    "/cgi-bin/message/mass/sendall": "群发",
    "/cgi-bin/message/mass/preview": "群发预览",
    "/cgi-bin/message/mass/get": "查询群发",
    "/cgi-bin/template/get_all_private_template": "同步消息模板",
    "/cgi-bin/media/upload": "上传素材",
    "/cgi-bin/menu/create": "发布菜单",
    "/cgi-bin/menu/get": "查询菜单",
    "/cgi-bin/menu/delete": "删除菜单",
    "/cgi-bin/get_current_selfmenu_info": "查询菜单",
    "/cgi-bin/qrcode/create": "生成推广码",
    "/cgi-bin/ticket/getticket": "取得网页凭证",
    "/cgi-bin/user/info": "查询关注者",
    "/cgi-bin/user/get": "查询关注者",
    "/cgi-bin/callback/check": "检查网络",
    "/cgi-bin/getcallbackip": "查询微信服务器 IP",
    "/sns/oauth2/access_token": "网页登录",
    "/sns/userinfo": "取得昵称头像",
    "prepay_jsapi": "微信内付款下单",
    "prepay_h5": "手机网页付款下单",
    "prepay_native": "扫码付款下单",
    "payment_query": "查询付款",
    "payment_close": "关闭付款单",
    "refund": "退款",
    "refund_query": "查询退款",
    "transfer": "提现付款",
    "transfer_query": "查询提现",
    "transfer_cancel": "撤回提现",
    "trade_bill": "下载交易账单",
    "fund_bill": "下载资金账单",
    "bill_download": "下载账单",
}


def call_words(call: str) -> str:
    """The name of a call; the call itself if it has none."""
    return CALLS.get(call, call)
