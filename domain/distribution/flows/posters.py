"""From a request for a poster to its picture; equal posters are drawn once (海报流程)."""

from __future__ import annotations

import asyncio
from datetime import datetime

from domain import catalog
from domain.distribution.ports import ImageUploader, PosterFiles, PosterPainter, SceneQr
from domain.distribution.service import posters
from domain.distribution.service.posters import Carrier, PosterReady, PosterTerms
from kernel.store import Store


async def poster_for(
    store: Store,
    painter: PosterPainter,
    scene_qr: SceneQr,
    files: PosterFiles,
    member_id: int,
    product_id: int | None = None,
    *,
    terms: PosterTerms,
    carrier: Carrier = "scan",
) -> PosterReady:
    """The referral poster of an active distributor; it is drawn only if its content is new.

    Without a product it shows the best-selling one; a shop without products shows its name.
    ``scan`` shows a temporary QR code of the account and its last day; after 20 days a new code is
    made. ``link`` shows the distributor's short link, which does not expire.
    """
    product_id = product_id or await store.read(catalog.best_seller)
    scene, until = None, None
    if carrier == "link":
        text = await store.read(posters.poster_link, member_id, terms.public_url, product_id)
    else:
        scene, text, until = await _valid_scene(store, scene_qr, member_id, product_id)
    spec = await store.read(posters.poster_spec, member_id, product_id, text, until, terms)
    key = painter.content_key(spec)
    data = await asyncio.to_thread(files.get, key)
    if data is None:
        data = await painter.paint(spec)
        await asyncio.to_thread(files.put, key, data)
    row = await store.write(posters.save_poster, key, member_id, product_id, scene, until)
    return PosterReady(row[0], key, data, row[1], until)


async def _valid_scene(
    store: Store, scene_qr: SceneQr, member_id: int, product_id: int | None
) -> tuple[str, str, datetime | None]:
    """The scene, text and end of a valid code; WeChat makes one if there is none young enough."""
    need = await store.read(posters.scene_or_need, member_id, product_id)
    if need.url is not None:
        return need.scene, need.url, need.expires_at
    code = await scene_qr.temporary(need.scene, days=posters.SCENE_DAYS)
    await store.write(posters.save_scene, member_id, product_id, code)
    return code.scene, code.url, code.expires_at


async def media_for(store: Store, uploader: ImageUploader, poster: PosterReady) -> str:
    """WeChat's media id of a poster for a chat message; it is uploaded once in sixty hours."""
    if poster.media_id is not None:
        return poster.media_id
    uploaded = await uploader.upload_image(poster.data, f"{poster.content_key[:16]}.jpg")
    await store.write(
        posters.save_poster_media, poster.poster_id, uploaded.media_id, uploaded.expires_at
    )
    return uploaded.media_id
