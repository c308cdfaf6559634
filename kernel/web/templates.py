"""Jinja2 for all faces: one environment, hashed asset URLs, filters for money and time."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kernel import clock
from kernel.config import Config
from kernel.ids import nonce
from kernel.money import yuan, yuan_grouped
from kernel.pictures import PictureView, variants
from kernel.text import isolated
from kernel.web.parts import form_part, part

ROOT = Path(__file__).resolve().parents[2]


class Renderer:
    """Renders templates with the shared filters and globals."""

    def __init__(self, config: Config, root: Path = ROOT) -> None:
        self._static = root / "static"
        self._hashes: dict[str, tuple[float, str]] = {}
        self._reload = config.environment == "demo"
        self.config = config
        self.env = Environment(
            loader=FileSystemLoader(root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=self._reload,
        )
        self.env.filters.update(
            yuan=yuan,
            money=yuan_grouped,
            when=when,
            day=day,
            ago=ago,
            clock=clock_time,
            json_script=json_script,
            yuan_whole=yuan_whole,
            pic=picture_view,
        )
        self.env.globals.update(asset=self.asset, site=config.site, new_idem=lambda: nonce(26))
        self.env.globals.update(part=part, form_part=form_part)
        self.env.globals["environment"] = config.environment

    def asset(self, path: str) -> str:
        """The URL of a file below static/ with a hash of its content, so that it is cacheable."""
        known = self._hashes.get(path)
        if known is not None and not self._reload:
            return f"/static/{path}?v={known[1]}"
        file = self._static / path
        changed = file.stat().st_mtime
        if known is None or known[0] != changed:
            known = (changed, hashlib.sha256(file.read_bytes()).hexdigest()[:10])
            self._hashes[path] = known
        return f"/static/{path}?v={known[1]}"

    def text(self, template: str, **context: Any) -> str:
        """Render a template to text."""
        return self.env.get_template(template).render(**context)


def shown(value: Any) -> Any:
    """A value as templates print it; right-to-left text is isolated (``kernel.text``)."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return isolated(value)
    return value


def when(instant: datetime | None) -> str:
    """An instant in Shanghai: 2026-11-22 19:05."""
    return instant.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if instant else ""


def day(instant: datetime | None) -> str:
    """The day of an instant in Shanghai: 2026-11-22."""
    return instant.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d") if instant else ""


def clock_time(instant: datetime) -> str:
    """The time of day in Shanghai: 19:05."""
    return instant.astimezone(clock.SHANGHAI).strftime("%H:%M")


def ago(instant: datetime) -> str:
    """How long ago, in Chinese: 3 小时前."""
    seconds = int((clock.now() - instant).total_seconds())
    for size, unit in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{seconds // size} {unit}前"
    return "刚刚"


def yuan_whole(fen: int) -> str:
    """Fen as yuan, without decimals if they are zero: 29800 → '298', 29850 → '298.50'."""
    text = yuan(fen)
    return text.removesuffix(".00")


def picture_view(ref: Any, alt: str = "") -> PictureView | None:
    """The view of a stored picture for ``<picture>``; None for None."""
    if ref is None:
        return None
    return variants(
        ref.id, ref.width, ref.height, ref.color, ref.widths, "/uploads", alt=ref.alt or alt
    )


def json_script(value: Any) -> Markup:
    """A value as JSON, escaped for ``<script type="application/json">``."""
    text = json.dumps(value, ensure_ascii=False)
    for bad, good in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")):
        text = text.replace(bad, good)
    return Markup(text)  # noqa: S704 - escaped above
