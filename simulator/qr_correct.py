"""Reed-Solomon correction of QR codewords over GF(256), polynomial 0x11d."""

from __future__ import annotations

EXP = [0] * 512
LOG = [0] * 256


def _fill_tables() -> None:
    value = 1
    for power in range(255):
        EXP[power] = value
        LOG[value] = power
        value <<= 1
        if value & 0x100:
            value ^= 0x11D
    for power in range(255, 512):
        EXP[power] = EXP[power - 255]


_fill_tables()


class TooDamaged(ValueError):
    """More errors than the code can correct."""


def _mul(a: int, b: int) -> int:
    return 0 if a == 0 or b == 0 else EXP[LOG[a] + LOG[b]]


def _div(a: int, b: int) -> int:
    return 0 if a == 0 else EXP[(LOG[a] - LOG[b]) % 255]


def _evaluate(poly: list[int], x: int) -> int:
    """Highest power first."""
    value = 0
    for coefficient in poly:
        value = _mul(value, x) ^ coefficient
    return value


def correct(block: list[int], ec_count: int) -> list[int]:
    """The data codewords of a block, repaired; raises TooDamaged."""
    syndromes = [_evaluate(block, EXP[i]) for i in range(ec_count)]
    if any(syndromes):
        block = _repair(block, syndromes)
        if any(_evaluate(block, EXP[i]) for i in range(ec_count)):
            raise TooDamaged
    return block[: len(block) - ec_count]


def _locator(syndromes: list[int]) -> list[int]:
    """Berlekamp-Massey; lowest power first."""
    current, previous = [1], [1]
    length, shift, last = 0, 1, 1
    for n, syndrome in enumerate(syndromes):
        delta = syndrome
        for i in range(1, length + 1):
            if i < len(current):
                delta ^= _mul(current[i], syndromes[n - i])
        if delta == 0:
            shift += 1
            continue
        scale = _div(delta, last)
        shifted = [0] * shift + [_mul(scale, c) for c in previous]
        size = max(len(current), len(shifted))
        summed = [
            (current[i] if i < len(current) else 0) ^ (shifted[i] if i < len(shifted) else 0)
            for i in range(size)
        ]
        if 2 * length <= n:
            length, previous, last, shift = n + 1 - length, current, delta, 1
        else:
            shift += 1
        current = summed
    if length * 2 > len(syndromes):
        raise TooDamaged
    return current[: length + 1]


def _repair(block: list[int], syndromes: list[int]) -> list[int]:
    locator = _locator(syndromes)
    size = len(block)
    backwards = locator[::-1]
    found = [i for i in range(size) if _evaluate(backwards, EXP[(255 - i) % 255]) == 0]
    if len(found) != len(locator) - 1:
        raise TooDamaged
    # error evaluator: (syndromes × locator) mod x^n, lowest power first
    omega = [0] * len(syndromes)
    for i, s in enumerate(syndromes):
        for j, c in enumerate(locator):
            if i + j < len(omega):
                omega[i + j] ^= _mul(s, c)
    repaired = list(block)
    for power in found:
        inverse = EXP[(255 - power) % 255]
        top = _evaluate(omega[::-1], inverse)
        slope = 0
        for j in range(1, len(locator), 2):
            slope ^= _mul(locator[j], EXP[(LOG[inverse] * (j - 1)) % 255])
        if slope == 0:
            raise TooDamaged
        magnitude = _div(_mul(top, EXP[power % 255]), slope)
        repaired[size - 1 - power] ^= magnitude
    return repaired
