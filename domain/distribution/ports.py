"""What distribution needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class PosterSpec:
    """Everything that a referral poster (推广海报) shows; equal specs give the same picture.

    ``qr_text`` is our short link or the text of a WeChat scene QR code; a temporary scene code
    needs ``valid_until``, its last day. Picture ids are those of the picture store.
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
    """Draws posters, each only once."""

    def content_key(self, spec: PosterSpec) -> str:
        """The same key means the same picture, byte for byte as a person sees it."""
        ...

    async def paint(self, spec: PosterSpec) -> bytes:
        """The poster as JPEG: drawn in a thread, or found because it was drawn before."""
        ...


@dataclass(frozen=True)
class SceneCode:
    """A QR code with a scene (带参二维码). ``expires_at`` is None for a permanent one.

    ``url`` is what the code says: drawn by ourselves it is the same code as WeChat's picture.
    """

    scene: str
    ticket: str
    url: str
    image_url: str
    expires_at: datetime | None


class SceneQr(Protocol):
    """Makes QR codes whose scan tells us the scene."""

    async def temporary(self, scene: str, days: int = 30) -> SceneCode:
        """A code for up to 30 days."""

    async def permanent(self, scene: str) -> SceneCode:
        """A code for ever: one of 100,000 of the account, so a counted pool."""


class PosterFiles(Protocol):
    """Keeps drawn posters (海报缓存) by their key; any of them may be lost and is drawn again."""

    def get(self, key: str) -> bytes | None:
        """The poster, if it is still here."""

    def put(self, key: str, data: bytes) -> None:
        """Keep a poster."""


class Uploaded(Protocol):
    """A picture at WeChat, usable until it expires."""

    @property
    def media_id(self) -> str:
        """WeChat's id of it."""

    @property
    def expires_at(self) -> datetime:
        """Until when the id may be used."""


class ImageUploader(Protocol):
    """Uploads a picture for messages; the messenger of push does."""

    async def upload_image(self, data: bytes, filename: str) -> Uploaded:
        """Upload a picture (临时素材)."""
