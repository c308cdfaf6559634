"""Implements ``domain.payments.ports.PayPort`` for one merchant number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from aiohttp import ClientSession

from domain.payments.ports import (
    FundBill,
    GrantRequest,
    GrantResult,
    Notification,
    PaymentResult,
    PrepayRequest,
    RefundRequest,
    RefundResult,
    TradeBill,
    TransferRequest,
    TransferResult,
)
from domain.refusals.ports import RefusalBook
from gateways.wechatpay import bills, grants, notify, orders, refunds, transfers
from gateways.wechatpay.certificates import CertificateKeeper
from gateways.wechatpay.client import PayClient
from kernel.config import Pay


class WeChatPay:
    """Implements ``PayPort``. ``app`` runs ``keeper`` in the background."""

    def __init__(
        self, config: Pay, session: ClientSession, book: RefusalBook | None = None
    ) -> None:
        self.client = PayClient(config, session, book=book)
        self.keeper = CertificateKeeper(self.client)

    @property
    def mchid(self) -> str:
        """The merchant number (商户号)."""
        return self.client.config.mchid

    @property
    def appid(self) -> str:
        """The AppID that payments are made with."""
        return self.client.config.appid

    async def prepay_jsapi(self, order: PrepayRequest, openid: str) -> str:
        """Place an order for payment inside WeChat; returns its prepay_id."""
        return await orders.prepay_jsapi(self.client, order, openid)

    async def prepay_h5(self, order: PrepayRequest, client_ip: str, return_url: str = "") -> str:
        """Place an order for payment from another browser; returns the URL to open."""
        return await orders.prepay_h5(self.client, order, client_ip, return_url)

    async def prepay_native(self, order: PrepayRequest) -> str:
        """Place an order for payment by scanning; returns the text for the QR code."""
        return await orders.prepay_native(self.client, order)

    def jsapi_params(self, prepay_id: str) -> dict[str, str]:
        """The signed arguments for the page's payment dialog."""
        return orders.jsapi_params(self.client, prepay_id)

    def transfer_params(self, package_info: str) -> dict[str, str]:
        """The arguments for the page's transfer confirmation dialog."""
        return {"mchId": self.mchid, "appId": self.appid, "package": package_info}

    async def query_payment(self, out_trade_no: str) -> PaymentResult:
        """The state of a payment."""
        return await orders.query_payment(self.client, out_trade_no)

    async def close_payment(self, out_trade_no: str) -> None:
        """Close an unpaid order; raises while a payment is under way."""
        await orders.close_payment(self.client, out_trade_no)

    async def refund(self, request: RefundRequest) -> RefundResult:
        """Request a refund."""
        return await refunds.create(self.client, request)

    async def query_refund(self, out_refund_no: str) -> RefundResult:
        """The state of a refund."""
        return await refunds.query(self.client, out_refund_no)

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Transfer money to an openid, which the payee confirms."""
        return await transfers.create(self.client, request)

    async def query_transfer(self, out_bill_no: str) -> TransferResult:
        """The state of a transfer."""
        return await transfers.query(self.client, out_bill_no)

    async def cancel_transfer(self, out_bill_no: str) -> TransferResult:
        """Cancel a transfer that its payee has not confirmed."""
        return await transfers.cancel(self.client, out_bill_no)

    async def transfer_granted(self, request: TransferRequest) -> TransferResult:
        """Transfer money under a standing authorisation, without confirmation."""
        return await transfers.create_granted(self.client, request)

    async def ask_grant(self, request: GrantRequest) -> GrantResult:
        """Request a standing authorisation."""
        return await grants.ask(self.client, request)

    async def query_grant(self, out_authorization_no: str) -> GrantResult:
        """The state of an authorisation."""
        return await grants.query(self.client, out_authorization_no)

    async def close_grant(self, out_authorization_no: str) -> GrantResult:
        """Close an authorisation."""
        return await grants.close(self.client, out_authorization_no)

    async def trade_bill(self, day: date) -> TradeBill:
        """The trade bill of a day."""
        return await bills.trade_bill(self.client, day)

    async def fund_bill(self, day: date) -> FundBill:
        """The fund-flow bill of a day."""
        return await bills.fund_bill(self.client, day)

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify, decrypt and parse a notification. Raises Refused('notify_…')."""
        signer, hurry = self.client.signer, self.keeper.hurry
        return notify.parse(signer, headers, body, hurry, self.client.want_time)
