"""The ports that distribution needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class PosterSpec:
    """Everything that a referral poster (推广海报) shows; equal specs give the same picture.

    ``qr_text`` is the short link or the text of a WeChat scene QR code; a temporary code needs
    ``valid_until``, its last day. Picture ids are those of the picture store.
    """

    kind: Literal["brand", "product"]
    qr_text: str
    name: str
    brand: str
    seller: str
    slogan: str = ""
    title: str = ""
    subtitle: str = ""
    price_fen: int | None = None
    price_suffix: str = ""
    picture_id: str | None = None
    avatar_id: str | None = None
    logo_id: str | None = None
    valid_until: date | None = None
    liquor: bool = True
    background: str = "paper"


class PosterPainter(Protocol):
    """Draws posters."""

    def content_key(self, spec: PosterSpec) -> str:
        """The key of the poster's content; equal keys mean equal pictures."""
        ...

    async def paint(self, spec: PosterSpec) -> bytes:
        """The poster as JPEG, drawn in a thread or read from an earlier drawing."""
        ...


@dataclass(frozen=True)
class SceneCode:
    """A QR code with a scene (带参二维码). ``expires_at`` is None for a permanent one.

    ``url`` is the code's text; drawn here it gives the same code as WeChat's picture.
    """

    scene: str
    ticket: str
    url: str
    image_url: str
    expires_at: datetime | None


class SceneQr(Protocol):
    """Makes QR codes whose scan reports the scene."""

    async def temporary(self, scene: str, days: int = 30) -> SceneCode:
        """A code valid for up to 30 days."""

    async def permanent(self, scene: str) -> SceneCode:
        """A code without an end; an account has 100,000 of them in all."""


class PosterFiles(Protocol):
    """A cache of drawn posters (海报缓存) by their key; a lost one is drawn again."""

    def get(self, key: str) -> bytes | None:
        """The poster, or None."""

    def put(self, key: str, data: bytes) -> None:
        """Store a poster."""


class Uploaded(Protocol):
    """A picture uploaded to WeChat, usable until it expires."""

    @property
    def media_id(self) -> str:
        """WeChat's media id."""

    @property
    def expires_at(self) -> datetime:
        """The instant until which the id may be used."""


class ImageUploader(Protocol):
    """Uploads a picture for messages; implemented by the messenger of push."""

    async def upload_image(self, data: bytes, filename: str) -> Uploaded:
        """Upload a picture as temporary material (临时素材)."""
