"""`/_sim`: Moments, sharing with friends, and reading QR codes in pictures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator import chat
from simulator.account.media import store
from simulator.clock import iso
from simulator.control.gate import Ask, add_routes, upload
from simulator.control.people import scan
from simulator.errors import SimError, SimMissing
from simulator.people import phones
from simulator.people.codes import read_codes
from simulator.sim import Sim
from simulator.world import Moment


def setup(app: web.Application) -> None:
    """Routes of sharing."""
    one = "/phones/{phone}"
    add_routes(
        app,
        [
            ("POST", one + "/moments", post),
            ("POST", one + "/moments/{moment}/open", open_moment),
            ("POST", one + "/share", share),
            ("GET", "/moments", list_moments),
            ("POST", "/decode", decode),
        ],
    )


def moment_json(moment: Moment) -> dict[str, Any]:
    """A post as `/_sim` shows it."""
    return {**vars(moment), "at": iso(moment.at)}


async def post(ask: Ask) -> tuple[int, dict[str, Any]]:
    """发朋友圈: post a link card or a picture to Moments."""
    sim, phone = ask.sim, ask.phone
    moment = Moment(sim.world.next_id(), sim.clock.now(), phone.id, "link")
    is_link = "link" in ask.body and not ask.request.content_type.startswith("multipart/")
    if not is_link:
        await _take_picture(ask, moment)
    moment.title = str(ask.body.get("title", ""))
    moment.text = str(ask.body.get("text", ""))
    if is_link:
        moment.link = str(ask.body["link"])
        moment.image = str(ask.body.get("image", ""))
        if urlsplit(moment.link).scheme not in ("http", "https"):
            raise SimError("link must be an http address")
    sim.world.moments.insert(0, moment)
    shown = moment_json(moment)
    for key in sim.world.phones:
        sim.hub.publish(key, "moment", moment=shown)
    return 201, shown


async def _take_picture(ask: Ask, moment: Moment) -> None:
    if url := ask.body.get("url"):
        data = await fetch(ask.sim, str(url))
        filename, content_type = "picture.jpg", "image/jpeg"
    else:
        filename, content_type, data = await upload(ask)
    media = store(ask.sim, "image", filename, content_type, data, lasts=True)
    moment.kind = "picture"
    moment.image = f"/_sim/media/{media.id}"
    known = ask.body.get("qr_text")
    codes = [str(known)] if known else read_codes(data)
    moment.qr_text = codes[0] if codes else ""


async def fetch(sim: Sim, url: str) -> bytes:
    """Download a picture that a page shows."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise SimError("url must be an http address")
    assert sim.session is not None
    async with sim.session.get(url) as response:
        if response.status != 200:
            raise SimError(f"the picture answered {response.status}")
        return await response.read()


async def list_moments(ask: Ask) -> dict[str, Any]:
    """All posts, newest first."""
    return {"moments": [moment_json(m) for m in ask.sim.world.moments]}


async def open_moment(ask: Ask) -> dict[str, Any]:
    """Open a post: a link opens its page, a picture is long-pressed for its QR code."""
    key = ask.request.match_info["moment"]
    moment = next((m for m in ask.sim.world.moments if str(m.id) == key), None)
    if moment is None:
        raise SimMissing("no such post")
    phone = ask.phone
    if phone.id not in moment.opened_by:
        moment.opened_by.append(phone.id)
    if moment.kind == "link":
        return {"kind": "page", "url": moment.link}
    if not moment.qr_text:
        return {"kind": "picture", "image": moment.image}
    return await scan(ask.sim, phone, ask.body | {"content": moment.qr_text})


async def share(ask: Ask) -> dict[str, Any]:
    """发送给朋友: send a card to a friend."""
    sender, friend = ask.phone, phones.get_or_raise(ask.sim, str(ask.body.get("to", "")))
    card = {name: str(ask.body.get(name, "")) for name in ("title", "desc", "link", "image")}
    message = chat.deliver(
        ask.sim, friend, "share", "card", card, sender=f"friend:{sender.id}", box="friends"
    )
    return {"message": chat.message_json(message)}


async def decode(ask: Ask) -> dict[str, Any]:
    """The texts of all QR codes in a picture."""
    if url := ask.body.get("url"):
        return {"texts": read_codes(await fetch(ask.sim, str(url)))}
    _filename, _kind, data = await upload(ask)
    return {"texts": read_codes(data)}
