"""The pay part of the go-live check: keys, permissions, and whether notifications reach us."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from domain.payments.ports import PrepayRequest, RefundRequest, TransferState
from gateways.checks import Check, Probe, failed
from gateways.http import HttpCaller
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.port import WeChatPay
from kernel import clock, ids
from kernel.errors import GatewayError, Refused, Retryable
from kernel.transfer_scenes import SCENES

NOTIFY_PATHS = (
    "/pay/notify", "/pay/refund-notify", "/pay/transfer-notify", "/pay/grant-notify",
)  # fmt: skip
CERTIFICATE_WARN = timedelta(days=30)
PayProbe = Callable[[str, WeChatPay, HttpCaller], Awaitable[Check]]


def probes(public_url: str, pay: WeChatPay, site: HttpCaller) -> list[tuple[str, Probe]]:
    """The pay items, in the order in which they are run."""
    items: list[PayProbe] = [
        pay_keys,
        prepay,
        refund_right,
        transfer_right,
        bills,
        notify_urls,
    ]
    return [(item.__name__, partial(item, public_url, pay, site)) for item in items]


async def pay_keys(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Which of WeChat's keys are in force, which we can verify with, and when they expire.

    The switch from certificates to the public key takes a week, in which notifications are signed
    by either. Whether there are certificates shows how far the merchant's switch is.
    """
    config, signer = pay.client.config, pay.client.signer
    await pay.keeper.refresh()
    serials = signer.ring.current()
    names = ["微信支付公钥"] if config.public_key_id else []
    found = "、".join(names + [f"平台证书 {serial[-6:]}" for serial in serials])
    if not config.public_key_id:
        todo = "新商户只能用微信支付公钥：请在商户平台「API 安全」申请，并填入 pay.public_key。"
        return Check("pay_keys", "warn", found, todo)
    if signer.is_answered_by_certificate:
        todo = (
            "已配置公钥，但微信仍用平台证书应答（尚未在商户平台开始切换，或已切回）。收付款不受影响；"
            "要启用公钥，请在「API 安全 → 微信支付公钥」开始切换。"
        )
        return Check("pay_keys", "warn", f"{found}，微信用平台证书应答", todo)
    newest = signer.ring.ends[serials[-1]] if serials else None
    if newest is not None and newest - clock.now() < CERTIFICATE_WARN:
        todo = "平台证书即将到期，请确认已切换到微信支付公钥。"
        return Check("pay_keys", "warn", found, todo)
    if serials:
        return Check("pay_keys", "ok", f"{found}（切换期：通知由哪一种签名都能验）")
    return Check("pay_keys", "ok", found)


async def prepay(url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether an order of one fen can be placed, queried and closed (unpaid)."""
    order = PrepayRequest(
        out_trade_no=ids.out_number("DR"),
        amount_fen=1,
        description="上线体检（不会扣款）",
        notify_url=f"{url}{NOTIFY_PATHS[0]}",
        expires_at=clock.now() + timedelta(minutes=5),
    )
    await pay.prepay_native(order)
    state = (await pay.query_payment(order.out_trade_no)).state
    await pay.close_payment(order.out_trade_no)
    return Check("prepay", "ok", f"下单、查单（{state}）、关单正常，应答验签通过")


async def refund_right(url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether refunds are permitted: for an unknown order the error must be that it is unknown."""
    request = RefundRequest(
        out_refund_no=ids.out_number("DR"),
        out_trade_no=ids.out_number("DR"),
        refund_fen=1,
        total_fen=1,
        notify_url=f"{url}{NOTIFY_PATHS[1]}",
        cause="late",
        payable_no="",
    )
    try:
        await pay.refund(request)
    except Refused as error:
        if error.code in ABSENT:
            return Check("refund_right", "ok", "退款接口可用")
        return failed("refund_right", error)
    return Check("refund_right", "fail", "不存在的订单也能退款", "请立即联系微信支付。")


async def transfer_right(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether the transfer product answers; its scenes are only visible in WeChat's console."""
    todo = (
        "请在商户平台「产品中心 → 商家转账」确认已开通，场景编号与 pay.transfer_scene_id 一致，"
        "并在「IP 白名单」登记服务器 IP。"
    )
    try:
        found = await pay.query_transfer(ids.out_number("DR"))
    except GatewayError as error:
        return Check("transfer_right", "warn", str(error), todo)
    if found.state is not TransferState.ABSENT:
        return Check("transfer_right", "warn", f"意外的状态 {found.state}", todo)
    config = pay.client.config
    scene = SCENES.get(config.transfer_scene_id)
    if scene is None:
        found_zh = f"商家转账可用，场景 {config.transfer_scene_id} 不在本系统的清单里"
        check = "请对照微信文档核对 pay.transfer_report 的信息类型和 pay.transfer_perception。"
        return Check("transfer_right", "warn", found_zh, check)
    shown = config.transfer_perception or f"{scene.perceptions[0]}（默认）"
    return Check(
        "transfer_right",
        "ok",
        f"商家转账可用，场景 {config.transfer_scene_id} {scene.name}，收款人看到「{shown}」"
        "（额度以商户平台为准）",
    )


async def bills(_url: str, pay: WeChatPay, _site: HttpCaller) -> Check:
    """Whether bills can be downloaded, which reconciliation needs."""
    day = clock.business_day(clock.now()) - timedelta(days=1)
    try:
        bill = await pay.trade_bill(day)
    except Retryable as error:
        if error.code == "STATEMENT_CREATING":
            return Check("bills", "ok", "账单接口可用（昨日账单生成中）")
        return failed("bills", error)
    return Check("bills", "ok", f"{day} 交易账单 {len(bill.lines)} 笔")


async def notify_urls(url: str, _pay: WeChatPay, site: HttpCaller) -> Check:
    """Whether notifications reach us, and unsigned ones are refused."""
    todo = "请检查反向代理：这四个地址必须可公网 POST，不能跳转、登录或被防火墙拦截。"
    for path in NOTIFY_PATHS:
        answer = await site.send(
            "POST",
            f"{url}{path}",
            body=json.dumps({"id": "doctor"}).encode(),
            headers={"Content-Type": "application/json"},
            is_repeatable=True,
        )
        if 200 <= answer.status < 300:
            return Check("notify_urls", "fail", f"{path} 接受了没有签名的通知", "不能上线。")
        if b'"FAIL"' not in answer.body:
            return Check("notify_urls", "fail", f"{path} 应答 {answer.status}，不是本系统", todo)
    return Check("notify_urls", "ok", "四个回调地址可达，拒绝未签名的通知")
