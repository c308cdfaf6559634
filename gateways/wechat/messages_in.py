"""Parses the XML of a push into a typed message or event."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from gateways.wechat.mending import mended
from kernel.chat import (
    BadPush,
    Event,
    Image,
    Link,
    Location,
    Message,
    Other,
    Text,
    Video,
    Voice,
)
from kernel.text import clean_text

_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_EVENT_FIELDS = frozenset(
    {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "Ticket"}
    | {"MsgID", "MsgId", "Status", "Encrypt"}
)


DEPTH_MAX = 8


class _NoDoctype(ET.TreeBuilder):
    """Refuses a DOCTYPE, and with it entity expansion and external entities."""

    def doctype(self, *_: object) -> NoReturn:
        """Raise BadPush: no legitimate push has a DOCTYPE."""
        raise BadPush("xml")


def parse_xml(body: bytes) -> dict[str, Any]:
    """The fields of a push's XML, cleaned with ``clean_text``. Raises BadPush.

    A DOCTYPE is refused. Malformed XML is repaired (``mending``) and parsed once more.
    """
    try:
        root = _parsed(body)
    except (ET.ParseError, ValueError):
        try:
            root = _parsed(mended(body))
        except (ET.ParseError, ValueError) as error:
            raise BadPush("xml") from error
    fields = _value(root, DEPTH_MAX) if root.tag == "xml" else None
    if not isinstance(fields, dict):
        raise BadPush("xml")
    return fields


def _parsed(body: bytes) -> ET.Element:
    # A person may have typed this text as well; the parser decides whether it is a DOCTYPE.
    target = _NoDoctype() if b"<!DOCTYPE" in body else None
    parser = ET.XMLParser(target=target, encoding="utf-8")  # noqa: S314 - see above
    parser.feed(body)
    return parser.close()


def _value(element: ET.Element, depth: int) -> Any:
    """An element's cleaned text, None if empty; or its children by name."""
    if not len(element):
        text = element.text
        return clean_text(text) or None if text else None
    if not depth:
        raise BadPush("xml")
    found: dict[str, Any] = {}
    for child in element:
        value = _value(child, depth - 1)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found


def parse_message(fields: Mapping[str, Any]) -> Message:
    """A typed message or event; a kind without a class becomes ``Other``. Raises BadPush."""
    try:
        common = _common(fields)
        kind = _text(fields, "MsgType").lower()
        if not kind:
            raise BadPush("shape")
        if kind == "event":
            return _event(fields, common)
        return _MESSAGES.get(kind, _other)(fields, common, _number(fields, "MsgId"))
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadPush("shape") from error


def dedupe_key(message: Message) -> str:
    """The key by which retries of one delivery are recognised (消息排重): docs/adr/0049.

    A message is identified by sender and MsgId. Events have no id; WeChat recommends FromUserName
    and CreateTime. A retry repeats every field, so all fields are hashed, which keeps different
    events of the same second apart.
    """
    if not isinstance(message, Event):
        return f"m:{message.openid}:{message.message_id}"
    parts = [
        message.openid,
        int(message.created_at.timestamp()),
        message.kind,
        message.key,
        message.ticket,
        message.message_id,
        message.status,
        message.facts,
    ]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return f"e:{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _common(fields: Mapping[str, Any]) -> dict[str, Any]:
    openid = _text(fields, "FromUserName")
    if not _OPENID.fullmatch(openid):
        raise BadPush("shape")
    created = int(_number(fields, "CreateTime"))
    return {
        "openid": openid,
        "account": _text(fields, "ToUserName"),
        "created_at": datetime.fromtimestamp(created, UTC),
    }


def _text(fields: Mapping[str, Any], name: str) -> str:
    """A field as text, '' if missing or empty. Raises BadPush for a nested element."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadPush("shape")
    return value


def _number(fields: Mapping[str, Any], name: str) -> str:
    value = _text(fields, name)
    if not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise BadPush("shape")
    return value


def _event(fields: Mapping[str, Any], common: dict[str, Any]) -> Event:
    kind = _text(fields, "Event").lower()
    if not kind:
        raise BadPush("shape")
    return Event(
        **common,
        kind=kind,
        key=_text(fields, "EventKey"),
        ticket=_text(fields, "Ticket"),
        message_id=_text(fields, "MsgID") or _text(fields, "MsgId"),
        status=_text(fields, "Status"),
        facts={k: v for k, v in fields.items() if k not in _EVENT_FIELDS},
    )


def _message_text(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Text:
    content, menu_id = _text(fields, "Content"), _text(fields, "bizmsgmenuid")
    return Text(**common, message_id=number, content=content, menu_id=menu_id)


def _image(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Image:
    media_id, url = _text(fields, "MediaId"), _text(fields, "PicUrl")
    return Image(**common, message_id=number, media_id=media_id, picture_url=url)


def _voice(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Voice:
    return Voice(
        **common,
        message_id=number,
        media_id=_text(fields, "MediaId"),
        format=_text(fields, "Format"),
        recognition=_text(fields, "Recognition"),
    )


def _video(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Video:
    return Video(
        **common,
        message_id=number,
        media_id=_text(fields, "MediaId"),
        thumb_media_id=_text(fields, "ThumbMediaId"),
        is_short=_text(fields, "MsgType").lower() == "shortvideo",
    )


def _location(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Location:
    return Location(
        **common,
        message_id=number,
        latitude=float(_text(fields, "Location_X")),
        longitude=float(_text(fields, "Location_Y")),
        scale=int(_text(fields, "Scale") or 0),
        label=_text(fields, "Label"),
    )


def _link(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Link:
    return Link(
        **common,
        message_id=number,
        title=_text(fields, "Title"),
        description=_text(fields, "Description"),
        url=_text(fields, "Url"),
    )


def _other(fields: Mapping[str, Any], common: dict[str, Any], number: str) -> Other:
    kind = _text(fields, "MsgType").lower()
    facts = {k: v for k, v in fields.items() if k not in _EVENT_FIELDS}
    return Other(**common, message_id=number, kind=kind, facts=facts)


_Parser = Callable[[Mapping[str, Any], dict[str, Any], str], Message]
_MESSAGES: dict[str, _Parser] = {
    "text": _message_text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}
