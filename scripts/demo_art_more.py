"""Draws the further goods of the demo shop: a few shapes, each with its own glaze and words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from demo_art_bottles import (
    CELADON,
    RED_LACQUER,
    SQUARE,
    WHITE_GLAZE,
    capped,
    porcelain_bottle,
    small_bottle,
    upright_label,
)
from demo_art_kit import (
    DEEP,
    GOLD,
    INK,
    MATT,
    PAPER,
    RED,
    SOFT_SHINE,
    Body,
    Color,
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
    studio,
    write,
)
from demo_art_sets import GOLD_LEAF, _glass_cup, _tray, box, cup
from PIL import Image

Glaze = list[Color]
INDIGO: Glaze = [(58, 84, 124), (40, 62, 100), (24, 40, 72)]
PINE: Glaze = [(66, 102, 84), (46, 80, 64), (26, 52, 42)]
ASH: Glaze = [(196, 190, 180), (170, 163, 152), (132, 125, 114)]
CLAY: Glaze = [(168, 104, 70), (142, 82, 52), (104, 56, 36)]
NIGHT: Glaze = [(62, 58, 60), (42, 38, 40), (22, 20, 22)]
STRAW: Glaze = [(236, 216, 164), (218, 192, 132), (180, 150, 92)]
SUNS: dict[str, Color] = {
    "gold": (222, 186, 128), "jade": (176, 206, 190), "sky": (168, 186, 206),
    "peach": (226, 178, 160), "earth": (196, 146, 108),
}  # fmt: skip


def tall(words: str, note: str, glaze: Glaze, cap: Glaze, ground: Color, sun: str) -> Image.Image:
    """A tall porcelain bottle."""
    scene = studio(SQUARE, horizon=850)
    moon(scene, 640, 430, 300, SUNS[sun], 0.38)
    hills(scene, 640, (120, 104, 92), (0.10, 0.14), len(words) + len(note))
    ink = PAPER if ground in (RED, DEEP, INK) else RED
    label = upright_label(words, note, 150, 270, ground, ink)
    bottle = porcelain_bottle(SQUARE, 562, 950, 1.16, glaze, label, cap)
    return reduced(place(scene, bottle, 952))


def trio(words: str, glaze: Glaze, ink: Color, sun: str, count: int = 3) -> Image.Image:
    """Small bottles side by side."""
    scene = studio(SQUARE, horizon=800)
    moon(scene, 562, 400, 300, SUNS[sun], 0.36)
    hills(scene, 600, (130, 110, 96), (0.10, 0.14), count + 4)
    places = {1: (562,), 2: (402, 722), 3: (280, 562, 844)}[count]
    for x in places:
        bottle = small_bottle(x, 940, 1.7 if count > 1 else 2.2, glaze, words, ink, RED_LACQUER)
        scene = place(scene, bottle, 952, 0.14)
    return reduced(scene)


def gift(words: str, bottle: Glaze, cap: Glaze, label: str, sun: str) -> Image.Image:
    """A gift box with two bottles."""
    wall = ((236, 222, 202), (246, 236, 220), (251, 246, 236))
    scene = studio(SQUARE, wall, ((230, 214, 192), (247, 238, 224)), 830)
    moon(scene, 690, 380, 290, SUNS[sun], 0.34)
    scene = place(scene, box(SQUARE, 96, 890, 500, 650, words), 880, 0.1)
    for cx, foot in ((700, 946), (930, 968)):
        art = upright_label(label, "500ml", 112, 196, (246, 232, 200), DEEP)
        scene = place(scene, porcelain_bottle(SQUARE, cx, foot, 0.74, bottle, art, cap), foot + 2)
    return reduced(scene)


def fruit(words: str, amber: Glaze, wall: Color, sun: Color, seed: int) -> Image.Image:
    """A glass bottle of fruit or flower liqueur."""
    pale: Color = (min(255, wall[0] + 8), min(255, wall[1] + 9), min(255, wall[2] + 12))
    scene = studio(SQUARE, (wall, pale, (254, 250, 244)), (wall, (253, 249, 242)), 850)
    moon(scene, 600, 430, 310, sun, 0.36)
    shape = [(0, 52), (6, 55), (18, 50), (60, 46), (150, 48), (196, 66), (236, 122), (276, 154),
             (330, 160), (560, 154), (606, 150), (612, 150)]  # fmt: skip
    outer = rounded_foot([(330 + y, r) for y, r in shape], 12)
    inner = [(506, 42), (530, 60), (566, 112), (606, 144), (660, 150), (890, 144), (922, 138)]
    bottle = liquid(SQUARE, 562, rounded_foot(inner, 10), amber, 0.9)
    bottle = Image.alpha_composite(bottle, _paper(words, seed, amber[2]))
    bottle = Image.alpha_composite(bottle, glass(SQUARE, 562, outer, (150, 128, 110)))
    cork = capped(SQUARE, 562, 268, 56, 72, [(196, 150, 92), (176, 128, 74), (140, 96, 52)])
    return reduced(place(scene, Image.alpha_composite(bottle, cork), 952, 0.2))


def _paper(words: str, seed: int, ink: Color) -> Image.Image:
    """A paper label around the glass."""
    art = card(176, 232, (253, 249, 240), 4)
    border(art, 8, GOLD, 1.4)
    blossoms(art, seed, [(38, 40, 9), (56, 30, 7), (140, 196, 9), (122, 208, 7)])
    column(art, words, (88, 92), 62, ink, 1.0)
    write(art, "露  酒", (88, 176), 26, INK, 0.3)
    write(art, "375ml", (88, 206), 16, (110, 90, 60))
    shape = [(640, 157), (900, 154)]
    holder, only = (Body(SQUARE, 562, shape, [tone, tone]) for tone in (PAPER, (0, 0, 0)))
    holder.label(art, 774, 156, 7)
    only.label(Image.merge("RGBA", [art.getchannel("A")] * 4), 774, 156, 7)
    lit = holder.lit(MATT, SOFT_SHINE)
    lit.putalpha(only.color.convert("L"))
    return lit


def cups_of(glazes: list[Glaze], inside: Color, sun: str) -> Image.Image:
    """Cups on a table."""
    scene = studio(SQUARE, horizon=740)
    moon(scene, 560, 420, 300, SUNS[sun], 0.36)
    hills(scene, 580, (120, 110, 96), (0.10, 0.14), len(glazes) + 2)
    spots = {1: ((562, 950, 2.3),), 2: ((390, 900, 1.7), (760, 960, 1.8)),
             3: ((330, 860, 1.4), (700, 840, 1.35), (600, 970, 1.6))}[len(glazes)]  # fmt: skip
    for (cx, foot, k), glaze in zip(spots, glazes, strict=True):
        scene = place(scene, cup(SQUARE, cx, foot, k, glaze, inside), foot + 6)
    return reduced(scene)


def crystal() -> Image.Image:
    """Six small glasses."""
    wall = ((214, 222, 226), (232, 237, 238), (246, 247, 245))
    scene = studio(SQUARE, wall, ((208, 214, 216), (240, 241, 239)), 700)
    moon(scene, 562, 380, 300, SUNS["sky"], 0.4)
    for foot, xs in ((800, (300, 562, 824)), (980, (250, 562, 874))):
        for x in xs:
            scene = place(scene, _glass_cup(x, foot), foot + 6, 0.2)
    return reduced(scene)


def tray() -> Image.Image:
    """A walnut tray with three white cups."""
    scene = studio(SQUARE, horizon=780)
    moon(scene, 562, 380, 300, SUNS["earth"], 0.36)
    scene = place(scene, _tray(), 960, 0.12)
    for cx in (300, 562, 824):
        scene = place(scene, cup(SQUARE, cx, 880, 1.05, WHITE_GLAZE, (240, 234, 224)), 884, 0.0)
    return reduced(scene)


def jar_seal() -> Image.Image:
    """A single seal bottle on its own: a low stoneware flask."""
    scene = studio(SQUARE, horizon=840)
    moon(scene, 562, 420, 310, SUNS["earth"], 0.34)
    shape = [(0, 44), (50, 46), (90, 90), (150, 190), (240, 236), (340, 226), (430, 180),
             (470, 168), (476, 168)]  # fmt: skip
    flask = Body(SQUARE, 562, rounded_foot([(480 + y, r) for y, r in shape], 14), ASH)
    art = card(150, 150, PAPER, 75)
    seal(art, (75, 75), 84)
    flask.label(art, 720, 232, 8)
    lit = Image.alpha_composite(
        flask.lit(MATT, SOFT_SHINE), capped(SQUARE, 562, 420, 52, 70, PINE)
    )
    return reduced(place(scene, lit, 962))


CREAM: Color = (246, 232, 200)
PICTURES: dict[str, Callable[[], Image.Image]] = {
    "quanyun": partial(tall, "泉韵", "52度 · 500ml", CELADON, PINE, PAPER, "jade"),
    "songfeng": partial(tall, "松风", "53度 · 500ml", PINE, GOLD_LEAF, CREAM, "gold"),
    "yunling": partial(tall, "云岭", "45度 · 500ml", WHITE_GLAZE, INDIGO, INK, "sky"),
    "zhuying": partial(tall, "竹影", "50度 · 500ml", ASH, PINE, PAPER, "jade"),
    "danxia": partial(tall, "丹霞", "53度 · 500ml", CLAY, NIGHT, CREAM, "peach"),
    "jiangyue": partial(tall, "江月", "46度 · 500ml", INDIGO, GOLD_LEAF, CREAM, "sky"),
    "maitian": partial(tall, "麦田", "38度 · 500ml", STRAW, CLAY, PAPER, "gold"),
    "yizhan": partial(trio, "一盏", WHITE_GLAZE, RED, "gold"),
    "banshan": partial(trio, "半山", PINE, (36, 72, 58), "jade", 2),
    "shanque": partial(trio, "山雀", CLAY, (120, 56, 30), "peach"),
    "wanzhou": partial(trio, "晚舟", INDIGO, (30, 52, 88), "sky", 1),
    "xingye": partial(trio, "星野", NIGHT, INK, "sky"),
    "shuangxi": partial(gift, "双喜", RED_LACQUER, GOLD_LEAF, "双喜", "peach"),
    "tuanyuan": partial(gift, "团圆", WHITE_GLAZE, RED_LACQUER, "团圆", "gold"),
    "songhe": partial(gift, "松鹤", PINE, GOLD_LEAF, "松鹤", "jade"),
    "jingui": partial(gift, "金桂", STRAW, GOLD_LEAF, "金桂", "gold"),
    "siji": partial(gift, "四季", CELADON, GOLD_LEAF, "四季", "sky"),
    "qingmei": partial(fruit, "青梅", [(214, 226, 140), (186, 206, 96), (136, 160, 56)],
                       (232, 240, 212), (170, 196, 110), 5),
    "meigui": partial(fruit, "玫瑰", [(240, 160, 160), (220, 110, 118), (172, 60, 76)],
                      (248, 226, 222), (226, 140, 140), 6),
    "gouqi": partial(fruit, "枸杞", [(244, 150, 90), (226, 110, 56), (180, 70, 30)],
                     (249, 230, 212), (226, 150, 100), 7),
    "miyou": partial(fruit, "蜜柚", [(252, 224, 130), (240, 202, 88), (206, 158, 44)],
                     (251, 242, 208), (240, 206, 110), 8),
    "luoshen": partial(fruit, "洛神", [(206, 80, 92), (170, 44, 60), (120, 22, 40)],
                       (244, 222, 222), (196, 96, 104), 9),
    "qingci": partial(cups_of, [CELADON, CELADON, CELADON], (206, 222, 208), "jade"),
    "zhuyou": partial(cups_of, [RED_LACQUER, RED_LACQUER], (246, 238, 226), "peach"),
    "baici": partial(cups_of, [WHITE_GLAZE], (240, 234, 224), "gold"),
    "shuijing": crystal,
    "tuopan": tray,
    "taoping": jar_seal,
}  # fmt: skip
