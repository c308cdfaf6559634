"""Compiles templates once for all runs, although every application makes its own environment.

They are kept below ``.pytest_cache``, by name and source, until the code of the environment or
Jinja changes.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
from collections.abc import Iterator
from types import CodeType

import jinja2
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket, bc_magic

from kernel.web import templates
from tests.harness.kept import folder_for, keep


class Kept(BytecodeCache):
    """Keeps compiled templates by name and a checksum of their source."""

    def __init__(self) -> None:
        environment = templates.ROOT / "kernel" / "web" / "templates.py"
        made_by = (jinja2.__version__.encode(), bc_magic, environment.read_bytes())
        self._folder = folder_for("templates", *made_by)
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load what an earlier environment compiled from the same source."""
        name = (bucket.key, bucket.checksum)
        if name not in self._known and (file := self._folder / _file_of(bucket)).exists():
            self._known[name] = marshal.loads(file.read_bytes())
        bucket.code = self._known.get(name)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template for the next environment."""
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code
        keep(self._folder / _file_of(bucket), marshal.dumps(bucket.code))


def _file_of(bucket: Bucket) -> str:
    return hashlib.sha256(f"{bucket.key} {bucket.checksum}".encode()).hexdigest()


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> Iterator[None]:
    """Share compiled templates; otherwise compiling takes half the time of a face test."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.partial(Environment, bytecode_cache=Kept())
        patch.setattr(templates, "Environment", once)
        yield
