"""Product pictures as tables, queries and templates use them: ids and sizes, without pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UPLOAD_BYTES = 20 * 1024 * 1024
"""The largest upload of one picture; a phone's photo of 50 million pixels has 8 to 15 MB."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A stored picture; ``width`` and ``height`` are those of its largest version.

    ``is_cut``: the uploaded file was truncated; the uploader is asked to check the picture.
    """

    id: str
    width: int
    height: int
    color: str
    widths: tuple[int, ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Redrawn:
    """An upload re-encoded as JPEG; ``is_cut`` as for a stored picture."""

    jpeg: bytes
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class PictureView:
    """The attributes of one ``<picture>`` with its ``<img>``."""

    src: str
    srcset_webp: str
    srcset_jpeg: str
    width: int
    height: int
    alt: str
    color: str

    @property
    def largest(self) -> str:
        """The address of the widest version as JPEG, for a look at full size."""
        return self.srcset_jpeg.rsplit(", ", 1)[-1].split(" ")[0]


def picture_path(picture_id: str, width: int, ext: str) -> str:
    """The path of one version of a picture, below the uploads folder and below its URL."""
    return f"{picture_id[:2]}/{picture_id}-{width}.{ext}"


def variants(  # noqa: PLR0913, RUF100 - the columns of a picture row, as a query has them
    id: str,  # noqa: A002 - the name of the column
    width: int,
    height: int,
    color: str,
    widths: Sequence[int],
    base_url: str,
    *,
    alt: str = "",
) -> PictureView:
    """A picture's view with all its widths; ``src`` is the second smallest."""
    base = base_url.rstrip("/")
    sizes = sorted(widths)

    def srcset(ext: str) -> str:
        return ", ".join(f"{base}/{picture_path(id, each, ext)} {each}w" for each in sizes)

    middle = sizes[min(1, len(sizes) - 1)]
    return PictureView(
        src=f"{base}/{picture_path(id, middle, 'jpg')}",
        srcset_webp=srcset("webp"),
        srcset_jpeg=srcset("jpg"),
        width=width,
        height=height,
        alt=alt,
        color=color,
    )
