"""Rich details of the demo shop (图文详情): the first products have one."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from PIL import Image

from app.runtime import Runtime
from domain import catalog
from kernel.pictures import StoredPicture

ASSETS = Path(__file__).parent / "demo_assets"
STORIES = {
    "山泉坊·陈酿": (
        "<h2>从山泉到陶坛</h2>"
        "<p>水取自厂后山的泉眼，粮是高粱和小麦。<b>每年只酿一季</b>，入窖、蒸馏、入坛，都由人看着火候。</p>"
        "{0}"
        "<h3>喝之前</h3>"
        "<ul><li>瓶身直立，避光放置</li><li>开瓶后醒十分钟</li><li>小杯慢饮，饮酒不开车</li></ul>"
        "<h2>两种装法</h2>"
        "<table><tbody><tr><th>装法</th><th>适合</th></tr>"
        "<tr><td>500ml 单瓶</td><td>家里存一瓶，来客开</td></tr>"
        "<tr><td>500ml×6 整箱</td><td>宴席，或分给几家人</td></tr></tbody></table>"
        "{1}"
        "<p>酒体清亮，入口绵柔，余味有熟果与谷物香。过量饮酒有害健康，未满 18 周岁请勿饮酒。</p>",
        ("chenniang", "tasting"),
        ("山泉坊陈酿，500 毫升单瓶", "三款小瓶酒摆在木托上"),
    ),
    "山泉坊·坛藏": (
        "<h2>一坛一号</h2><p>每坛单独编号，坛口泥封，写着封坛的日期。</p>{0}"
        "<ol><li>敲开泥封，取下木盖</li><li>用酒提舀出，盖好木盖</li><li>余酒避光，尽快饮完</li></ol>",
        ("tancang",),
        ("山泉坊坛藏，一公升陶坛",),
    ),
}
"""Titles of products: HTML with places for pictures, the pictures, and what they show."""


async def add_stories(runtime: Runtime) -> None:
    """Write the details by the verbs that the editor uses."""
    for title, (html, names, alts) in STORIES.items():
        found = await runtime.store.read(catalog.search, title.split("·")[1], 1)
        shown = []
        for name, alt in zip(names, alts, strict=True):
            stored = await asyncio.to_thread(_wide, runtime, name)
            ref = await runtime.store.write(catalog.keep_story_picture, stored)
            shown.append(f'<p><img src="{ref.id}" alt="{alt}"></p>')
        await runtime.store.write(catalog.save_story, found[0].id, html.format(*shown))


def _wide(runtime: Runtime, name: str) -> StoredPicture:
    """A picture in the shape of a detail: wider than high, from the middle of the first."""
    with Image.open(ASSETS / f"{name}.jpg") as whole:
        side, height = whole.width, min(whole.height, whole.width * 2 // 3)
        top = (whole.height - height) // 2
        part = whole.crop((0, top, side, top + height))
    held = io.BytesIO()
    part.save(held, "JPEG", quality=86)
    return runtime.pictures.save(held.getvalue())
