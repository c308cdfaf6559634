"""A face's sections have the same names in its code, its templates and its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arch.source import ROOT

# face → the folders of its templates and tests; folders there that are no sections
FACES = {
    "mall_h5": ("templates/h5", "tests/face/mall"),
    "admin": ("templates/admin", "tests/face/admin"),
}
NO_SECTIONS = {"macros", "__pycache__"}


def rooms(folder: Path) -> set[str]:
    """The names of the folders in a folder."""
    return {path.name for path in folder.iterdir() if path.is_dir()} - NO_SECTIONS


@pytest.mark.parametrize("face", FACES)
def test_a_section_has_the_same_name_everywhere(face: str) -> None:
    templates, tests = (rooms(ROOT / path) for path in FACES[face])
    code = rooms(ROOT / face)
    assert len(code) > 1
    assert code - templates == set()
    files = {path.stem for path in (ROOT / face).glob("*.py")}  # a section of one file
    assert (templates | tests) - code - files == set()
