"""A small shop for tests of the simulator: signed replies, pages, OAuth, JS-SDK and paying."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from simulator.keys import DemoKeys
from simulator.settings import Settings

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<script src="{sim}/open/js/jweixin-1.6.0.js"></script></head><body>{body}</body></html>"""
PAY_SCRIPT = """<script>
const config = {config}; config.jsApiList = ["chooseWXPay", "updateTimelineShareData"];
const say = (text) => (document.getElementById("said").textContent = text);
wx.config(config);
wx.error((answer) => say(answer.errMsg));
wx.ready(() => {{
  say("config:ok");
  const link = location.origin + "/m/gift";
  wx.updateTimelineShareData({{title: "请你喝一杯", link, imgUrl: ""}});
}});
document.getElementById("pay").onclick = async () => {{
  const answer = await fetch("/m/order", {{method: "POST"}});
  const params = await answer.json();
  WeixinJSBridge.invoke("getBrandWCPayRequest", params, (result) => say(result.err_msg));
}};
</script>"""
NOTICE_SCRIPT = """<p id="said"></p><button id="take">去提现</button>
<wx-open-subscribe template="T1" id="ask"><script type="text/wxtag-template">
<style>.ask {{ color: rgb(1, 2, 3) }}</style><button class="ask">订阅发货通知</button></script>
</wx-open-subscribe><script>
const config = {config};
config.jsApiList = ["requestMerchantTransfer"]; config.openTagList = ["wx-open-subscribe"];
const say = (text) => (document.getElementById("said").textContent = text);
wx.config(config);
wx.error((answer) => say(answer.errMsg));
document.getElementById("ask").addEventListener("success", (event) => {{
  say(JSON.parse(JSON.parse(event.detail.subscribeDetails).T1).status);
}});
document.getElementById("take").onclick = async () => {{
  const answer = await fetch("/m/transfer", {{method: "POST"}});
  const params = await answer.json();
  wx.checkJsApi({{jsApiList: ["requestMerchantTransfer"], success: (found) => {{
    if (!found.checkResult.requestMerchantTransfer) return say("too old");
    WeixinJSBridge.invoke("requestMerchantTransfer", params, (result) => say(result.err_msg));
  }}}});
}};
</script>"""


@dataclass
class FaceShop:
    """The shop; ``sim`` and ``base`` are set when the ports are known."""

    settings: Settings
    keys: DemoKeys
    base: str = ""
    sim: str = ""
    said: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    orders: int = 0

    def app(self) -> web.Application:
        """The shop's routes."""
        app = web.Application()
        app.router.add_post("/wechat", self.push)
        app.router.add_get("/m/", self.mall)
        app.router.add_get("/m/gift", self.gift)
        app.router.add_get("/m/pay", self.pay_page)
        app.router.add_get("/m/notice", self.notice_page)
        app.router.add_post("/m/order", self.order)
        app.router.add_post("/m/transfer", self.transfer)
        app.router.add_post("/m/form", self.form)
        app.router.add_get("/oauth/callback", self.callback)
        app.router.add_post("/pay/notify", self.notify)
        return app

    # --- chat
    async def push(self, request: web.Request) -> web.Response:
        """Answer a text in safe mode; wechatpy verifies and signs."""
        query, raw = request.query, await request.read()
        crypto = WeChatCrypto(
            self.settings.token, self.settings.encoding_aes_key, self.settings.appid
        )
        text = crypto.decrypt_message(
            raw, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(text)
        if message.type != "text":
            return web.Response(text="success")
        self.said.append(message.content)
        words = f'收到“{message.content}”\n<a href="{self.base}/m/">进入商城</a>'
        reply = TextReply(content=words, message=message).render()
        return web.Response(text=crypto.encrypt_message(reply, query["nonce"]))

    # --- pages
    def page(self, title: str, body: str) -> web.Response:
        """A page that forbids framing."""
        text = PAGE.format(title=title, body=body, sim=self.sim)
        headers = {
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": f"script-src 'unsafe-inline' {self.sim}; "
            "connect-src 'self'; frame-ancestors 'none'",
        }
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def mall(self, request: web.Request) -> web.Response:
        """The home page; the first visit signs in by silent OAuth, later ones by the cookie."""
        self.seen.append(dict(request.headers))
        openid = request.cookies.get("who")
        if not openid:
            back = quote(f"{self.base}/oauth/callback", safe="")
            raise web.HTTPFound(
                f"{self.sim}/connect/oauth2/authorize?appid={self.settings.appid}"
                f"&redirect_uri={back}&response_type=code&scope=snsapi_base&state=s1#wechat_redirect"
            )
        form = f'<form method="post" action="{self.base}/m/form"><button>提交</button></form>'
        return self.page("商城", f'<h1 id="who">{openid}</h1>{form}')

    async def callback(self, request: web.Request) -> web.Response:
        """Exchange the code for an openid and store it in a cookie."""
        url = f"{self.sim}/sns/oauth2/access_token"
        query = {
            "appid": self.settings.appid,
            "secret": self.settings.secret,
            "code": request.query["code"],
            "grant_type": "authorization_code",
        }
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
            openid = json.loads(await answer.text())["openid"]
        response = web.Response(status=302, headers={"Location": f"{self.base}/m/"})
        response.set_cookie("who", openid, httponly=True, samesite="Lax")
        return response

    async def form(self, request: web.Request) -> web.Response:
        """Accept a form if its Origin is the shop's own."""
        self.seen.append(dict(request.headers))
        return self.page("已提交", '<p id="sent">已提交</p>')

    async def gift(self, request: web.Request) -> web.Response:
        """The page of a shared link."""
        return self.page("礼物", f'<h1 id="agent">{request.headers["User-Agent"]}</h1>')

    async def pay_page(self, request: web.Request) -> web.Response:
        """A page that pays."""
        config = await self._js_config(request)
        body = '<button id="pay">付款</button><p id="said"></p>'
        return self.page("付款", body + PAY_SCRIPT.format(config=config))

    async def notice_page(self, request: web.Request) -> web.Response:
        """A page that asks for notices and opens a transfer."""
        config = await self._js_config(request)
        return self.page("我的佣金", NOTICE_SCRIPT.format(config=config))

    async def _js_config(self, request: web.Request) -> str:
        """The parameters of wx.config, signed for this address."""
        stamp, nonce = int(time.time()), secrets.token_hex(8)
        account = f"appid={self.settings.appid}&secret={self.settings.secret}"
        token = await self._get(f"/cgi-bin/token?grant_type=client_credential&{account}")
        path = f"/cgi-bin/ticket/getticket?type=jsapi&access_token={token['access_token']}"
        ticket = (await self._get(path))["ticket"]
        url = self.base + request.raw_path
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url}"
        signature = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        config = {
            "appId": self.settings.appid, "timestamp": stamp, "nonceStr": nonce,
            "signature": signature,
        }  # fmt: skip
        return json.dumps(config)

    async def _get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(self.sim + path) as answer:
            return json.loads(await answer.text())

    # --- paying
    async def order(self, request: web.Request) -> web.Response:
        """Create an order at WeChat Pay; returns the signed parameters for the page."""
        self.orders += 1
        body = {
            "appid": self.settings.appid,
            "mchid": self.settings.mchid,
            "description": "山泉坊·陈酿52度 500ml",
            "out_trade_no": f"FACE{self.orders:06d}",
            "notify_url": f"{self.base}/pay/notify",
            "amount": {"total": 29800, "currency": "CNY"},
            "payer": {"openid": request.cookies["who"]},
        }
        prepay = await self._v3("/v3/pay/transactions/jsapi", body)
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        package = f"prepay_id={prepay['prepay_id']}"
        signed = self._sign(f"{self.settings.appid}\n{stamp}\n{nonce}\n{package}\n".encode())
        return web.json_response(
            {"appId": self.settings.appid, "timeStamp": stamp, "nonceStr": nonce,
             "package": package, "signType": "RSA", "paySign": signed}
        )  # fmt: skip

    async def transfer(self, request: web.Request) -> web.Response:
        """Create a transfer that the person has to confirm."""
        body = {
            "appid": self.settings.appid,
            "out_bill_no": "FACET1",
            "transfer_scene_id": "1005",
            "openid": request.cookies["who"],
            "transfer_amount": 1234,
            "transfer_remark": "佣金提现",
            "notify_url": f"{self.base}/pay/notify",
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": "推广员"},
                {"info_type": "报酬说明", "info_content": "佣金"},
            ],
        }
        bill = await self._v3("/v3/fund-app/mch-transfer/transfer-bills", body)
        package = bill["package_info"]
        return web.json_response(
            {"mchId": self.settings.mchid, "appId": self.settings.appid, "package": package}
        )

    async def notify(self, request: web.Request) -> web.Response:
        """Accept a notification of WeChat Pay."""
        return web.Response(status=204)

    async def _v3(self, path: str, body: dict[str, Any]) -> Any:
        raw = json.dumps(body, ensure_ascii=False).encode()
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = self._sign(f"POST\n{path}\n{stamp}\n{nonce}\n".encode() + raw + b"\n")
        headers = {
            "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{self.settings.mchid}",'
            f'nonce_str="{nonce}",signature="{signature}",timestamp="{stamp}",'
            f'serial_no="{self.settings.merchant_serial}"',
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.sim + path, data=raw, headers=headers) as answer,
        ):
            return await answer.json()

    def _sign(self, message: bytes) -> str:
        key: Any = serialization.load_pem_private_key(
            self.keys.merchant_private_key.encode(), None
        )
        return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()
