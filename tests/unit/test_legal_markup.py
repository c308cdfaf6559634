"""The markup of legal documents: rendering, refused texts, comparison of versions."""

from __future__ import annotations

import pytest

from domain.legal.markup import Change, blocks_of, changes, check_body, filled
from kernel.errors import Invalid

KNOWN = {"ship_within_hours": "48", "legal_name": "**山<b>"}


def test_headings_lists_and_paragraphs_are_marked_by_their_first_characters() -> None:
    body = "# 配送\n付款后 { ship_within_hours } 小时内发货。\n请查收。\n- 一\n- **二**重"
    body += "\n\n尾 # 不是标题"
    found = [(each.kind, each.lines) for each in blocks_of(body, KNOWN)]
    assert found == [
        ("heading", ((("配送", False),),)),
        ("paragraph", ((("付款后 48 小时内发货。", False),), (("请查收。", False),))),
        ("list", ((("一", False),), (("二", True), ("重", False)))),
        ("paragraph", ((("尾 # 不是标题", False),),)),
    ]


def test_the_value_of_a_variable_is_never_read_as_markup() -> None:
    (block,) = blocks_of("由{legal_name}销售", KNOWN)
    assert block.lines == ((("由**山<b>销售", False),),)


@pytest.mark.parametrize(
    ("body", "code", "facts"),
    [
        ("  \n", "document_empty", {}),
        ("一" * 20_001, "document_too_long", {"limit": 20_000}),
        ("{ship_hours}", "variable_unknown", {"name": "ship_hours"}),
        ("好\n{Ship}", "brace_open", {"line": 2}),
        ("{ship_within_hours}}", "brace_open", {"line": 1}),
        ("{发货}", "brace_open", {"line": 1}),
    ],
)
def test_invalid_markup_is_refused_with_its_place(
    body: str, code: str, facts: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        check_body(body, KNOWN)
    assert (refused.value.code, refused.value.field) == (code, "body")
    assert refused.value.facts == facts


def test_full_width_braces_are_text() -> None:
    check_body("写作｛店名｝", KNOWN)
    assert filled("写作｛店名｝", KNOWN) == "写作｛店名｝"


def test_a_comparison_shows_changed_lines_with_little_context() -> None:
    before = "\n".join(["甲", "乙", "丙", "丁", "戊", "己"])
    after = before.replace("戊", "戊二")
    assert changes(before, after) == (
        Change("skip", ""), Change("same", "丁"), Change("gone", "戊"), Change("new", "戊二"),
        Change("same", "己"),
    )  # fmt: skip
    assert changes(before, before + "\n\n") == ()


def test_an_unknown_variable_is_shown_as_typed() -> None:
    assert filled("{nobody} {legal_name}", KNOWN) == "{nobody} **山<b>"
