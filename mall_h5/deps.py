"""The mall's ports and flows, put together by ``app``; the store and the rest are app keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from domain.adults import IdentityCheckPort
from domain.catalog.ports import PictureStore
from domain.exports.ports import ExportFiles
from domain.members.ports import PagePort
from domain.payments.ports import PayPort
from domain.payouts import PayoutTerms
from domain.payouts.ports import DocumentFiles

# (member_id, product_id or None) → the JPEG of a distributor's poster
PosterPicture = Callable[[int, int | None], Awaitable[bytes]]


@dataclass(frozen=True)
class MallDeps:
    """Ports and flows of the mall's pages."""

    pay: PayPort
    pages: PagePort
    pictures: PictureStore
    poster: PosterPicture
    uploads: Path
    documents: DocumentFiles
    own_files: ExportFiles
    payout_terms: PayoutTerms
    identity: IdentityCheckPort | None = None


DEPS: web.AppKey[MallDeps] = web.AppKey("mall_deps", MallDeps)
