"""Compiles templates once per worker, although every application makes its own environment."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from kernel.web import templates


class InMemory(BytecodeCache):
    """Keeps compiled templates by name and a checksum of their source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load what an earlier environment compiled from the same source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template for the next environment."""
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> Iterator[None]:
    """Share compiled templates; otherwise compiling takes half the time of a face test."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.partial(Environment, bytecode_cache=InMemory())
        patch.setattr(templates, "Environment", once)
        yield
