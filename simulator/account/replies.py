"""Reads the shop's passive reply as strictly as WeChat; an invalid one shows "unavailable"."""

from __future__ import annotations

import json
from typing import Any

from simulator.account import xmlcodec
from simulator.account.message import CARD_LIMITS, MAX_TEXT_BYTES
from simulator.crypto import CryptoError, same
from simulator.sim import Sim
from simulator.world import Phone

FIRST_ONLY = {"text", "image", "voice", "video", "location", "news"}


class BadReply(ValueError):
    """The reply is invalid: WeChat tells the person that the account can't serve."""


def read(
    sim: Sim, phone: Phone, mode: str, text: str, incoming: str
) -> tuple[str, dict[str, Any]] | None:
    """被动回复: the message's kind and body; None for `success` or an empty answer."""
    if not text or text.strip() == "success":
        return None
    try:
        fields = xmlcodec.parse(text)
        fields = _open(sim, mode, fields)
    except (xmlcodec.XmlError, CryptoError) as error:
        raise BadReply(str(error)) from error
    _check_frame(sim, phone, fields)
    return _bubble(sim, fields, incoming)


def _open(sim: Sim, mode: str, fields: dict[str, Any]) -> dict[str, Any]:
    if "Encrypt" not in fields:
        if mode == "safe":
            raise BadReply("safe mode wants an encrypted reply")
        return fields
    if mode == "plain":
        raise BadReply("plain mode wants a plain reply")
    envelope = sim.envelope
    encrypted = _text(fields, "Encrypt")
    expected = envelope.signature(_text(fields, "TimeStamp"), _text(fields, "Nonce"), encrypted)
    if not same(expected, _text(fields, "MsgSignature")):
        raise BadReply("MsgSignature is wrong")
    return xmlcodec.parse(envelope.decrypt(encrypted))


def _check_frame(sim: Sim, phone: Phone, fields: dict[str, Any]) -> None:
    if _text(fields, "ToUserName") != phone.openid:
        raise BadReply("ToUserName is not the person")
    if _text(fields, "FromUserName") != sim.settings.original_id:
        raise BadReply("FromUserName is not the account")
    if not _text(fields, "CreateTime").strip().isdigit():
        raise BadReply("CreateTime is not a number")


def _bubble(sim: Sim, fields: dict[str, Any], incoming: str) -> tuple[str, dict[str, Any]] | None:
    kind = _text(fields, "MsgType")
    if kind == "text":
        return kind, _words(fields)
    if kind in ("image", "voice", "video"):
        return kind, _media(sim, kind, _part(fields, kind.capitalize()))
    if kind == "music":
        return kind, _music(sim, _part(fields, "Music"))
    if kind == "news":
        return kind, {"articles": _articles(fields, incoming)}
    if kind == "transfer_customer_service":
        return None
    raise BadReply(f"MsgType {kind!r} is unknown")


def _words(fields: dict[str, Any]) -> dict[str, Any]:
    """A text of 1 to 2048 bytes; an empty text is an error, not an empty reply."""
    content = _text(fields, "Content")
    if not content.strip():
        raise BadReply("Content is empty")
    if len(content.encode()) > MAX_TEXT_BYTES:
        raise BadReply(f"Content has more than {MAX_TEXT_BYTES} bytes")
    return {"content": content}


def _live(sim: Sim, media_id: str, kind: str) -> None:
    """Check that the media are of this kind and have not expired."""
    media = sim.world.media.get(media_id)
    is_kept = media and (media.expires_at is None or media.expires_at > sim.clock.now())
    if media is None or not is_kept:
        raise BadReply(f"{kind}: MediaId is unknown or has expired")
    if media.kind != kind:
        raise BadReply(f"{kind}: MediaId is of type {media.kind}")


def _media(sim: Sim, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    media_id = _text(part, "MediaId")
    _live(sim, media_id, kind)
    return {
        "media_id": media_id,
        "url": f"/_sim/media/{media_id}",
        "title": part.get("Title", ""),
        "description": part.get("Description", ""),
    }


def _music(sim: Sim, part: dict[str, Any]) -> dict[str, Any]:
    _live(sim, _text(part, "ThumbMediaId"), "thumb")
    return {
        "title": part.get("Title", ""),
        "description": part.get("Description", ""),
        "music_url": part.get("MusicUrl", ""),
    }


def _articles(fields: dict[str, Any], incoming: str) -> list[dict[str, str]]:
    items = _part(fields, "Articles").get("item", [])
    items = items if isinstance(items, list) else [items]
    limit = 1 if incoming in FIRST_ONLY else 8
    if _text(fields, "ArticleCount").strip() != str(len(items)) or not 1 <= len(items) <= limit:
        raise BadReply(f"ArticleCount is wrong or above {limit}")
    return [_article(item) for item in items]


def _article(item: Any) -> dict[str, str]:
    """Check that all four elements are there, the title is not empty, and none is too long."""
    if not isinstance(item, dict):
        raise BadReply("an item has no elements")
    names = {"title": "Title", "description": "Description", "url": "Url", "picurl": "PicUrl"}
    found = {ours: _text(item, xml) for ours, xml in names.items()}
    if not found["title"].strip():
        raise BadReply("Title is empty")
    for name, (most, _) in CARD_LIMITS.items():
        if len(found[name].encode()) > most:
            raise BadReply(f"{names[name]} has more than {most} bytes")
    return found


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    if not isinstance(part, dict):
        raise BadReply(f"{name} is missing")
    return part


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        hint = json.dumps(sorted(fields), ensure_ascii=False)
        raise BadReply(f"{name} is missing among {hint}")
    return value
