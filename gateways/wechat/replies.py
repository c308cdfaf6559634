"""Passive replies (被动回复) as XML that no text can break out of."""

from __future__ import annotations

import logging
import re

from kernel.chat import (
    Article,
    Event,
    HandOver,
    ImageReply,
    Message,
    NewsReply,
    Reply,
    TextReply,
)

log = logging.getLogger(__name__)

NOTHING = "success"
TEXT_BYTES_MAX = 2048
CARDS_MAX_MESSAGE = 1
CARDS_MAX_EVENT = 8
CUT_MARK = "…"

# Not allowed in XML 1.0 at all: one of them and WeChat can't read the whole reply.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render(message: Message, reply: Reply | None, timestamp: int) -> str:
    """The reply to a message. Nothing to say, or only blanks: ``success``."""
    body = _body(message, reply) if reply is not None else ""
    if not body:
        return NOTHING
    return (
        "<xml>"
        f"<ToUserName>{cdata(message.openid)}</ToUserName>"
        f"<FromUserName>{cdata(message.account)}</FromUserName>"
        f"<CreateTime>{timestamp}</CreateTime>"
        f"{body}</xml>"
    )


def cdata(text: str) -> str:
    """Text as CDATA; the mark that would end it early is split over two sections."""
    safe = _FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def cut(text: str, bytes_max: int) -> str:
    """Text that fits, between characters; a cut is visible and logged."""
    if len(text.encode()) <= bytes_max:
        return text
    log.warning("a reply of %d bytes was cut to %d", len(text.encode()), bytes_max)
    room = bytes_max - len(CUT_MARK.encode())
    return text.encode()[:room].decode("utf-8", "ignore") + CUT_MARK


def _body(message: Message, reply: Reply) -> str:
    match reply:
        case TextReply(content):
            if not content.strip():
                return ""
            fitting = cut(_FORBIDDEN.sub("", content), TEXT_BYTES_MAX)
            return f"{_kind('text')}<Content>{cdata(fitting)}</Content>"
        case ImageReply(media_id):
            return f"{_kind('image')}<Image><MediaId>{cdata(media_id)}</MediaId></Image>"
        case NewsReply(articles):
            return _news(message, articles)
        case HandOver(kf_account):
            return f"{_kind('transfer_customer_service')}{_account(kf_account)}"


def _kind(name: str) -> str:
    return f"<MsgType>{cdata(name)}</MsgType>"


def _account(kf_account: str | None) -> str:
    if not kf_account:
        return ""
    return f"<TransInfo><KfAccount>{cdata(kf_account)}</KfAccount></TransInfo>"


def _news(message: Message, articles: tuple[Article, ...]) -> str:
    most = CARDS_MAX_EVENT if isinstance(message, Event) else CARDS_MAX_MESSAGE
    if len(articles) > most:
        log.warning("a news reply of %d cards was cut to %d", len(articles), most)
    shown = articles[:most]
    if not shown:
        return ""
    items = "".join(
        "<item>"
        f"<Title>{cdata(a.title)}</Title>"
        f"<Description>{cdata(a.description)}</Description>"
        f"<PicUrl>{cdata(a.picture_url)}</PicUrl>"
        f"<Url>{cdata(a.url)}</Url>"
        "</item>"
        for a in shown
    )
    count = f"<ArticleCount>{len(shown)}</ArticleCount>"
    return f"{_kind('news')}{count}<Articles>{items}</Articles>"
