"""The design system's limits hold: page weight, contrast, no inline script or style."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted(
    path
    for face in ("h5", "admin", "shared")
    for path in (ROOT / "templates" / face).rglob("*.html")
)
ASSET = re.compile(r"asset\('([^']+)'\)")


def gz(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def weight(template: str, suffix: str) -> int:
    """The bytes that a page of this face loads before its own content."""
    names = set(ASSET.findall((ROOT / "templates" / template).read_text(encoding="utf-8")))
    found = [STATIC / name for name in names if name.endswith(suffix)]
    assert found, f"{template} loads no {suffix}"
    return sum(gz(path) for path in found)


def luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@cache
def tokens(sheet: str, look: str) -> dict[str, str]:
    """A stylesheet's colours: the light ones, or the dark ones laid over them."""
    text = (STATIC / "css" / sheet).read_text(encoding="utf-8")
    light, dark = text.split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6})\b", light))
    if look == "dark":
        dark = dark[: dark.index("\n}\n")]
        found |= dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6})\b", dark))
    return found


TEXT_PAIRS = [
    *((ink, ground) for ink in ("--ink", "--ink-2", "--ink-3", "--price", "--brand", "--link")
      for ground in ("--paper", "--card")),
    ("--ink-2", "--sunk"), ("--ink-3", "--sunk"), ("--on-brand", "--brand"),
    ("--on-brand", "--brand-deep"), ("--ok", "--ok-wash"), ("--warn", "--warn-wash"),
    ("--brand", "--brand-wash"), ("--price", "--brand-wash"), ("--gold-ink", "--gold-wash"),
    ("--gold-ink", "--card"), ("--ok", "--card"), ("--warn", "--card"),
]  # fmt: skip


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("sheet", ["mall.css", "admin.css"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_has_enough_contrast(sheet: str, look: str, ink: str, ground: str) -> None:
    found = tokens(sheet, look)
    assert contrast(found[ink], found[ground]) >= 4.5


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("sheet", ["mall.css", "admin.css"])
def test_edges_of_controls_have_enough_contrast(sheet: str, look: str) -> None:
    found = tokens(sheet, look)
    assert contrast(found["--edge"], found["--card"]) >= 3


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#9e1b1e", "#ffffff") == pytest.approx(7.99, abs=0.01)


def test_the_mall_stays_within_its_budget() -> None:
    assert weight("h5/_head.html", ".css") <= 36_000
    assert weight("h5/_head.html", ".js") <= 30_000
    assert gz(STATIC / "img" / "icons.svg") <= 4_000


def test_the_desk_stays_within_its_budget() -> None:
    charts = STATIC / "vendor" / "uplot@1.6.32"
    own = weight("admin/base.html", ".css") + weight("admin/base.html", ".js")
    assert own + gz(charts / "uPlot.iife.min.js") + gz(charts / "uPlot.min.css") <= 120_000


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_have_nothing_that_the_csp_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tags = re.findall(r"<[a-zA-Z][^>]*>", re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL))
    assert [tag for tag in tags if _is_forbidden(tag)] == []


def _is_forbidden(tag: str) -> bool:
    is_inline = tag.startswith("<script") and not (
        " src=" in tag or 'type="application/json"' in tag
    )
    return (
        is_inline
        or tag.startswith("<style")
        or "user-scalable=no" in tag
        or re.search(r"\s(style|on[a-z]+)=", tag) is not None
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_loop_condition_uses_the_loop_variable(path: Path) -> None:
    """``{% for x in xs if loop.first %}`` has no ``loop`` yet and fails for some rows."""
    parsed = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    conditions = [each.test for each in parsed.find_all(nodes.For) if each.test is not None]
    used = {name.name for each in conditions for name in _names(each)}
    assert "loop" not in used


def _names(expression: nodes.Expr) -> list[nodes.Name]:
    own = [expression] if isinstance(expression, nodes.Name) else []
    return [*own, *expression.find_all(nodes.Name)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_template_builds_a_list(path: Path) -> None:
    """Lists are built in Python, where types and tests check them."""
    assert ".append(" not in path.read_text(encoding="utf-8")


@cache
def drawn_icons() -> set[str]:
    sprite = (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")
    return set(re.findall(r'<symbol id="([\w-]+)"', sprite))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_icons_and_assets_named_in_templates_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [name for name in ASSET.findall(text) if not (STATIC / name).is_file()]
    missing += sorted(set(re.findall(r'\bicon\("([\w-]+)"', text)) - drawn_icons())
    assert missing == []


def test_no_web_fonts_and_no_foreign_addresses_in_own_styles() -> None:
    sheets = sorted((STATIC / "css").glob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert "@font-face" not in text
        assert "@import" not in text
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", text)


def test_vendored_files_are_the_pinned_ones() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "vendor.py"), "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
