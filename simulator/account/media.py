"""素材: temporary media (three days), permanent media, article pictures."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, web

from simulator.account import formats, gate
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import SIM, Sim
from simulator.world import Media

KEPT_S = 3 * 86_400


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of media."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/media/upload", upload),
            ("GET", "/cgi-bin/media/get", get),
            ("POST", "/cgi-bin/media/uploadimg", upload_picture),
            ("POST", "/cgi-bin/material/add_material", add_material),
            ("POST", "/cgi-bin/material/get_material", get_material),
            ("POST", "/cgi-bin/material/del_material", delete_material),
            ("GET", "/cgi-bin/material/get_materialcount", count_material),
        ],
    )
    app.router.add_get("/_sim/media/{media_id}", show)
    app.router.add_get("/mmbiz/{media_id}", show)


def store(
    sim: Sim, kind: str, filename: str, content_type: str, data: bytes, *, lasts: bool = False
) -> Media:
    """Store a file; temporary media expire after three days."""
    now = sim.clock.now()
    media = Media(
        id=random_id(64),
        kind=kind,
        filename=filename,
        content_type=content_type or "application/octet-stream",
        made_at=now,
        expires_at=None if lasts else now + KEPT_S,
        size=len(data),
    )
    sim.world.media[media.id] = media
    sim.files.put(media.id, data)
    return media


def live(sim: Sim, media_id: Any, *kinds: str) -> Media:
    """The media with that id, of one of the kinds; 40007 if unknown, expired or another kind."""
    media = sim.world.media.get(str(media_id))
    if media is None or (media.expires_at is not None and media.expires_at <= sim.clock.now()):
        raise WxError(40007)
    if kinds and media.kind not in kinds:
        raise WxError(40007, f"not of type {kinds[0]}")
    return media


def _permanent(call: Call) -> Media:
    """The permanent media that the body names; 40007 for temporary media too."""
    if not call.body.get("media_id"):
        raise WxError(41006)
    media = live(call.sim, call.body["media_id"])
    if media.expires_at is not None:
        raise WxError(40007)
    return media


async def read_upload(request: web.Request) -> tuple[str, bytes, dict[str, str]]:
    """The file name and bytes of the `media` part, and the other fields; 41005 without a file."""
    if not request.content_type.startswith("multipart/"):
        raise WxError(41005)
    found: tuple[str, bytes] | None = None
    fields: dict[str, str] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "media" and part.filename:
            found = part.filename, bytes(await part.read())
        elif part.name:
            fields[part.name] = await part.text()
    if found is None:
        raise WxError(41005)
    return *found, fields


def checked_type(kind: str, data: bytes, limit: int, too_large: int = 45001) -> str:
    """The content type of a file, checked against the kind it is uploaded as.

    Raises 41005 for an empty file, 45001 (40009 for articles' pictures) above the size limit,
    40005 if the content is of another type, 45007 for a voice message of over a minute.
    """
    if not data:
        raise WxError(41005)
    if len(data) > limit:
        raise WxError(too_large)
    found = formats.type_of(data)
    if found not in formats.TYPES[kind]:
        raise WxError(40005, f"a {kind} can't be {found or 'that'}")
    if kind == "voice" and formats.voice_seconds(data) > formats.VOICE_SECONDS_MAX:
        raise WxError(45007)
    return found


async def _uploaded(call: Call, *, lasts: bool) -> tuple[Media, dict[str, str]]:
    """The uploaded file, of the type in the query; 40004 for an unknown type."""
    kind = call.query.get("type", "")
    if kind not in formats.SIZES:
        raise WxError(40004)
    filename, data, fields = await read_upload(call.request)
    content_type = checked_type(kind, data, formats.SIZES[kind])
    return store(call.sim, kind, filename, content_type, data, lasts=lasts), fields


async def upload(call: Call) -> dict[str, Any]:
    """Upload temporary media."""
    media, _ = await _uploaded(call, lasts=False)
    name = "thumb_media_id" if media.kind == "thumb" else "media_id"
    return {"type": media.kind, name: media.id, "created_at": int(media.made_at)}


async def get(call: Call) -> Any:
    """The bytes of temporary media; for a video its download address."""
    if not call.query.get("media_id"):
        raise WxError(41006)
    media = live(call.sim, call.query["media_id"])
    if media.expires_at is None:
        raise WxError(40007)
    if media.kind == "video":
        return {"video_url": call.sim.own_url(f"/_sim/media/{media.id}")}
    return _file(call.sim, media, attachment=True)


def _file(sim: Sim, media: Media, *, attachment: bool) -> web.Response:
    data = sim.files.get(media.id)
    if data is None:
        raise WxError(40007)
    headers = {"X-Content-Type-Options": "nosniff"}
    if attachment:
        name = media.filename.replace('"', "").replace("\n", "")
        headers["Content-disposition"] = f'attachment; filename="{name}"'
    return web.Response(body=data, content_type=media.content_type, headers=headers)


async def show(request: web.Request) -> web.Response:
    """Serve a stored file to phones and articles."""
    sim = request.app[SIM]
    media = sim.world.media.get(request.match_info["media_id"])
    if media is None:
        raise web.HTTPNotFound
    return _file(sim, media, attachment=False)


async def upload_picture(call: Call) -> dict[str, Any]:
    """Store a picture for articles (jpg or png, up to 1 MB) permanently; gives its URL."""
    filename, data, _ = await read_upload(call.request)
    content_type = checked_type("picture", data, formats.MB, 40009)
    media = store(call.sim, "picture", filename, content_type, data, lasts=True)
    return {"url": call.sim.own_url(f"/mmbiz/{media.id}")}


# --- permanent material ------------------------------------------------------------------
async def add_material(call: Call) -> dict[str, Any]:
    """Add permanent media; a video also has a title and an introduction."""
    media, fields = await _uploaded(call, lasts=True)
    answer = {"media_id": media.id}
    if media.kind == "image":
        answer["url"] = call.sim.own_url(f"/mmbiz/{media.id}")
    if media.kind == "video":
        try:
            words = json.loads(fields.get("description") or "{}")
        except ValueError as error:
            raise WxError(47001) from error
        media.title = str(words.get("title", ""))
        media.description = str(words.get("introduction", ""))
    return answer


async def get_material(call: Call) -> Any:
    """The bytes of permanent media; for a video its title, introduction and download address."""
    media = _permanent(call)
    if media.kind == "video":
        return {
            "title": media.title,
            "description": media.description,
            "down_url": call.sim.own_url(f"/_sim/media/{media.id}"),
        }
    return _file(call.sim, media, attachment=True)


async def delete_material(call: Call) -> None:
    """Delete permanent media."""
    del call.sim.world.media[_permanent(call).id]


async def count_material(call: Call) -> dict[str, Any]:
    """The number of permanent media by type."""
    kept = [m.kind for m in call.sim.world.media.values() if m.expires_at is None]
    return {f"{kind}_count": kept.count(kind) for kind in ("voice", "video", "image")} | {
        "news_count": 0
    }
