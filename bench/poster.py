"""Referral posters for 200 distributors: drawn without a cache, and read from the cache.

The limit is Pillow pasting ready bitmaps (background, card, name, code) and saving the JPEG.
Rounds of figure and limit alternate, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from domain.distribution.ports import PosterSpec  # noqa: E402
from gateways.pictures import text  # noqa: E402
from gateways.pictures.images import ImageStore  # noqa: E402
from gateways.pictures.poster import QR_BOX, PosterArtist, qr_bitmap  # noqa: E402
from gateways.pictures.poster_cache import PosterCache  # noqa: E402

PEOPLE = 200
ROUNDS = 5


def specs(picture_id: str, avatar_id: str) -> list[PosterSpec]:
    base = PosterSpec(
        kind="product",
        qr_text="",
        name="",
        brand="山泉坊",
        seller="山泉坊酒业有限公司",
        slogan="一泓山泉，一坛慢酿",
        title="山泉坊·陈酿52度 500ml",
        subtitle="浓香型白酒 · 粮食酿造",
        price_fen=29800,
        picture_id=picture_id,
        avatar_id=avatar_id,
        valid_until=date(2026, 3, 31),
    )
    return [
        replace(base, name=_name(n), qr_text=f"http://weixin.qq.com/q/02AbCdEfGh{n:010d}")
        for n in range(PEOPLE)
    ]


def _name(number: int) -> str:
    """A name of two or three out of 300 characters, which recur as often as in real names."""
    drawn = random.Random(number)
    return "".join(chr(0x4E00 + drawn.randrange(300)) for _ in range(drawn.choice((2, 3, 3))))


def limit_round(wanted: list[PosterSpec], ready: Image.Image) -> list[float]:
    """The times of pasting ready bitmaps and saving, without drawing."""
    name = text.ink("分销商小林", text.Style("sans", 32, 0.4)).mask
    code = qr_bitmap(wanted[0].qr_text, QR_BOX[2] - QR_BOX[0]).convert("RGB")
    avatar = Image.new("RGB", (100, 100), "#5B6B3A")
    disc = Image.new("L", (100, 100), 255)
    taken = []
    for _ in wanted:
        start = time.perf_counter()
        poster = ready.copy()
        poster.paste(avatar, (74, 1046), disc)
        poster.paste("#1F1A17", (194, 1060), name)
        poster.paste(code, (474, 976))
        poster.save(io.BytesIO(), "JPEG", quality=86, subsampling=0)
        taken.append(time.perf_counter() - start)
    return taken


def cold_round(wanted: list[PosterSpec], uploads: Path) -> list[float]:
    """The times of drawing with empty caches; the first poster also draws the shared layers."""
    text._ink.cache_clear()
    text.length.cache_clear()
    artist, taken = PosterArtist(uploads), []
    for spec in wanted:
        start = time.perf_counter()
        data = artist.draw(spec)
        taken.append(time.perf_counter() - start)
        assert data[:2] == b"\xff\xd8"
    return taken


async def cached_round(desk: PosterCache, wanted: list[PosterSpec]) -> list[float]:
    taken = []
    for spec in wanted:
        start = time.perf_counter()
        data = await desk.paint(spec)
        taken.append(time.perf_counter() - start)
        assert data[:2] == b"\xff\xd8"
    return taken


def measured(run: Callable[[], list[float]]) -> tuple[list[float], float]:
    """One round's times, and its CPU milliseconds per poster."""
    cpu = time.process_time()
    taken = run()
    return taken, (time.process_time() - cpu) * 1000 / len(taken)


def line(
    name: str, figure: list[tuple[list[float], float]], limit: list[tuple[list[float], float]]
) -> dict[str, object]:
    rates = [len(taken) / sum(taken) for taken, _ in figure]
    limits = [len(taken) / sum(taken) for taken, _ in limit]
    every = sorted(value * 1000 for taken, _ in figure for value in taken)
    median, bound = statistics.median(rates), statistics.median(limits)
    return {
        "bench": name,
        "figure": round(median, 1),
        "unit": "posters/s",
        "limit": round(bound, 1),
        "limit_is": "Pillow pasting ready bitmaps and saving the JPEG",
        "ratio": round(median / bound, 2),
        "p50_ms": round(every[len(every) // 2], 2),
        "p99_ms": round(every[int(len(every) * 0.99)], 2),
        "cpu_ms": round(statistics.median(cpu for _, cpu in figure), 2),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "runs": len(figure),
        "spread": round((max(rates) - min(rates)) / median, 2),
        "note": f"first of a product {max(figure[0][0]) * 1000:.0f} ms; load {os.getloadavg()[0]}",
    }


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    people, rounds = (6, 1) if quick else (PEOPLE, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        uploads, store = Path(folder) / "up", ImageStore(Path(folder) / "up")
        art = ROOT / "app" / "demo_assets"
        picture = store.save((art / "chenniang.jpg").read_bytes()).id
        avatar = store.save((art / "avatar_lin.jpg").read_bytes()).id
        wanted = specs(picture, avatar)[:people]
        desk = PosterCache(uploads, Path(folder) / "posters")
        ready = Image.open(io.BytesIO(PosterArtist(uploads).draw(wanted[0]))).convert("RGB")
        asyncio.run(cached_round(desk, wanted))
        cold, cached, limit = [], [], []
        for _ in range(rounds):
            cold.append(measured(lambda: cold_round(wanted, uploads)))
            limit.append(measured(lambda: limit_round(wanted, ready)))
            cached.append(measured(lambda: asyncio.run(cached_round(desk, wanted))))
        print(json.dumps(line("poster_cold", cold, limit), ensure_ascii=False))
        print(json.dumps(line("poster_cached", cached, limit), ensure_ascii=False))


if __name__ == "__main__":
    main()
