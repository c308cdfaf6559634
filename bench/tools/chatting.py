"""WeChat's pushes to a webhook, prepared before the measurement, and checks of the answers."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from bench.tools.load import Shot
from bench.tools.shop import ACCOUNT, AES_KEY, APPID, TOKEN, openid
from simulator.crypto import Envelope, sha1_of_sorted

NONCE = "1372623149"
COMMANDS = ("商品", "订单", "海报", "链接", "佣金", "我的客户", "提现", "申请分销", "退订", "人工")
WORD = "帮助"
FREE = (
    "什么时候发货啊", "你好，这个酒能退吗", "我想开发票", "送人有没有礼盒装的", "运费多少钱呀",
    "怎么成为分销商", "钱什么时候能到账", "酒是真的吗会不会是假的", "订单能不能改地址", "多少度的",
    "我上周买的到现在都没收到，你们到底发没发货", "喝了上头吗", "保质期多久", "几点有人啊客服",
    "有没有优惠活动", "婚宴要二十箱能便宜点不", "新疆包邮吗", "how long is the delivery",
    "佣金怎么算的", "在吗", "可以货到付款吗", "打开了还能不能退", "你们在哪里", "谢谢啦",
)  # fmt: skip
OPENINGS = ("", "请问", "亲，", "那个", "老板 ", "我想问一下")
"""With these before them the sentences have 144 forms, of which the short ones are remembered."""
REPLY = "您可以点击，或直接发送：\n\n" + "\n".join(
    f'<a href="weixin://bizmsgmenu?msgmenucontent={w}&msgmenuid={w}">{w}</a>　一行说明'
    for w in COMMANDS
)
_numbers = itertools.count(30_000_000_000_000_000)


def envelope() -> Envelope:
    """The account's envelope."""
    return Envelope(TOKEN, AES_KEY, APPID)


def free_sentences() -> list[str]:
    """Free sentences as people send them; each goes through the understanding of the chat."""
    return [opening + sentence for opening in OPENINGS for sentence in FREE]


def text_xml(member: int, words: str = WORD) -> str:
    """The XML of a member's text message, with its own MsgId."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid(member)}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{words}]]></Content><MsgId>{next(_numbers)}</MsgId></xml>"
    )


def shots(members: int, count: int, *, aes: bool, words: Sequence[str] = (WORD,)) -> list[Shot]:
    """``count`` pushes, from one member after the other, with one of the words after the other."""
    sealer = envelope()
    return [_shot(sealer, n % members + 1, aes, words[n % len(words)]) for n in range(count)]


def _shot(sealer: Envelope, member: int, aes: bool, words: str) -> Shot:
    stamp, body = str(int(time.time())), text_xml(member, words)
    query = {"signature": sha1_of_sorted(TOKEN, stamp, NONCE), "timestamp": stamp,
             "nonce": NONCE, "openid": openid(member)}  # fmt: skip
    expected = f"<ToUserName><![CDATA[{openid(member)}]]></ToUserName>"
    if aes:
        sealed = sealer.encrypt(body)
        signed = sha1_of_sorted(TOKEN, stamp, NONCE, sealed)
        query |= {"encrypt_type": "aes", "msg_signature": signed}
        body = (f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
                f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")  # fmt: skip
        expected = "<Encrypt>"
    data = body.encode()
    head = (
        f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "User-Agent: Mozilla/4.0\r\nAccept: */*\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    return Shot(head.encode() + data, expected.encode())


def check_sealed(samples: Sequence[tuple[int, bytes]], members: int) -> None:
    """Decrypt sampled answers and check that each is to its sender and names the commands."""
    sealer = envelope()
    assert samples
    for number, kept in samples:
        sealed = kept.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        plain = sealer.decrypt(sealed)
        assert openid(number % members + 1) in plain, plain
        assert "申请分销" in plain, plain
