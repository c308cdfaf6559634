"""Fetches the pinned front-end files into static/vendor/, or checks the existing copies.

`python scripts/vendor.py` downloads each package with the ordinary `npm pack` client, compares the
tarball with the hash pinned here, and copies only the listed files with the licence.
`python scripts/vendor.py --check` needs no network: it compares what is committed with the pins.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    """An npm package: name, version, the tarball's SHA-256, and the files to copy with theirs."""

    name: str
    version: str
    sha256: str
    files: dict[str, str]

    @property
    def folder(self) -> Path:
        return VENDOR / f"{self.name}@{self.version}"


PACKAGES = (
    Package(
        "weui",
        "2.6.26",
        "f88a8f1d22ceb94e802bf423bd477a4a0cfad4cf9d70a77eedbc3cb17511b435",
        {
            "dist/style/weui.min.css": (
                "d162d07343b00e7e13e24e2ce919a19e90ed3727831c85befd4c0f2313f2b482"
            ),
            "LICENSE.txt": ("1725719c248e2c80941f92c0681fc8177ce32e3fe33224f0ee3f9b9ea4424d43"),
        },
    ),
    Package(
        "htmx.org",
        "2.0.11",
        "165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e",
        {
            "dist/htmx.min.js": (
                "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
            ),
            "LICENSE": ("d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38"),
        },
    ),
    Package(
        "uplot",
        "1.6.32",
        "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d",
        {
            "dist/uPlot.iife.min.js": (
                "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
            ),
            "dist/uPlot.min.css": (
                "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"
            ),
            "LICENSE": ("8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
        },
    ),
)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fetch(package: Package, workdir: Path) -> bytes:
    """Download the tarball of the pinned version. Raises SystemExit if its hash differs."""
    pin = f"{package.name}@{package.version}"
    result = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(workdir), pin],
        check=True,
        capture_output=True,
        text=True,
    )
    data = (workdir / result.stdout.strip().splitlines()[-1]).read_bytes()
    if sha256(data) != package.sha256:
        raise SystemExit(f"{pin}: the tarball is not the one that was reviewed: {sha256(data)}")
    return data


def unpack(package: Package, workdir: Path) -> None:
    """Copy the listed files into the package's folder. Raises SystemExit if a hash differs."""
    (workdir / "package.tgz").write_bytes(fetch(package, workdir))
    package.folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(workdir / "package.tgz") as tar:
        for path, expected in package.files.items():
            member = tar.extractfile(f"package/{path}")
            if member is None:
                raise SystemExit(f"{package.name}: {path} is not a file in the tarball")
            data = member.read()
            if sha256(data) != expected:
                raise SystemExit(f"{package.name}: {path} has another hash: {sha256(data)}")
            (package.folder / Path(path).name).write_bytes(data)


def problems() -> list[str]:
    """The differences between the committed copies and the pins."""
    found = []
    known = {package.folder for package in PACKAGES}
    for package in PACKAGES:
        for path, expected in package.files.items():
            copy = package.folder / Path(path).name
            if not copy.is_file():
                found.append(f"{copy.relative_to(VENDOR)} is missing")
            elif sha256(copy.read_bytes()) != expected:
                found.append(f"{copy.relative_to(VENDOR)} was changed by hand")
    found += [
        f"{extra.name} is not pinned here"
        for extra in sorted(VENDOR.glob("*"))
        if extra.is_dir() and extra not in known
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the copies, fetch nothing")
    if not parser.parse_args().check:
        for package in PACKAGES:
            with tempfile.TemporaryDirectory() as workdir:
                unpack(package, Path(workdir))
    found = problems()
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
