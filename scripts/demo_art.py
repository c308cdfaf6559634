"""Draws the demo shop's pictures: ``python scripts/demo_art.py [name …]`` fills app/demo_assets/.

Brand, goods and people are fictitious.
"""

from __future__ import annotations

import sys
from pathlib import Path

import demo_art_bottles as bottles
import demo_art_more as more
import demo_art_people as people
import demo_art_sets as sets

OUT = Path(__file__).resolve().parent.parent / "app" / "demo_assets"
PICTURES = {
    "chenniang": bottles.chenniang,
    "xiaoquan": bottles.xiaoquan,
    "tancang": bottles.tancang,
    "guihua": bottles.guihua,
    "gift_box": sets.gift_box,
    "tasting": sets.tasting,
    "decanter": sets.decanter,
    "cups": sets.cups,
    "brand": sets.brand,
    "banner_spring": sets.banner_spring,
    "banner_gift": sets.banner_gift,
    "logo": people.logo,
    "avatar_lin": people.pines,
    "avatar_wang": people.sail,
    "avatar_hui": people.osmanthus,
    "avatar_zhou": people.teapot,
    **more.PICTURES,
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or PICTURES:
        picture = PICTURES[name]()
        if name in more.PICTURES:  # shown in lists and galleries only
            picture = picture.resize((900, 900))
        path = OUT / f"{name}.jpg"
        picture.save(path, "JPEG", quality=84, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
