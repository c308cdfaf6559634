"""WeUI is cut to the rules in use, and nothing that the pages use lost a rule."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.cut_weui import CUT, cut, kept, parsed, split, used_by

ROOT = Path(__file__).resolve().parents[2]
WHOLE = (ROOT / "static" / "vendor" / "weui@2.6.26" / "weui.min.css").read_text(encoding="utf-8")
NAMED = re.compile(r"weui-[\w-]+")
CLASS = re.compile(r"\.(weui-[\w-]+)")


def sources() -> dict[str, str]:
    """Everything that puts classes on pages of the mall, by file."""
    files = [
        *(ROOT / "templates" / "h5").rglob("*.html"),
        *(ROOT / "templates" / "shared").glob("*.html"),
        *(ROOT / "static" / "js").glob("*.js"),
        *(ROOT / "mall_h5").rglob("*.py"),
    ]
    found = {str(f.relative_to(ROOT)): f.read_text(encoding="utf-8") for f in files}
    return {name: text for name, text in found.items() if NAMED.search(text)}


def selectors(sheet: str) -> set[str]:
    """The parts of a sheet that begin with a class, up to the next comma or brace."""
    parts = re.split(r"[{},]", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    return {part.strip() for part in parts if part.strip().startswith(".weui-")}


def test_no_class_in_use_lost_its_rule() -> None:
    used = {name for text in sources().values() for name in NAMED.findall(text)}
    wanted = {each for each in selectors(WHOLE) if set(CLASS.findall(each)) <= used}
    assert {".weui-btn_primary", ".weui-switch:checked::after"} <= wanted
    assert wanted - selectors(CUT.read_text(encoding="utf-8")) == set()


def test_a_class_of_weui_is_written_out() -> None:
    """A class that is put together from parts is found by no search, and would lose its rule."""
    parts = {
        name: [each for each in NAMED.findall(text) if each.endswith(("-", "_"))]
        for name, text in sources().items()
    }
    assert {name: found for name, found in parts.items() if found} == {}


def test_the_cut_sheet_is_the_one_that_the_pages_need_now() -> None:
    assert CUT.read_text(encoding="utf-8") == cut(), "make styles"


def test_each_property_that_the_sheets_read_is_set() -> None:
    """A custom property that nothing sets turns its declaration off, without a word."""
    own = (ROOT / "static" / "css" / "mall.css").read_text(encoding="utf-8")
    sheets = own + CUT.read_text(encoding="utf-8")
    read = set(re.findall(r"var\((--[\w-]+)\)", sheets))
    assert read - set(re.findall(r"(--[\w-]+)\s*:", sheets)) == set()


def test_rules_are_told_apart() -> None:
    sheet = """
    /* a { } */ .a::after{content:"}{,"} .a,.b:not(.c),.d[data-x]{x:1}
    @media (min-width:2px){.b{y:1}.a{z:1}} @media print{.b{w:1}}
    """
    rules = parsed(sheet)
    assert [rule.head for rule in rules] == [
        ".a::after", ".a,.b:not(.c),.d[data-x]", "@media (min-width:2px)", "@media print",
    ]  # fmt: skip
    assert split(rules[0].body + ";u:v(a;b)", ";") == ['content:"}{,"', "u:v(a;b)"]
    left = kept(rules, used_by('class="a"'))
    assert [rule.head for rule in left] == [".a::after", ".a", "@media (min-width:2px)"]
    assert [rule.head for rule in left[2].inner] == [".a"]


def test_the_merchants_pages_use_no_part_of_weui() -> None:
    """They don't load its sheet: a button made by a macro of the mall had no style there."""
    macros = re.compile(r"\b(post_button|submit)\b(?=[^%]*%}|\()")
    found = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "templates" / "admin").rglob("*.html")
        if NAMED.search(text := file.read_text(encoding="utf-8")) or macros.search(text)
    }
    assert found == set()
