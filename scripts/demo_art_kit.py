"""Drawing tools for the demo's pictures: bodies of revolution, glass, light and shadow.

Coordinates are those of the finished picture; drawing is done at ``S`` times the size.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import pylopdf_fonts_zh_cn
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

S = 2  # supersampling

Color = tuple[int, int, int]
Profile = Sequence[tuple[float, float]]
Stops = Sequence[tuple[float, float]]

RED, DEEP, PAPER, GOLD, INK = (
    (158, 27, 30),
    (104, 14, 20),
    (251, 248, 243),
    (200, 164, 92),
    (31, 26, 23),
)

# light on a round body, as (position from left to right edge, factor of the colour)
GLAZED: Stops = (
    (0, 0.5),
    (0.06, 0.72),
    (0.2, 1.0),
    (0.45, 0.97),
    (0.78, 0.7),
    (0.93, 0.5),
    (1, 0.62),
)
MATT: Stops = ((0, 0.6), (0.1, 0.8), (0.3, 1.0), (0.55, 0.92), (0.85, 0.6), (1, 0.52))
# highlights on it, as (position, strength)
SHINE: Stops = (
    (0, 0), (0.135, 0), (0.16, 0.62), (0.235, 0.7), (0.265, 0),
    (0.9, 0), (0.94, 0.26), (0.975, 0.05), (1, 0),
)  # fmt: skip
SOFT_SHINE: Stops = ((0, 0), (0.1, 0), (0.24, 0.22), (0.4, 0), (0.88, 0), (0.95, 0.08), (1, 0))


def ramp(stops: Stops, n: int = 512) -> Image.Image:
    """A row of brightness values through the given stops, smoothly interpolated."""
    values = []
    for i in range(n):
        t = i / (n - 1)
        for (x0, v0), (x1, v1) in itertools.pairwise(stops):
            if x0 <= t <= x1:
                k = (t - x0) / max(1e-9, x1 - x0)
                values.append(v0 + (v1 - v0) * k * k * (3 - 2 * k))
                break
    return Image.frombytes("L", (len(values), 1), bytes(round(v * 255) for v in values))


def vertical(size: tuple[int, int], colors: Sequence[Color]) -> Image.Image:
    """A gradient of colours from top to bottom."""
    strip = Image.new("RGB", (1, len(colors)))
    strip.putdata(list(colors))
    return strip.resize(size, Image.Resampling.BICUBIC)


def radius_at(profile: Profile, y: float) -> float:
    """A body's radius at a height, by cubic interpolation of the profile's points."""
    points = list(profile)
    for i, ((y0, r0), (y1, r1)) in enumerate(itertools.pairwise(points)):
        if y0 <= y <= y1:
            before = points[i - 1] if i else points[i]
            after = points[i + 2] if i + 2 < len(points) else points[i + 1]
            m0 = (r1 - before[1]) / max(1, y1 - before[0])
            m1 = (after[1] - r0) / max(1, after[0] - y0)
            t, h = (y - y0) / (y1 - y0), y1 - y0
            a, b = 2 * t**3 - 3 * t * t + 1, t**3 - 2 * t * t + t
            c, d = -2 * t**3 + 3 * t * t, t**3 - t * t
            return a * r0 + b * h * m0 + c * r1 + d * h * m1
    return 0.0


def rounded_foot(profile: Profile, drop: float) -> list[tuple[float, float]]:
    """The profile seen from slightly above: its foot ends in half an ellipse."""
    y, r = profile[-1]
    arc = [(y + drop * t, r * math.sqrt(1 - t * t)) for t in (0.35, 0.6, 0.8, 0.92, 0.98, 0.999)]
    return [*profile, *arc]


def warm_light(light: Image.Image) -> Image.Image:
    """A shading that darkens blue more than red, for warm light."""
    channels = [
        light.point([round(255 * (value / 255) ** power) for value in range(256)])
        for power in (0.8, 1.0, 1.16)
    ]
    return Image.merge("RGB", channels)


class Body:
    """A body of revolution as colour, light and mask; decorate it before ``lit``."""

    def __init__(
        self, size: tuple[int, int], cx: float, profile: Profile, colors: Sequence[Color]
    ):
        self.size = (size[0] * S, size[1] * S)
        self.cx = cx
        self.profile = profile
        self.top, self.bottom = profile[0][0], profile[-1][0]
        self.color = Image.new("RGB", self.size)
        self.color.paste(
            vertical((self.size[0], round((self.bottom - self.top) * S) + 1), colors),
            (0, round(self.top * S)),
        )

    def strip(self, stops: Stops) -> Image.Image:
        """The light of ``stops``, scaled to the body's width at every height."""
        row, out = ramp(stops), Image.new("L", self.size)
        for y, r in self._rows():
            out.paste(row.resize((2 * r, 1)), (round(self.cx * S) - r, y))
        return out

    def mask(self) -> Image.Image:
        out = Image.new("L", self.size)
        for y, r in self._rows():
            out.paste(255, (round(self.cx * S) - r, y, round(self.cx * S) + r, y + 1))
        return out.filter(ImageFilter.GaussianBlur(0.8))

    def _rows(self) -> list[tuple[int, int]]:
        rows = range(round(self.top * S), round(self.bottom * S))
        pairs = ((y, round(radius_at(self.profile, y / S) * S)) for y in rows)
        return [(y, r) for y, r in pairs if r > 0]

    def band(self, top: float, bottom: float, color: Color, bow: float = 5) -> None:
        """Draw a ring around the body, curved as seen from slightly above."""
        pen, cx, wide = ImageDraw.Draw(self.color), self.cx * S, 600 * S
        shape = []
        for edge, step in ((top, 1), (bottom, -1)):
            for i in range(-20, 21):
                x = i * step / 20
                r = radius_at(self.profile, (top + bottom) / 2) * S or wide
                shape.append((cx + x * r * 1.02, (edge + bow * math.sqrt(1 - x * x)) * S))
        pen.polygon(shape, color)

    def label(self, art: Image.Image, cy: float, r: float, bow: float = 6) -> None:
        """Paste a flat label, bent around the body."""
        w, h = art.size
        rs, cx = r * S, self.cx * S
        half = w / 2 / rs
        left = round(cx - math.sin(half) * rs)
        slices, mesh, out_w = 48, [], round(2 * math.sin(half) * rs)
        drop = round(bow * S)
        for i in range(slices):
            x0, x1 = round(out_w * i / slices), round(out_w * (i + 1) / slices)
            u0, u1 = (
                (math.asin(max(-1, min(1, (x - out_w / 2) / rs))) * rs + w / 2) for x in (x0, x1)
            )
            v = -drop * math.sqrt(max(0, 1 - ((x0 + x1) / 2 / out_w * 2 - 1) ** 2 * 0.8))
            mesh.append(
                ((x0, 0, x1, h + drop), (u0, v, u0, h + drop + v, u1, h + drop + v, u1, v))
            )
        bent = art.transform(
            (out_w, h + drop), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC
        )
        self.color.paste(bent.convert("RGB"), (left, round(cy * S - h / 2)), bent.getchannel("A"))

    def lit(
        self, keep: Stops = GLAZED, shine: Stops = SHINE, warm: Color = (255, 250, 242)
    ) -> Image.Image:
        """The finished body as RGBA."""
        light = self.strip(keep)
        lit = ImageChops.multiply(self.color, warm_light(light))
        gloss = self.strip(shine).filter(ImageFilter.GaussianBlur(3 * S))
        lit.paste(warm, (0, 0), gloss)
        lit.putalpha(self.mask())
        return lit


def glass(
    size: tuple[int, int], cx: float, profile: Profile, tint: Color = (176, 190, 186)
) -> Image.Image:
    """An empty glass vessel, dark only at its edges."""
    body = Body(size, cx, profile, [tint, tint])
    wall = body.strip(
        (
            (0, 0.75),
            (0.03, 0.6),
            (0.1, 0.22),
            (0.25, 0.1),
            (0.7, 0.1),
            (0.9, 0.24),
            (0.97, 0.62),
            (1, 0.72),
        )
    )
    out = body.color.copy()
    shine = body.strip(SHINE).filter(ImageFilter.GaussianBlur(2 * S))
    out.paste((255, 255, 255), (0, 0), shine)
    out.putalpha(ImageChops.multiply(ImageChops.lighter(wall, shine), body.mask()))
    return out


def liquid(
    size: tuple[int, int], cx: float, profile: Profile, colors: Sequence[Color], strength: float
) -> Image.Image:
    """The liquid in a glass vessel, lit from behind, with its surface."""
    body = Body(size, cx, profile, colors)
    light = body.strip(((0, 0.55), (0.12, 0.78), (0.35, 1.0), (0.62, 1.0), (0.88, 0.76), (1, 0.5)))
    out = ImageChops.multiply(body.color, Image.merge("RGB", (light, light, light)))
    r, y = radius_at(profile, body.top + 1), body.top
    out.putalpha(body.mask().point(lambda value: int(value * strength)))
    top = Image.new("RGBA", out.size)
    lighter = tuple(min(255, c + 45) for c in colors[0])
    box = ((cx - r) * S, (y - r * 0.07) * S, (cx + r) * S, (y + r * 0.07) * S)
    ImageDraw.Draw(top).ellipse(box, (*lighter, int(255 * strength)))
    return Image.alpha_composite(out, top)


def studio(
    size: tuple[int, int],
    wall: Sequence[Color] = ((240, 231, 217), (249, 243, 233), (252, 249, 244)),
    floor: Sequence[Color] = ((238, 229, 216), (249, 245, 238)),
    horizon: float = 800,
) -> Image.Image:
    """A background of wall and table with a soft edge between them, brighter in the middle."""
    w, h = size[0] * S, size[1] * S
    room = vertical((w, h), wall)
    table = vertical((w, h - round(horizon * S)), floor)
    seam = Image.new("L", (w, h))
    seam.paste(255, (0, round(horizon * S), w, h))
    below = room.copy()
    below.paste(table, (0, round(horizon * S)))
    room.paste(below, (0, 0), seam.filter(ImageFilter.GaussianBlur(14 * S)))
    glow = ImageChops.invert(Image.radial_gradient("L")).resize((w, w))
    room.paste(
        (255, 253, 248), (0, round(-0.1 * w)), glow.point(lambda v: int(max(0, v - 70) * 0.6))
    )
    return room.convert("RGBA")


def moon(
    scene: Image.Image, cx: float, cy: float, r: float, color: Color, strength: float
) -> None:
    """Draw a large disc behind the goods, fading towards the bottom."""
    disc = Image.new("L", scene.size)
    ImageDraw.Draw(disc).ellipse(((cx - r) * S, (cy - r) * S, (cx + r) * S, (cy + r) * S), 255)
    fade = Image.linear_gradient("L").resize(scene.size)
    fade = ImageChops.invert(fade).point(lambda v: int((0.35 + 0.65 * v / 255) * 255 * strength))
    mask = ImageChops.multiply(disc.filter(ImageFilter.GaussianBlur(1.2)), fade)
    scene.paste((*color, 255), (0, 0), mask)


def place(
    scene: Image.Image, thing: Image.Image, foot: float, reflect: float = 0.16
) -> Image.Image:
    """Place a thing on the table, with cast shadow, contact shadow and reflection."""
    w, h = scene.size
    alpha, y = thing.getchannel("A"), round(foot * S)
    box = alpha.getbbox() or (0, 0, w, h)
    # the cast shadow, to the right along the table
    flat = alpha.crop((0, box[1], w, y)).resize((w, max(1, round((y - box[1]) * 0.15))))
    cast = Image.new("L", (w, h))
    lean = flat.transform(flat.size, Image.Transform.AFFINE, (1, 2.6, -2.6 * flat.height, 0, 1, 0))
    cast.paste(lean, (0, y - flat.height))
    cast = cast.filter(ImageFilter.GaussianBlur(20 * S)).point(lambda v: int(v * 0.26))
    scene.paste((70, 44, 30, 255), (0, 0), cast)
    touch = Image.new("L", (w, h))
    half, middle = (box[2] - box[0]) / 2, (box[0] + box[2]) / 2
    ImageDraw.Draw(touch).ellipse(
        (middle - half * 0.9, y - 9 * S, middle + half * 1.0, y + 11 * S), 210
    )
    touch = touch.filter(ImageFilter.GaussianBlur(8 * S)).point(lambda v: int(v * 0.75))
    scene.paste((52, 30, 20, 255), (0, 0), touch)
    if reflect:
        under = thing.crop((0, max(0, 2 * y - h), w, y)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        fade = ImageChops.invert(Image.linear_gradient("L")).resize((w, 150 * S))
        mask = Image.new("L", under.size)
        mask.paste(fade.point(lambda v: int(v * reflect)), (0, 0))
        under = under.filter(ImageFilter.GaussianBlur(2.2 * S))
        under.putalpha(ImageChops.multiply(under.getchannel("A"), mask))
        scene.alpha_composite(under.crop((0, 0, w, min(under.height, h - y))), (0, y))
    return Image.alpha_composite(scene, thing)


def font(size: float, face: str = "serif") -> ImageFont.FreeTypeFont:
    path = pylopdf_fonts_zh_cn.serif_path() if face == "serif" else pylopdf_fonts_zh_cn.sans_path()
    return ImageFont.truetype(str(path), round(size * S))


def write(
    art: Image.Image,
    words: str,
    at: tuple[float, float],
    size: float,
    color: Color,
    weight: float = 0,
) -> None:
    """Write a centred line of text."""
    ImageDraw.Draw(art).text(
        (at[0] * S, at[1] * S), words, color, font(size), anchor="mm", stroke_width=weight * S
    )


def column(
    art: Image.Image, words: str, at: tuple[float, float], size: float, color: Color,
    weight: float = 0, pitch: float = 1.12,
) -> None:  # fmt: skip
    """Write characters from top to bottom, centred."""
    start = at[1] - (len(words) - 1) * size * pitch / 2
    for i, char in enumerate(words):
        write(art, char, (at[0], start + i * size * pitch), size, color, weight)


def card(width: float, height: float, color: Color, radius: float = 0) -> Image.Image:
    """A blank label."""
    art = Image.new("RGBA", (round(width * S), round(height * S)))
    ImageDraw.Draw(art).rounded_rectangle(
        (0, 0, art.width - 1, art.height - 1), radius * S, (*color, 255)
    )
    return art


def border(art: Image.Image, inset: float, color: Color, line: float = 2) -> None:
    box = (inset * S, inset * S, art.width - inset * S, art.height - inset * S)
    ImageDraw.Draw(art).rectangle(box, outline=(*color, 255), width=round(line * S))


def seal(
    art: Image.Image, at: tuple[float, float], size: float, words: str = "泉", color: Color = RED
) -> None:
    """Draw a square seal with a light character."""
    x, y, half = at[0] * S, at[1] * S, size * S / 2
    ImageDraw.Draw(art).rounded_rectangle(
        (x - half, y - half, x + half, y + half), size * S * 0.14, (*color, 255)
    )
    write(art, words, (at[0], at[1] - size * 0.02), size * 0.68, PAPER, 0.5)


def speckle(body: Body, seed: int, count: int, colors: Sequence[Color]) -> None:
    """Draw the speckles of a stoneware glaze."""
    rng, pen = random.Random(seed), ImageDraw.Draw(body.color, "RGBA")
    for _ in range(count):
        x = rng.uniform(0, body.size[0])
        y = rng.uniform(body.top * S, body.bottom * S)
        r = rng.uniform(0.6, 2.4)
        pen.ellipse((x - r, y - r, x + r, y + r), (*rng.choice(colors), rng.randint(40, 130)))


def blossoms(art: Image.Image, seed: int, spots: Sequence[tuple[float, float, float]]) -> None:
    """Draw small osmanthus flowers with four petals."""
    rng, pen = random.Random(seed), ImageDraw.Draw(art)
    for x, y, r in spots:
        turn = rng.uniform(0, math.pi / 2)
        for k in range(4):
            a = turn + k * math.pi / 2
            px, py, pr = (
                (x + math.cos(a) * r * 0.62) * S,
                (y + math.sin(a) * r * 0.62) * S,
                r * 0.52 * S,
            )
            pen.ellipse((px - pr, py - pr, px + pr, py + pr), (232, 170, 40, 255))
        pen.ellipse(
            ((x - r * 0.2) * S, (y - r * 0.2) * S, (x + r * 0.2) * S, (y + r * 0.2) * S),
            (188, 112, 16, 255),
        )


def hills(
    scene: Image.Image, base: float, color: Color, strengths: Sequence[float], seed: int
) -> None:
    """Draw faint ranges of hills behind the goods."""
    w, h = scene.size
    for layer, strength in enumerate(strengths):
        mask = Image.new("L", (w, h))
        points = []
        for x in range(0, w + 16, 16):
            t = x / w
            wave = math.sin(t * (5 + layer) + seed + layer * 2.2) * 70
            wave += math.sin(t * 13 + seed * 2 + layer * 4) * 26 + math.sin(t * 29 + layer) * 7
            points.append((x, (base + layer * 70 - wave) * S))
        ImageDraw.Draw(mask).polygon([*points, (w, h), (0, h)], 255)
        top = round((base + layer * 70 - 110) * S)
        fade = Image.new("L", (w, h))
        fall = ImageChops.invert(Image.linear_gradient("L")).resize((w, 330 * S))
        fade.paste(fall, (0, top))
        soft = ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(1.5)), fade)
        scene.paste((*color, 255), (0, 0), soft.point([round(v * strength) for v in range(256)]))


def reduced(scene: Image.Image) -> Image.Image:
    """The finished picture, reduced to its final size."""
    flat = scene.convert("RGB")
    return flat.resize((flat.width // S, flat.height // S), Image.Resampling.LANCZOS)
