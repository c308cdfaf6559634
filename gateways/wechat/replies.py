"""Renders passive replies (被动回复) as XML, with all texts in CDATA."""

from __future__ import annotations

import logging
from functools import lru_cache

from gateways.wechat import cards
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
from kernel.chat_text import TEXT_BYTES_MAX, cut, says_something
from kernel.text import xml_safe

log = logging.getLogger(__name__)

NOTHING = "success"
CARDS_MAX_MESSAGE = 1
CARDS_MAX_EVENT = 8


def render(message: Message, reply: Reply | None, timestamp: int) -> str:
    """The reply as XML; ``success`` for no reply or one without a visible character."""
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
    """Text as CDATA; a ``]]>`` in it is split over two sections."""
    safe = xml_safe(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def _body(message: Message, reply: Reply) -> str:
    match reply:
        case TextReply(content):
            return _text(content)
        case ImageReply(media_id):
            return f"{_kind('image')}<Image><MediaId>{cdata(media_id)}</MediaId></Image>"
        case NewsReply(articles):
            return _news(message, articles)
        case HandOver(kf_account):
            return f"{_kind('transfer_customer_service')}{_account(kf_account)}"


@lru_cache(maxsize=256)
def _text(content: str) -> str:
    """A text reply. The face splits long texts; a text that is still too long is cut here."""
    said = xml_safe(content)
    if not says_something(said):
        return ""
    fitting = cut(said, TEXT_BYTES_MAX)
    if fitting != said:
        log.warning("a reply of %d bytes was cut to %d", len(said.encode()), TEXT_BYTES_MAX)
    return f"{_kind('text')}<Content>{cdata(fitting)}</Content>"


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
    shown = [a for a in map(cards.fitting, articles[:most]) if a is not None]
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
