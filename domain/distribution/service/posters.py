"""Data of posters: content, scene, file key and upload (海报)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain import catalog, members
from domain.distribution.ports import PosterSpec, SceneCode
from domain.distribution.service.admission import distributor_or_raise
from domain.distribution.service.naming import public_names
from kernel import clock, ids
from kernel.errors import Forbidden, NotFound
from kernel.store import insert_once
from models import Picture, Poster, Product, ProductPicture, Scene

RENEW_AFTER = timedelta(days=20)  # a temporary code is valid for 30 days; a print keeps ten
SCENE_DAYS = 30
MEDIA_MARGIN = timedelta(hours=12)  # WeChat keeps an upload three days; it is used for sixty hours
Carrier = Literal["scan", "link"]


@dataclass(frozen=True)
class PosterTerms:
    """What all posters of the shop share; ``public_url`` is the base of the short links."""

    brand: str
    seller: str
    public_url: str
    slogan: str = ""
    background: str = "paper"
    price_suffix: str = ""


@dataclass(frozen=True)
class SceneNeed:
    """A valid scene of a poster, or the name for a new one (``url`` is None)."""

    scene: str
    url: str | None
    expires_at: datetime | None


@dataclass(frozen=True)
class PosterReady:
    """A drawn poster: its key, its picture, and its upload while that is valid."""

    poster_id: int
    content_key: str
    data: bytes
    media_id: str | None
    expires_at: datetime | None


def short_link(public_url: str, referral_code: str, product_id: int | None = None) -> str:
    """A distributor's link, which does not expire (推广链接)."""
    tail = f"?p={product_id}" if product_id is not None else ""
    return f"{public_url}/m/l/{referral_code}{tail}"


def poster_link(member_id: int, public_url: str, product_id: int | None = None) -> str:
    """The link in the code of an active distributor's poster. Raises Forbidden('not_active')."""
    link = short_link(public_url, _active_code(member_id), product_id)
    return f"{link}{'&' if '?' in link else '?'}s=poster"


def scene_or_need(member_id: int, product_id: int | None) -> SceneNeed:
    """The newest scene of a distributor (and product); a new one is needed after 20 days."""
    _active_code(member_id)
    same = (Scene.kind == "referral") & (Scene.member == member_id)
    same &= Scene.product.is_null() if product_id is None else Scene.product == product_id
    row = Scene.select().where(same).order_by(Scene.id.desc()).first()
    if row is not None and row.url and clock.now() < row.created_at + RENEW_AFTER:
        return SceneNeed(row.scene, row.url, row.expires_at)
    return SceneNeed(f"d{ids.random_code(14)}", None, None)


def save_scene(member_id: int, product_id: int | None, code: SceneCode) -> None:
    """Record a code's meaning, which stays after the code was replaced."""
    insert_once(
        Scene, scene=code.scene, kind="referral", member=member_id, product=product_id,
        ticket=code.ticket[:200], url=code.url[:200], created_at=clock.now(),
        expires_at=code.expires_at,
    )  # fmt: skip


def poster_spec(
    member_id: int,
    product_id: int | None,
    qr_text: str,
    until: datetime | None,
    terms: PosterTerms,
) -> PosterSpec:
    """The content of a poster as it is now. Raises NotFound for a product off the shelf."""
    row, who = distributor_or_raise(member_id), members.member_detail(member_id)
    avatar = who.avatar if who.avatar and _has_picture(who.avatar) else None
    product = None if product_id is None else Product.get_or_none(Product.id == product_id)
    if product_id is not None and (product is None or product.state != "on_shelf"):
        raise NotFound("product_missing")
    return PosterSpec(
        kind="brand" if product is None else "product",
        qr_text=qr_text,
        name=public_names({member_id: row})[member_id],
        brand=terms.brand,
        seller=terms.seller,
        slogan=terms.slogan,
        title=product.title if product else "",
        subtitle=product.subtitle if product else "",
        price_fen=product.from_price_fen if product else None,
        price_suffix=terms.price_suffix if product and _has_prices(product_id) else "",
        picture_id=_cover(product_id),
        avatar_id=avatar,
        valid_until=clock.business_day(until) if until else None,
        liquor=product.is_liquor if product else True,
        background=terms.background,
    )


def save_poster(
    content_key: str, member_id: int, product_id: int | None, scene: str | None,
    expires_at: datetime | None,
) -> tuple[int, str | None]:  # fmt: skip
    """Add the poster's row once for each content; returns its id and its valid upload."""
    row = Poster.get_or_none(Poster.content_key == content_key)
    if row is None:
        scene_row = Scene.get_or_none(Scene.scene == scene) if scene else None
        insert_once(
            Poster, content_key=content_key, member=member_id, product=product_id,
            scene=scene_row, file=f"{content_key}.jpg", created_at=clock.now(),
            expires_at=expires_at,
        )  # fmt: skip
        row = Poster.get(Poster.content_key == content_key)
    is_good = row.media_until_at is not None and clock.now() < row.media_until_at
    return int(row.id), row.media_id if is_good else None


def save_poster_media(poster_id: int, media_id: str, expires_at: datetime) -> None:
    """Record an upload, to be used until twelve hours before WeChat deletes it."""
    Poster.update(media_id=media_id, media_until_at=expires_at - MEDIA_MARGIN).where(
        Poster.id == poster_id
    ).execute()


def _active_code(member_id: int) -> str:
    row = distributor_or_raise(member_id)
    if row.state != "active":
        raise Forbidden("not_active", state=row.state)
    return str(row.referral_code)


def _cover(product_id: int | None) -> str | None:
    if product_id is None:
        return None
    first = (
        ProductPicture.select(ProductPicture.picture)
        .where(ProductPicture.product == product_id)
        .order_by(ProductPicture.position, ProductPicture.id)
        .first()
    )
    return None if first is None else str(Picture.get_by_id(first.picture_id).digest)


def _has_prices(product_id: int | None) -> bool:
    """Whether a product's specifications differ in price."""
    found = catalog.priced_skus([product_id]) if product_id is not None else []
    return len({sku.price_fen for sku in found}) > 1


def _has_picture(digest: str) -> bool:
    return bool(Picture.select().where(Picture.digest == digest).exists())
