"""Forms whose schema is built at first use: a broken one is found here, not by a merchant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import app.wiring  # noqa: F401 - imports every domain


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


DEFERRED = sorted(
    {
        each
        for each in _below(BaseModel)
        if each.model_config.get("defer_build")
        and each.__module__.split(".")[0] in {"domain", "kernel"}
    },
    key=lambda kind: (kind.__module__, kind.__qualname__),
)


def test_settings_configuration_and_rules_are_deferred() -> None:
    modules = {each.__module__ for each in DEFERRED}
    assert {"domain.settings.chat", "domain.settings.rules", "kernel.config_keys"} <= modules


@pytest.mark.parametrize("kind", DEFERRED, ids=lambda kind: kind.__qualname__)
def test_a_deferred_schema_can_be_built(kind: type[BaseModel]) -> None:
    assert kind.model_rebuild(force=True, raise_errors=True)
    assert kind.__pydantic_complete__
