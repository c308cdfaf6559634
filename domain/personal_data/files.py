"""A member's own data as a file: a zip with JSON and a page that people read (个人信息副本)."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain import rights
from domain.personal_data.portrait import as_json
from domain.personal_data.ports import Files, Pages
from kernel.store import Store

JSON_NAME = "data.json"


async def make_file(store: Store, files: Files, pages: Pages, request_no: str) -> bool:
    """Make the file of an access request; False if nobody waits for it any more."""
    request = await store.read(rights.request_detail, request_no)
    if request.state != "open" or request.kind != "access":
        return False
    data, raw = await store.report(as_json, request.member_id)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        write_zip(whole, raw, pages.files(data))
        size = whole.stat().st_size
        name = await files.take_in(whole)
    return await store.write(rights.record_file, request_no, name, size)


def write_zip(whole: Path, raw: bytes, files: Mapping[str, str]) -> None:
    """Write the zip: the data for programs, and the page for people."""
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(JSON_NAME, raw)
        for name, text in files.items():
            made.writestr(name, text.encode())


def read_zip(whole: Path) -> dict[str, Any]:
    """The data of a file that was made."""
    with zipfile.ZipFile(whole) as made:
        found: dict[str, Any] = json.loads(made.read(JSON_NAME))
    return found
