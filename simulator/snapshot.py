"""Stores the world in one JSON file, written atomically, so that a restart loses nothing."""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from pathlib import Path
from typing import Any

from simulator.world import World


def dump(world: World) -> str:
    """The world as JSON."""
    return json.dumps(world, default=vars, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> World:
    """The world from JSON; fields that the file does not have get their defaults."""
    world = _build(World, json.loads(text))
    assert isinstance(world, World)
    return world


def write(path: Path, text: str) -> None:
    """Replace the file in one step: after a crash it is the old one or the new one, complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(path.suffix + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _build(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        names = {f.name for f in dataclasses.fields(kind)} & set(value)
        return kind(**{name: _build(hints[name], value[name]) for name in names})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is list:
        return [_build(args[0], item) for item in value]
    if origin is dict:
        return {key: _build(args[1], item) for key, item in value.items()}
    if origin is types.UnionType and value is not None:
        return _build(next(a for a in args if a is not types.NoneType), value)
    return value
