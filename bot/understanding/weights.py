"""The trained weights: how much each feature speaks for or against each intent.

``weights.bin`` is made by ``scripts/train_chat.py`` from ``corpus/chat`` (a linear support vector
machine per intent over features weighted by rarity, each sentence scaled to length one).
``python -m scripts.train_chat --show 退款`` prints the weights of a feature. The file is read at
the first free sentence and takes 3 MB.

A weight is a byte: 128 for none, a step of 1/4. The weights of all intents are summed at once: a
row of bytes is spread to 16-bit lanes of one whole number, and the rows are added as numbers. That
takes a twentieth of the time of adding them one by one.

Features are found by their CRC-32 in sorted order, which takes a tenth of the memory of a dict of
strings. With 50,000 features a chance collision is unlikely, and would only blur one weight.
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "weights.bin"
STEP = 4
"""A weight of 1.0 in the file."""
ZERO = 128
RARITY_STEP = 20
"""A rarity of 1.0 in the file."""
RAREST = 9.0
"""The rarity of a feature that never occurs in the corpus."""
SUMMED_MOST = 256
"""Features whose weights fit into a 16-bit lane together; a sentence rarely has a hundred."""


@dataclass(frozen=True)
class Weights:
    """The file: ``rows`` holds a byte for each feature and intent, features in order of key."""

    fingerprint: str
    intents: tuple[str, ...]
    bias: tuple[float, ...]
    keys: array[int]
    rarity: bytes
    rows: bytes

    def scores(self, features: Sequence[str]) -> list[float]:
        """How far each intent is on its side of the border, in the order of ``intents``."""
        wide = len(self.intents)
        row = bytearray(2 * wide)
        total = square = count = 0
        for feature in features[:SUMMED_MOST]:
            at = self.place(feature)
            if at < 0:
                continue
            row[::2] = self.rows[at * wide : (at + 1) * wide]
            total += int.from_bytes(row, "little")
            square += self.rarity[at] ** 2
            count += 1
        if not count:
            return list(self.bias)
        sums = array("H", total.to_bytes(2 * wide, "little"))
        scale = RARITY_STEP / (STEP * math.sqrt(square))
        none = ZERO * count
        return [bias + (each - none) * scale for bias, each in zip(self.bias, sums, strict=True)]

    def speaking_for(self, intent: str, features: Iterable[str]) -> list[tuple[str, float]]:
        """The features that speak for an intent, the strongest first, with their weights."""
        number, wide = self.intents.index(intent), len(self.intents)
        found = []
        for feature in features:
            at = self.place(feature)
            weight = self.rows[at * wide + number] - ZERO if at >= 0 else 0
            if weight > 0:
                found.append((feature, weight / STEP))
        return sorted(found, key=lambda each: -each[1])

    def rarity_of(self, feature: str) -> float:
        """How rare a feature is in the corpus; one that never occurs is the rarest."""
        at = self.place(feature)
        return RAREST if at < 0 else self.rarity[at] / RARITY_STEP

    def place(self, feature: str) -> int:
        """Where a feature stands; -1 if the file doesn't have it."""
        key = zlib.crc32(feature.encode())
        at = bisect_left(self.keys, key)
        return at if at < len(self.keys) and self.keys[at] == key else -1

    def write(self, path: Path = FILE) -> None:
        """Write the file: a line of JSON, then keys, rarities and rows, compressed."""
        head = {"corpus": self.fingerprint, "intents": self.intents, "bias": self.bias}
        whole = b"".join((self.keys.tobytes(), self.rarity, self.rows))
        first = json.dumps(head | {"features": len(self.keys)}).encode()
        path.write_bytes(first + b"\n" + zlib.compress(whole, 9))


@cache
def weights() -> Weights:
    """The weights, read once."""
    return read(FILE.read_bytes())


def read(content: bytes) -> Weights:
    """The content of a weights file."""
    first, _, packed = content.partition(b"\n")
    head = json.loads(first)
    whole = zlib.decompress(packed)
    count = head["features"]
    keys = array("I", whole[: 4 * count])
    return Weights(
        head["corpus"], tuple(head["intents"]), tuple(head["bias"]), keys,
        whole[4 * count : 5 * count], whole[5 * count :],
    )  # fmt: skip
