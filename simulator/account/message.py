"""客服消息: customer-service messages of every type; accepted only while a window is open."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator import chat
from simulator.account import gate
from simulator.account.drafts import articles_json, draft
from simulator.account.gate import Call
from simulator.account.media import live
from simulator.errors import WxError
from simulator.sim import Sim
from simulator.world import Phone

TYPING_AFTER_S = 30
TYPING_LASTS_S = 15
MAX_TEXT_BYTES = 2048
# WeChat publishes the codes; the limits are those of the same message in WeCom (not verified).
CARD_LIMITS = {
    "title": (128, 45003), "description": (512, 45004), "url": (2048, 45005),
    "picurl": (2048, 45006),
}  # fmt: skip


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of customer service."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/message/custom/send", send),
            ("POST", "/cgi-bin/message/custom/typing", typing),
        ],
    )


async def send(call: Call) -> None:
    """Send one message to one person; it uses one of the messages that the window allows."""
    phone = call.user(call.body.get("touser"))
    kind, body = render(call.sim, call.body)
    chat.spend_window(call.sim, phone)
    phone.typing_until = 0
    chat.deliver(call.sim, phone, "custom", kind, body)


async def typing(call: Call) -> None:
    """Show "typing…" for 15 seconds or until a message, within 30 seconds of a person's act.

    45072 for another command, 45080 without a recent act of the person, 45081 if it is shown
    already.
    """
    phone: Phone = call.user(call.body.get("touser"))
    command, now = call.body.get("command"), call.sim.clock.now()
    if command not in ("Typing", "CancelTyping"):
        raise WxError(45072)
    if now - phone.interacted_at > TYPING_AFTER_S:
        raise WxError(45080)
    is_on = command == "Typing"
    if is_on and phone.typing_until > now:
        raise WxError(45081)
    phone.typing_until = now + TYPING_LASTS_S if is_on else 0
    call.sim.hub.publish(phone.id, "typing", on=is_on)


def render(sim: Sim, message: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A customer-service or mass message as a bubble; every field is checked."""
    kind = message.get("msgtype")
    if kind == "image" and "images" in message:  # the type of a mass send's pictures is also image
        kind = "images"
    part = message.get(kind) if isinstance(kind, str) else None
    if not isinstance(part, dict):
        raise WxError(40008 if not isinstance(kind, str) else 47001, "msgtype")
    renderer = RENDERERS.get(str(kind))
    if renderer is None:
        raise WxError(40008, "invalid message type")
    return renderer(sim, str(kind), part)


Bubble = tuple[str, dict[str, Any]]


def _text(_sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise WxError(44004)
    if len(content.encode()) > MAX_TEXT_BYTES:
        raise WxError(45002)
    return kind, {"content": content}


def _media(sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    media = live(sim, part.get("media_id"), "video" if kind == "mpvideo" else kind)
    if part.get("thumb_media_id"):
        live(sim, part["thumb_media_id"], "thumb", "image")
    body = {"media_id": media.id, "url": f"/_sim/media/{media.id}"}
    extra = {k: str(part[k]) for k in ("title", "description") if k in part}
    return ("video" if kind == "mpvideo" else kind), body | extra


def _music(sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    live(sim, part.get("thumb_media_id"), "thumb", "image")
    return kind, {
        "title": str(part.get("title", "")),
        "description": str(part.get("description", "")),
        "music_url": str(part.get("musicurl", "")),
    }


def _news(_sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    articles = part.get("articles")
    if not isinstance(articles, list) or len(articles) != 1:
        raise WxError(45008)
    return kind, {"articles": [_article(a) for a in articles]}


def _article(article: Any) -> dict[str, str]:
    """A link card; its texts and addresses must be within WeChat's size limits."""
    if not isinstance(article, dict):
        raise WxError(47001)
    found = {name: str(article.get(name, "")) for name in CARD_LIMITS}
    for name, (most, errcode) in CARD_LIMITS.items():
        if len(found[name].encode()) > most:
            raise WxError(errcode)
    if not found["title"].strip():
        raise WxError(44003)
    return found


def _draft_news(sim: Sim, _kind: str, part: dict[str, Any]) -> Bubble:
    if article_id := part.get("article_id"):
        for found in sim.world.publishes.values():
            if found["article_id"] == article_id:
                draft_like = {"articles": found["news_item"]}
                return "news", {"articles": articles_json(sim, draft_like, article_id)}
        raise WxError(53600)
    media_id = str(part.get("media_id"))
    return "news", {"articles": articles_json(sim, draft(sim, media_id), media_id)}


def _menu(_sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    items = part.get("list")
    if not isinstance(items, list) or not items:
        raise WxError(47001)
    return kind, {
        "head_content": str(part.get("head_content", "")),
        "list": [
            {"id": str(i.get("id", "")), "content": str(i.get("content", ""))} for i in items
        ],
        "tail_content": str(part.get("tail_content", "")),
    }


def _mini_program(sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    live(sim, part.get("thumb_media_id"), "thumb", "image")
    names = ("title", "appid", "pagepath", "thumb_media_id")
    return kind, {n: str(part.get(n, "")) for n in names}


def _pictures(sim: Sim, _kind: str, part: dict[str, Any]) -> Bubble:
    ids = part.get("media_ids")
    if not isinstance(ids, list) or not ids:
        raise WxError(40007)
    found = [live(sim, media_id, "image") for media_id in ids]
    urls = [f"/_sim/media/{media.id}" for media in found]
    return "image", {"media_id": found[0].id, "url": urls[0], "urls": urls}


def _card(_sim: Sim, kind: str, part: dict[str, Any]) -> Bubble:
    return kind, {"card_id": str(part.get("card_id", ""))}


RENDERERS = {
    "text": _text,
    "image": _media,
    "voice": _media,
    "video": _media,
    "mpvideo": _media,
    "music": _music,
    "news": _news,
    "mpnews": _draft_news,
    "mpnewsarticle": _draft_news,
    "msgmenu": _menu,
    "miniprogrampage": _mini_program,
    "images": _pictures,
    "wxcard": _card,
}
