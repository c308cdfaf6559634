"""Draws the demo shop's bottles and jars."""

from __future__ import annotations

import math

from demo_art_kit import (
    GOLD,
    INK,
    MATT,
    PAPER,
    RED,
    SOFT_SHINE,
    Body,
    Color,
    S,
    blossoms,
    border,
    card,
    column,
    glass,
    hills,
    liquid,
    moon,
    place,
    reduced,
    rounded_foot,
    seal,
    speckle,
    studio,
    vertical,
    write,
)
from PIL import Image, ImageDraw, ImageFilter

SQUARE = (1125, 1125)
WHITE_GLAZE: list[Color] = [(255, 253, 249), (252, 248, 241), (244, 238, 229)]
RED_LACQUER: list[Color] = [(176, 30, 32), (158, 22, 26), (120, 14, 20)]
CELADON: list[Color] = [(214, 228, 214), (186, 208, 192), (150, 180, 164)]


def upright_label(
    words: str, note: str, width: float, height: float, ground: Color, ink: Color
) -> Image.Image:
    """A tall label: characters from top to bottom, a seal, a small line."""
    art = card(width, height, ground, 3)
    border(art, 7, GOLD, 1.6)
    size = min(width * 0.5, height * 0.62 / len(words) / 1.12)
    column(art, words, (width / 2, height * 0.42), size, ink, 0.8)
    if ground == RED:
        seal(art, (width / 2, height * 0.83), width * 0.2, "泉", (226, 190, 120))
    else:
        seal(art, (width / 2, height * 0.83), width * 0.2)
    write(art, note, (width / 2, height * 0.945), width * 0.088, ink)
    return art


def capped(
    size: tuple[int, int], cx: float, top: float, r: float, tall: float, colors: list[Color]
) -> Image.Image:
    """A turned stopper with a gold ring."""
    profile = rounded_foot(
        [(top, r * 0.86), (top + 3, r * 0.94), (top + 9, r), (top + tall, r)], r * 0.08
    )
    cap = Body(size, cx, profile, colors)
    cap.band(top + tall - 14, top + tall - 7, (226, 192, 124), r * 0.08)
    return cap.lit()


def porcelain_bottle(
    size: tuple[int, int], cx: float, foot: float, k: float, glaze: list[Color],
    label: Image.Image, cap: list[Color],
) -> Image.Image:  # fmt: skip
    """A high-shouldered bottle in the shape of a meiping vase (梅瓶)."""
    top = foot - 640 * k
    shape = [
        (0, 40), (24, 38), (62, 40), (104, 66), (150, 124), (205, 158), (270, 166), (360, 154),
        (470, 130), (560, 116), (620, 120), (628, 120),
    ]  # fmt: skip
    profile = rounded_foot([(top + y * k, r * k) for y, r in shape], 12 * k)
    body = Body(size, cx, profile, glaze)
    body.band(top + 66 * k, top + 70 * k, GOLD, 3)
    body.band(top + 606 * k, top + 610 * k, GOLD, 10 * k)
    body.label(label, top + 335 * k, 158 * k, 9 * k)
    lit = body.lit()
    return Image.alpha_composite(lit, capped(size, cx, top - 62 * k, 47 * k, 66 * k, cap))


def chenniang() -> Image.Image:
    scene = studio(SQUARE, horizon=850)
    moon(scene, 660, 430, 300, (222, 186, 128), 0.36)
    hills(scene, 640, (150, 104, 84), (0.10, 0.14), 2)
    label = upright_label("陈酿", "52度 · 500ml", 150, 270, RED, PAPER)
    bottle = porcelain_bottle(SQUARE, 562, 950, 1.16, WHITE_GLAZE, label, RED_LACQUER)
    return reduced(place(scene, bottle, 952))


def small_bottle(
    cx: float, foot: float, k: float, glaze: list[Color], words: str, ink: Color, cap: list[Color]
) -> Image.Image:
    """A small straight bottle of 100 or 50 ml."""
    shape = [(0, 30), (40, 30), (70, 44), (104, 78), (130, 86), (300, 86), (348, 86), (352, 86)]
    profile = rounded_foot([(foot + (y - 352) * k, r * k) for y, r in shape], 9 * k)
    body = Body(SQUARE, cx, profile, glaze)
    label = card(92 * k, 150 * k, PAPER, 2)
    border(label, 5 * k, GOLD, 1.2)
    column(label, words, (46 * k, 66 * k), 44 * k, ink, 0.5)
    seal(label, (46 * k, 126 * k), 22 * k)
    body.label(label, foot - 122 * k, 84 * k, 5 * k)
    top = foot - 352 * k
    cap_art = capped(SQUARE, cx, top - 40 * k, 35 * k, 46 * k, cap)
    return Image.alpha_composite(body.lit(), cap_art)


def xiaoquan() -> Image.Image:
    scene = studio(SQUARE, horizon=800)
    moon(scene, 562, 330, 300, (176, 206, 190), 0.34)
    scene = place(scene, _step(), 912, 0.1)
    for foot, xs in ((566, (300, 562, 824)), (990, (230, 562, 894))):
        for x in xs:
            k = 1.06 if foot < 700 else 1.16
            bottle = small_bottle(x, foot, k, CELADON, "小泉", (40, 84, 70), RED_LACQUER)
            scene = place(scene, bottle, foot + 7, 0.14 if foot > 700 else 0.0)
    return reduced(scene)


def _step() -> Image.Image:
    """A pale stone block for a second row."""
    out = Image.new("RGBA", (SQUARE[0] * S, SQUARE[1] * S))
    front = vertical((930 * S, 330 * S), [(236, 226, 211), (224, 212, 194), (206, 192, 172)])
    out.paste(front, (98 * S, 582 * S))
    top = [(130, 540), (996, 540), (1028, 582), (98, 582)]
    ImageDraw.Draw(out).polygon([(x * S, y * S) for x, y in top], (250, 245, 236, 255))
    return out


def tancang() -> Image.Image:
    scene = studio(
        SQUARE,
        ((226, 213, 194), (240, 230, 214), (247, 240, 228)),
        ((214, 196, 172), (236, 224, 206)),
        840,
    )
    moon(scene, 470, 420, 310, (196, 136, 88), 0.3)
    shape = [
        (0, 118), (16, 120), (40, 128), (90, 200), (170, 268), (260, 292), (360, 280),
        (470, 236), (550, 196), (596, 180), (604, 180),
    ]  # fmt: skip
    profile = rounded_foot([(350 + y, r) for y, r in shape], 16)
    glaze = [(132, 84, 52), (116, 70, 42), (92, 54, 34), (150, 108, 74), (166, 124, 88)]
    jar = Body(SQUARE, 562, profile, glaze)
    speckle(jar, 3, 5200, [(40, 22, 14), (214, 172, 120), (70, 40, 24)])
    art = card(250, 250, (0, 0, 0))
    art = Image.new("RGBA", art.size)
    half = art.width / 2
    ImageDraw.Draw(art).polygon([(half, 0), (2 * half, half), (half, 2 * half), (0, half)], RED)
    edge = half * 0.9
    ImageDraw.Draw(art).polygon(
        [(half, half - edge), (half + edge, half), (half, half + edge), (half - edge, half)],
        outline=(222, 186, 116),
        width=2 * S,
    )
    write(art, "坛藏", (125, 118), 78, (250, 232, 196), 1.2)
    write(art, "53度 · 1L", (125, 176), 20, (240, 214, 164))
    jar.label(art, 620, 286, 10)
    lit = Image.alpha_composite(jar.lit(MATT, SOFT_SHINE), _cloth(562, 352))
    return reduced(place(scene, lit, 966))


def _cloth(cx: float, y: float) -> Image.Image:
    """A red cloth over a jar's mouth, tied with a hemp cord, with a flaring hem."""
    crown = [(y - 74, 20), (y - 70, 84), (y - 52, 116), (y - 20, 126), (y + 6, 122), (y + 12, 121)]
    hem = [(y + 8, 120), (y + 30, 132), (y + 62, 152), (y + 66, 153)]
    out = Image.new("RGBA", (SQUARE[0] * S, SQUARE[1] * S))
    for profile in (rounded_foot(hem, 10), rounded_foot(crown, 6)):
        body = Body(SQUARE, cx, profile, RED_LACQUER)
        pen = ImageDraw.Draw(body.color, "RGBA")
        for i in range(-14, 15):  # folds gather at the cord
            x = math.sin(i / 14 * math.pi / 2)
            pen.line(
                [((cx + x * 90) * S, (y - 60) * S), ((cx + x * 122) * S, (y + 6) * S),
                 ((cx + x * 158) * S, (y + 76) * S)],
                (70, 6, 10, 90 if i % 2 else 46), 5 * S,
            )  # fmt: skip
        body.color = body.color.filter(ImageFilter.GaussianBlur(2.2 * S))
        out = Image.alpha_composite(out, body.lit(MATT, SOFT_SHINE))
    for k, offset in enumerate((0, 9)):
        cord = Body(SQUARE, cx, [(y + offset, 124), (y + 9 + offset, 125)], [(206, 172, 112)] * 2)
        pen = ImageDraw.Draw(cord.color)
        for x in range(-130, 131, 7):
            at = ((cx + x + k * 3) * S, (y + offset) * S)
            pen.line([at, (at[0] + 5 * S, at[1] + 9 * S)], (140, 104, 58), S)
        out = Image.alpha_composite(out, cord.lit(MATT, SOFT_SHINE))
    return out


def guihua() -> Image.Image:
    scene = studio(
        SQUARE,
        ((246, 232, 200), (251, 243, 222), (254, 250, 240)),
        ((244, 232, 206), (252, 247, 234)),
        850,
    )
    moon(scene, 600, 430, 310, (236, 186, 88), 0.34)
    shape = [
        (0, 52), (6, 55), (18, 50), (60, 46), (150, 48), (196, 66), (236, 122), (276, 154),
        (330, 160), (560, 154), (606, 150), (612, 150),
    ]  # fmt: skip
    outer = rounded_foot([(330 + y, r) for y, r in shape], 12)
    inner = [(506, 42), (530, 60), (566, 112), (606, 144), (660, 150), (890, 144), (922, 138)]
    amber = [(250, 206, 110), (240, 176, 64), (222, 142, 34), (196, 112, 22)]
    bottle = liquid(SQUARE, 562, rounded_foot(inner, 10), amber, 0.9)
    bottle = Image.alpha_composite(bottle, _label_on_glass())
    bottle = Image.alpha_composite(bottle, glass(SQUARE, 562, outer, (150, 128, 84)))
    stopper = capped(SQUARE, 562, 268, 56, 72, [(196, 150, 92), (176, 128, 74), (140, 96, 52)])
    scene = place(scene, Image.alpha_composite(bottle, stopper), 952, 0.2)
    flowers = Image.new("RGBA", scene.size)
    spots = [(236, 1000, 15), (282, 1028, 19), (330, 1004, 13), (824, 1018, 18), (868, 1046, 14),
             (790, 1052, 12), (196, 1040, 12), (900, 1008, 11)]  # fmt: skip
    shade = Image.new("RGBA", scene.size)
    pen = ImageDraw.Draw(shade)
    for x, y, r in spots:
        pen.ellipse(
            ((x - r) * S, (y - r * 0.2) * S, (x + r * 1.5) * S, (y + r * 1.1) * S),
            (90, 56, 20, 90),
        )
    scene = Image.alpha_composite(scene, shade.filter(ImageFilter.GaussianBlur(5 * S)))
    blossoms(flowers, 4, spots)
    return reduced(Image.alpha_composite(scene, flowers))


def _label_on_glass() -> Image.Image:
    art = card(176, 232, (253, 249, 240), 4)
    border(art, 8, GOLD, 1.4)
    blossoms(art, 8, [(38, 40, 9), (56, 30, 7), (140, 196, 9), (122, 208, 7), (146, 176, 6)])
    column(art, "桂花", (88, 92), 62, (150, 92, 14), 1.0)
    write(art, "露  酒", (88, 176), 26, INK, 0.3)
    write(art, "375ml", (88, 206), 16, (110, 90, 60))
    shape = [(640, 157), (900, 154)]
    holder = Body(SQUARE, 562, shape, [PAPER, PAPER])
    only = Body(SQUARE, 562, shape, [(0, 0, 0), (0, 0, 0)])
    holder.label(art, 774, 156, 7)
    only.label(Image.merge("RGBA", [art.getchannel("A")] * 4), 774, 156, 7)
    lit = holder.lit(MATT, SOFT_SHINE)
    lit.putalpha(only.color.convert("L"))
    return lit
