"""WeChat Pay v3 (微信支付): signed calls, verified answers and notifications, bills."""

from gateways.wechatpay.port import WeChatPay

__all__ = ["WeChatPay"]
