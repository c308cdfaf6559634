"""A person's acts on the phone towards the account: follow, write, tap, scan."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from simulator import chat
from simulator.account import menu, push
from simulator.errors import SimConflict, SimError, SimMissing
from simulator.ids import random_id
from simulator.people import phones
from simulator.sim import Sim
from simulator.world import Media, Message, Phone, SceneTicket


async def pushed(
    sim: Sim, who: Phone, fields: dict[str, Any], message: Message | None, *, wait: bool = True
) -> dict[str, Any]:
    """Push a message or event; returns the push and the shop's reply, as `/_sim` answers."""
    record, reply = await push.push(sim, who, fields, wait=wait)
    return {
        "message": chat.message_json(message) if message else None,
        "reply": chat.message_json(reply) if reply else None,
        "push": push.record_json(record),
    }


# --- following ---------------------------------------------------------------------------
async def follow(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """关注: follow, directly or by a scene QR code."""
    if who.is_following:
        raise SimConflict(f"{who.id} follows already")
    ticket = live_ticket(sim, str(data["ticket"])) if data.get("ticket") else None
    scene = ticket.scene() if ticket else str(data.get("scene") or "")
    who.is_following = True
    who.followed_at = sim.clock.now()
    default = "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH"
    who.subscribe_scene = str(data.get("subscribe_scene") or default)
    who.qr_scene = ticket.scene_id if ticket else 0
    who.qr_scene_str = ticket.scene_str if ticket else scene
    chat.open_window(sim, who, "subscribe")
    fields: dict[str, Any] = {"MsgType": "event", "Event": "subscribe", "EventKey": ""}
    if scene:
        fields["EventKey"] = f"qrscene_{scene}"
        fields["Ticket"] = ticket.ticket if ticket else random_id(64)
    phones.changed(sim, who)
    return await pushed(sim, who, fields, None, wait=bool(data.get("wait", True)))


async def unfollow(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """取消关注: unfollow; every permission to write to the person ends."""
    phones.need_follower(who)
    who.is_following = False
    who.windows = []
    who.tag_ids = []
    who.notices = {}
    phones.changed(sim, who)
    fields = {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}
    return await pushed(sim, who, fields, None, wait=bool(data.get("wait", True)))


# --- writing -----------------------------------------------------------------------------
async def say(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """Send a text: typed, or by a tap on an item of a menu message."""
    phones.need_follower(who)
    content = str(data.get("content") or "")
    if not content:
        raise SimError("content is required")
    message = chat.deliver(sim, who, "chat", "text", {"content": content}, sender="person")
    chat.open_window(sim, who, "message")
    fields: dict[str, Any] = {"MsgType": "text", "Content": content}
    if data.get("menu_item_id"):
        fields["bizmsgmenuid"] = str(data["menu_item_id"])
    return await pushed(sim, who, fields, message, wait=bool(data.get("wait", True)))


async def send_media(sim: Sim, who: Phone, media: Media) -> dict[str, Any]:
    """Send a picture, a voice message or a video."""
    phones.need_follower(who)
    path = f"/_sim/media/{media.id}"
    body = {"media_id": media.id, "url": path}
    message = chat.deliver(sim, who, "chat", media.kind, body, sender="person")
    chat.open_window(sim, who, "message")
    fields: dict[str, Any] = {"MsgType": media.kind}
    if media.kind == "image":
        fields["PicUrl"] = sim.own_url(path)
    fields["MediaId"] = media.id
    if media.kind == "voice":
        fields["Format"] = "amr"
    if media.kind == "video":
        fields["ThumbMediaId"] = media.id
    return await pushed(sim, who, fields, message)


async def send_location(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """Send a location as a message, or let the phone report its location."""
    phones.need_follower(who)
    try:
        lat, lon = float(data["latitude"]), float(data["longitude"])
    except (KeyError, ValueError) as error:
        raise SimError("latitude and longitude are required numbers") from error
    if data.get("report"):
        precision = float(data.get("precision", 30))
        place = {"Latitude": lat, "Longitude": lon, "Precision": precision}
        return await pushed(sim, who, {"MsgType": "event", "Event": "LOCATION", **place}, None)
    scale, label = int(data.get("scale", 16)), str(data.get("label", ""))
    body = {"location_x": lat, "location_y": lon, "scale": scale, "label": label}
    message = chat.deliver(sim, who, "chat", "location", body, sender="person")
    chat.open_window(sim, who, "message")
    place = {"Location_X": lat, "Location_Y": lon, "Scale": scale}
    return await pushed(sim, who, {"MsgType": "location", **place, "Label": label}, message)


async def send_link(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """Send a link card."""
    phones.need_follower(who)
    body = {name: str(data.get(name, "")) for name in ("title", "description", "url")}
    message = chat.deliver(sim, who, "chat", "link", body, sender="person")
    chat.open_window(sim, who, "message")
    fields = {"Title": body["title"], "Description": body["description"], "Url": body["url"]}
    return await pushed(sim, who, {"MsgType": "link", **fields}, message)


# --- tapping the menu --------------------------------------------------------------------
def _find_button(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    buttons = menu.menu_of(sim, who)["button"]
    if path := data.get("path"):
        try:
            found: dict[str, Any] = buttons[path[0]]
            below: dict[str, Any] = found["sub_button"][path[1]] if len(path) > 1 else found
            return below
        except (IndexError, KeyError, TypeError) as error:
            raise SimMissing("no menu button at this path") from error
    flat: list[dict[str, Any]] = [b for top in buttons for b in (top.get("sub_button") or [top])]
    for button in flat:
        if data.get("key") and button.get("key") == data["key"]:
            return button
        if data.get("name") and button.get("name") == data["name"]:
            return button
    raise SimMissing(f"no menu button {data.get('key') or data.get('name')}")


def _place(data: dict[str, Any]) -> dict[str, Any]:
    names = {"Location_X": "latitude", "Location_Y": "longitude", "Scale": "scale"}
    place: dict[str, Any] = {xml: float(data.get(ours, 0)) for xml, ours in names.items()}
    return place | {"Label": str(data.get("label", "")), "Poiname": ""}


async def tap_menu(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """Tap a menu button."""
    phones.need_follower(who)
    button = _find_button(sim, who, data)
    kind = button.get("type", "")
    fields: dict[str, Any] = {"MsgType": "event"}
    url = None
    if kind == "view":
        url = button["url"]
        fields |= {"Event": "VIEW", "EventKey": url, "MenuId": 430000001}
    elif kind == "click":
        chat.open_window(sim, who, "menu")
        fields |= {"Event": "CLICK", "EventKey": button["key"]}
    elif kind in ("scancode_push", "scancode_waitmsg"):
        scanned = str(data.get("scan") or "")
        if not scanned:
            raise SimError("scan is required for a scancode button")
        chat.open_window(sim, who, "menu")
        result = {"ScanType": "qrcode", "ScanResult": scanned}
        fields |= {"Event": kind, "EventKey": button["key"], "ScanCodeInfo": result}
        url = scanned if kind == "scancode_push" and scanned.startswith("http") else None
    elif kind == "location_select":
        chat.open_window(sim, who, "menu")
        fields |= {"Event": kind, "EventKey": button["key"], "SendLocationInfo": _place(data)}
    elif kind.startswith("pic_"):
        pictures = {
            "Count": 1,
            "PicList": {"item": {"PicMd5Sum": random_id(32, "0123456789abcdef")}},
        }
        fields |= {"Event": kind, "EventKey": button["key"], "SendPicsInfo": pictures}
    else:
        raise SimError(f"a {kind or 'parent'} button cannot be tapped here")
    body = {"event": fields["Event"], "key": fields["EventKey"], "note": button["name"]}
    message = chat.deliver(sim, who, "chat", "event", body, sender="person")
    answer = await pushed(sim, who, fields, message, wait=bool(data.get("wait", True)))
    return answer | {"open": url}


# --- scanning ----------------------------------------------------------------------------
def live_ticket(sim: Sim, text: str) -> SceneTicket:
    """The scene code with this ticket or URL; SimMissing if unknown or expired."""
    found = find_ticket(sim, text)
    if found is None:
        raise SimMissing("no such scene code, or it has expired")
    return found


def find_ticket(sim: Sim, text: str) -> SceneTicket | None:
    """The valid scene code that a scanned text refers to, else None."""
    split = urlsplit(text)
    ticket = text
    if split.path.endswith("/cgi-bin/showqrcode"):
        ticket = parse_qs(split.query).get("ticket", [""])[0]
    tickets = sim.world.tickets
    found = tickets.get(ticket) or tickets.get(unquote(ticket))
    if found is None:
        found = next((t for t in tickets.values() if t.url == text), None)
    if found and found.expires_at is not None and found.expires_at <= sim.clock.now():
        return None
    return found


async def scan_scene(
    sim: Sim, who: Phone, ticket: SceneTicket, *, follows: bool
) -> dict[str, Any]:
    """Scan a scene code: SCAN for a follower; others see the profile and may follow there."""
    if not who.is_following:
        if not follows:
            return {"kind": "profile", "ticket": ticket.ticket}
        return {"kind": "followed", **await follow(sim, who, {"ticket": ticket.ticket})}
    chat.open_window(sim, who, "scan")
    fields = {
        "MsgType": "event",
        "Event": "SCAN",
        "EventKey": ticket.scene(),
        "Ticket": ticket.ticket,
    }
    return {"kind": "scene", **await pushed(sim, who, fields, None)}


# --- subscription notices ----------------------------------------------------------------
async def answer_notices(sim: Sim, who: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """订阅通知: accept or reject subscription notices; one accept allows one send."""
    answers = data.get("templates") or {}
    if not answers or set(answers.values()) - {"accept", "reject"}:
        raise SimError("templates must map template ids to accept or reject")
    scene = str(data.get("scene", 1))
    for template_id, answer in answers.items():
        if template_id not in sim.world.templates:
            raise SimMissing(f"no template {template_id}")
        if answer == "accept":
            who.notices[template_id] = who.notices.get(template_id, 0) + 1
    items = [
        {"TemplateId": key, "SubscribeStatusString": value, "PopupScene": scene}
        for key, value in answers.items()
    ]
    event = "subscribe_msg_popup_event"
    fields = {"MsgType": "event", "Event": event, "SubscribeMsgPopupEvent": {"List": items}}
    return await pushed(sim, who, fields, None)


async def refuse_notices(sim: Sim, who: Phone, template_id: str) -> dict[str, Any]:
    """Withdraw every accept of a template, as in the phone's settings."""
    who.notices.pop(template_id, None)
    item = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
    event = "subscribe_msg_change_event"
    fields = {"MsgType": "event", "Event": event, "SubscribeMsgChangeEvent": {"List": item}}
    return await pushed(sim, who, fields, None)
