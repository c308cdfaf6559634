"""Reads the QR codes in a picture, so that a long press on a poster finds what a phone would find.

Made for pictures that were drawn, not photographed: any size and turn, no perspective.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from segno import consts

from simulator.qr_correct import TooDamaged, correct

MAX_SIDE = 2400
THRESHOLDS = (128, 90, 170)
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LEVELS = {
    0: consts.ERROR_LEVEL_M,
    1: consts.ERROR_LEVEL_L,
    2: consts.ERROR_LEVEL_H,
    3: consts.ERROR_LEVEL_Q,
}
MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, _x: y % 2 == 0,
    lambda _y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
Grid = list[list[bool]]


class Unreadable(ValueError):
    """What looked like a code is none."""


@dataclass(frozen=True)
class Finder:
    """One of the three corner squares: its middle and the size of a module."""

    x: float
    y: float
    module: float


def read_codes(data: bytes) -> list[str]:
    """The texts of all codes in a picture, each once."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return []
    white = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(white, picture).convert("L")
    if max(grey.size) > MAX_SIDE:
        grey.thumbnail((MAX_SIDE, MAX_SIDE))
    texts: list[str] = []
    for threshold in THRESHOLDS:
        for text in _read(_Bitmap(grey, threshold)):
            if text not in texts:
                texts.append(text)
        if texts:
            break
    return texts


class _Bitmap:
    """Dark or light, pixel by pixel."""

    def __init__(self, grey: Image.Image, threshold: int) -> None:
        self.width, self.height = grey.size
        self.data = grey.point([1 if level < threshold else 0 for level in range(256)]).tobytes()

    def dark(self, x: float, y: float) -> bool:
        column, row = int(x), int(y)
        if not (0 <= column < self.width and 0 <= row < self.height):
            return False
        return self.data[row * self.width + column] == 1

    def row(self, y: int) -> bytes:
        return self.data[y * self.width : (y + 1) * self.width]

    def column(self, x: int) -> bytes:
        return self.data[x :: self.width]


def _read(bitmap: _Bitmap) -> Iterator[str]:
    finders = _finders(bitmap)
    for three in itertools.combinations(finders, 3):
        corners = _corners(*three)
        if corners is None:
            continue
        try:
            yield _decode(_sample(bitmap, *corners))
        except (Unreadable, TooDamaged):
            continue


# --- where the code is -------------------------------------------------------------------
def _runs(line: bytes) -> list[tuple[int, int, int]]:
    """(value, start, length) of each run."""
    runs, at = [], 0
    for value, group in itertools.groupby(line):
        length = sum(1 for _ in group)
        runs.append((value, at, length))
        at += length
    return runs


def _patterns(line: bytes) -> Iterator[tuple[float, float]]:
    """Middles and module sizes where a line crosses a finder: 1:1:3:1:1, dark first."""
    runs = _runs(line)
    for i in range(len(runs) - 4):
        if runs[i][0] != 1:
            continue
        a, b, c, d, e = (run[2] for run in runs[i : i + 5])
        module = (a + b + c + d + e) / 7
        slack = max(module * 0.6, 1.0)
        is_square = abs(c - 3 * module) <= 1.5 * slack
        if is_square and all(abs(side - module) <= slack for side in (a, b, d, e)):
            yield runs[i + 2][1] + c / 2, module


def _finders(bitmap: _Bitmap) -> list[Finder]:
    found: list[list[Finder]] = []
    for y in range(0, bitmap.height, 2):
        if 1 not in bitmap.row(y):
            continue
        for x, module in _patterns(bitmap.row(y)):
            finder = _confirm(bitmap, x, y, module)
            if finder is None:
                continue
            near = (g for g in found if math.dist((g[0].x, g[0].y), (finder.x, finder.y))
                    < 2 * finder.module)  # fmt: skip
            group = next(near, None)
            if group is None:
                found.append([finder])
            else:
                group.append(finder)
    groups = sorted((g for g in found), key=len, reverse=True)[:24]
    return [_mean(group) for group in groups]


def _mean(group: list[Finder]) -> Finder:
    count = len(group)
    return Finder(
        sum(f.x for f in group) / count,
        sum(f.y for f in group) / count,
        sum(f.module for f in group) / count,
    )


def _confirm(bitmap: _Bitmap, x: float, y: int, module: float) -> Finder | None:
    """The column through the middle must show the same pattern."""
    top = max(0, int(y - 5 * module))
    column = bitmap.column(int(x))[top : int(y + 5 * module) + 1]
    for middle, size in _patterns(column):
        if abs(top + middle - y) <= 1.6 * module and 0.6 < size / module < 1.6:
            return Finder(x, top + middle, (module + size) / 2)
    return None


def _corners(a: Finder, b: Finder, c: Finder) -> tuple[Finder, Finder, Finder] | None:
    """Top left, top right, bottom left, if the three stand like a code's corners."""
    sizes = [f.module for f in (a, b, c)]
    if max(sizes) > 1.4 * min(sizes):
        return None
    for corner, p, q in ((a, b, c), (b, a, c), (c, a, b)):
        u, v = (p.x - corner.x, p.y - corner.y), (q.x - corner.x, q.y - corner.y)
        long_u, long_v = math.hypot(*u), math.hypot(*v)
        if abs(long_u - long_v) > 0.12 * max(long_u, long_v):
            continue
        if abs(u[0] * v[0] + u[1] * v[1]) > 0.12 * long_u * long_v:
            continue
        turn = u[0] * v[1] - u[1] * v[0]
        return (corner, p, q) if turn > 0 else (corner, q, p)
    return None


def _sample(bitmap: _Bitmap, corner: Finder, right: Finder, below: Finder) -> Grid:
    module = (corner.module + right.module + below.module) / 3
    across = math.dist((corner.x, corner.y), (right.x, right.y))
    angle = math.atan2(right.y - corner.y, right.x - corner.x)
    lean = max(abs(math.cos(angle)), abs(math.sin(angle)))
    size = round((across / (module * lean) + 7 - 17) / 4) * 4 + 17
    if not 21 <= size <= 177:
        raise Unreadable
    span = size - 7
    ux, uy = (right.x - corner.x) / span, (right.y - corner.y) / span
    vx, vy = (below.x - corner.x) / span, (below.y - corner.y) / span
    left = corner.x - 3 * (ux + vx)
    top = corner.y - 3 * (uy + vy)
    return [
        [bitmap.dark(left + x * ux + y * vx, top + x * uy + y * vy) for x in range(size)]
        for y in range(size)
    ]


# --- what the code says ------------------------------------------------------------------
def _decode(grid: Grid) -> str:
    size = len(grid)
    version = (size - 17) // 4
    level, mask = _format(grid)
    codewords = _codewords(grid, version, mask)
    return _text(_data(codewords, version, level), version)


def _format(grid: Grid) -> tuple[int, int]:
    size = len(grid)
    first = [grid[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)]
    first += [grid[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    second = [grid[y][8] for y in range(size - 1, size - 8, -1)]
    second += [grid[8][x] for x in range(size - 8, size)]
    best = (16, 0)
    for bits in (first, second):
        value = int("".join("1" if bit else "0" for bit in bits), 2) ^ 0x5412
        for data in range(32):
            distance = (value ^ _format_code(data)).bit_count()
            best = min(best, (distance, data))
    if best[0] > 3:
        raise Unreadable
    return LEVELS[best[1] >> 3], best[1] & 7


def _format_code(data: int) -> int:
    rest = data << 10
    for shift in range(4, -1, -1):
        if rest & (1 << (shift + 10)):
            rest ^= 0x537 << shift
    return data << 10 | rest


def _is_function(size: int, version: int) -> Grid:
    taken = [[False] * size for _ in range(size)]

    def fill(top: int, left: int, height: int, width: int) -> None:
        for y in range(top, top + height):
            for x in range(left, left + width):
                taken[y][x] = True

    fill(0, 0, 9, 9)
    fill(0, size - 8, 9, 8)
    fill(size - 8, 0, 8, 9)
    fill(6, 0, 1, size)
    fill(0, 6, size, 1)
    if version >= 7:
        fill(0, size - 11, 6, 3)
        fill(size - 11, 0, 3, 6)
    centres: tuple[int, ...] = consts.ALIGNMENT_POS[version - 2] if version >= 2 else ()
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for y, x in itertools.product(centres, centres):
        if (y, x) not in corners:
            fill(y - 2, x - 2, 5, 5)
    return taken


def _codewords(grid: Grid, version: int, mask: int) -> list[int]:
    size = len(grid)
    taken = _is_function(size, version)
    flips = MASKS[mask]
    bits: list[bool] = []
    upwards = True
    column = size - 1
    while column > 0:
        column -= column == 6
        for step in range(size):
            y = size - 1 - step if upwards else step
            bits += [grid[y][x] != flips(y, x) for x in (column, column - 1) if not taken[y][x]]
        upwards = not upwards
        column -= 2
    whole = len(bits) // 8
    return [sum(bit << (7 - i) for i, bit in enumerate(bits[n * 8 : n * 8 + 8]))
            for n in range(whole)]  # fmt: skip


def _data(codewords: list[int], version: int, level: int) -> bytes:
    table: Any = consts.ECC
    shapes: list[tuple[int, int]] = [
        (info.num_total, info.num_data)
        for info in table[version][level]
        for _ in range(info.num_blocks)
    ]
    blocks: list[list[int]] = [[] for _ in shapes]
    stream = iter(codewords)
    try:
        for i in range(max(data for _, data in shapes)):
            for block, (_, data) in zip(blocks, shapes, strict=True):
                if i < data:
                    block.append(next(stream))
        ec_count = shapes[0][0] - shapes[0][1]
        for _ in range(ec_count):
            for block in blocks:
                block.append(next(stream))
    except StopIteration as error:
        raise Unreadable from error
    return bytes(itertools.chain.from_iterable(correct(block, ec_count) for block in blocks))


class _Bits:
    """Takes bits from the front of the data."""

    def __init__(self, data: bytes) -> None:
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def take(self, count: int) -> int:
        piece = self.text[self.at : self.at + count]
        if len(piece) < count:
            raise Unreadable
        self.at += count
        return int(piece, 2)

    def left(self) -> int:
        return len(self.text) - self.at


def _text(data: bytes, version: int) -> str:
    bits = _Bits(data)
    out: list[bytes] = []
    step = (version > 9) + (version > 26)
    while bits.left() >= 4 and (mode := bits.take(4)):
        if mode == 1:
            out.append(_numeric(bits, bits.take((10, 12, 14)[step])))
        elif mode == 2:
            out.append(_alphanumeric(bits, bits.take((9, 11, 13)[step])))
        elif mode == 4:
            count = bits.take((8, 16, 16)[step])
            out.append(bytes(bits.take(8) for _ in range(count)))
        elif mode == 8:
            out.append(_kanji(bits, bits.take((8, 10, 12)[step])))
        elif mode == 7:
            bits.take(8)
        else:
            raise Unreadable
    raw = b"".join(out)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _numeric(bits: _Bits, count: int) -> bytes:
    text = ""
    while count > 0:
        size = min(3, count)
        text += f"{bits.take((0, 4, 7, 10)[size]):0{size}d}"
        count -= size
    return text.encode()


def _kanji(bits: _Bits, count: int) -> bytes:
    out = b""
    for _ in range(count):
        value = bits.take(13)
        value = (value // 0xC0) << 8 | value % 0xC0
        value += 0x8140 if value < 0x1F00 else 0xC140
        out += value.to_bytes(2, "big")
    return out.decode("shift_jis", errors="replace").encode()


def _alphanumeric(bits: _Bits, count: int) -> bytes:
    text = ""
    while count > 0:
        if count == 1:
            text += ALPHANUMERIC[bits.take(6) % 45]
        else:
            value = bits.take(11)
            text += ALPHANUMERIC[value // 45 % 45] + ALPHANUMERIC[value % 45]
        count -= 2
    return text.encode()
