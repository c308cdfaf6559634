"""Templates compiled once per worker: every application of a test makes an environment anew."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from kernel.web import templates


class InMemory(BytecodeCache):
    """Keeps what was compiled, by template and by a checksum of its source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What an earlier environment compiled; the bucket itself refuses another source's."""
        if found := self._kept.get(bucket.key):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next environment."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> Iterator[None]:
    """Half of a face test's time went into compiling the same templates again."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.partial(Environment, bytecode_cache=InMemory())
        patch.setattr(templates, "Environment", once)
        yield
