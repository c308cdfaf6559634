"""The required packages and folders exist, and the shop uses them."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.arch.source import ROOT, modules

PACKAGES = {
    "wechatpy": "wechatpy", "aiohttp": "aiohttp", "jinja2": "Jinja2", "peewee": "peewee",
    "redis": "redis", "cryptography": "cryptography",
}  # fmt: skip
PLACES = (
    "bot/", "bot/handlers/", "mall_h5/", "templates/", "models.py", "config.yaml",
    "pyproject.toml", "tests/",
)  # fmt: skip


def _required(text: str) -> str:
    return re.split(r"[\[<>=~; ]", text, maxsplit=1)[0].lower()


@pytest.mark.source
@pytest.mark.row("D6")
def test_each_required_package_is_declared_and_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {_required(each) for each in project["dependencies"]}
    assert required >= {name.lower() for name in PACKAGES.values()}
    rooms = ("kernel", "schema", "domain", "gateways", "admin", "bot", "mall_h5", "app")
    imported = {name.split(".")[0] for room in rooms for m in modules(room) for name in m.imports}
    assert imported >= set(PACKAGES)
    assert "pytest-aiohttp" in {_required(x) for x in project["optional-dependencies"]["dev"]}


@pytest.mark.row("D6")
@pytest.mark.parametrize("place", PLACES)
def test_each_required_place_has_content(place: str) -> None:
    path = ROOT / place
    found = list(path.glob("*.py")) or list(path.rglob("*.html")) if path.is_dir() else [path]
    assert sum(each.stat().st_size for each in found) > 500
