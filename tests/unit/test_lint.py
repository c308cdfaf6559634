"""The advertising lint: texts that it refuses or warns about, and texts that it allows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.lint import Finding, lint, marketing_words, verdict
from domain.lint.folding import fold, fold_word
from domain.lint.lists import lists
from domain.lint.needs import needs_of
from domain.lint.rules import _pairs

GOLDEN = Path(__file__).parents[1] / "golden" / "lint"
RIGHT_LEAST, LAWFUL_REFUSED_MOST = 0.92, 0.03
SETS = ("tuned", "kept", "unseen")


def cases(name: str) -> list[tuple[str, str, str, str]]:
    """The cases of the file: verdict, ground (or ''), field, and text."""
    lines = (GOLDEN / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
    assert all(len(row) == 4 for row in rows)
    return rows  # type: ignore[return-value]


def found_in(where: str, text: str) -> list[Finding]:
    return lint(text, "name" if where == "shop" else "text")


def kinds(text: str) -> set[str]:
    return {each.kind for each in lint(text) if each.severity != "warn"}


@pytest.mark.parametrize("name", SETS)
def test_verdicts_on_realistic_texts(name: str) -> None:
    rows = cases(name)
    wrong = [row for row in rows if verdict(found_in(row[2], row[3])) != row[0]]
    lawful = [row for row in rows if row[0] == "ok"]
    refused = [row for row in lawful if verdict(found_in(row[2], row[3])) == "refused"]
    assert len(rows) > 90
    assert len(wrong) <= (1 - RIGHT_LEAST) * len(rows), wrong
    assert len(refused) <= LAWFUL_REFUSED_MOST * len(lawful), refused


def test_a_refusal_names_its_ground() -> None:
    rows = [row for name in SETS for row in cases(name) if row[0] == "refused" and row[1]]
    other = [row for row in rows if row[1] not in {f.kind for f in found_in(row[2], row[3])}]
    assert len(rows) > 250
    assert len(other) <= 0.1 * len(rows), other


def test_each_finding_has_its_position_in_the_typed_text() -> None:
    text = "新品：最 * 佳白酒，蕞正宗"
    found = lint(text)
    assert [(f.word, f.kind) for f in found] == [("最 * 佳", "absolute"), ("蕞正", "absolute")]
    assert [text[f.start : f.end] for f in found] == ["最 * 佳", "蕞正"]


@pytest.mark.parametrize(
    "text",
    [
        "最佳口感", "最 佳口感", "最-佳口感", "最*佳口感", "最，佳口感", "zui佳口感", "蕞佳口感",
        "最\u200b佳口感", "最🔥佳口感", "【最】【佳】口感",
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert kinds(text) == {"absolute"}


@pytest.mark.parametrize(
    "text", ["國家級", "養生酒", "全國最好", "特貢酒", "包治百病", "ＮＯ.１白酒"]
)
def test_traditional_and_wide_letters_are_folded(text: str) -> None:
    assert verdict(lint(text)) == "refused"


def test_a_position_in_a_folded_text_is_mapped_to_the_typed_text() -> None:
    text = "净 12.5 度，最，好喝 zui好"
    folds = fold(text)
    assert folds.text == "净12.5度，最好喝最好"
    assert [text[at] for at in folds.places][:5] == ["净", "1", "2", ".", "5"]
    assert folds.typed(text, folds.text.rindex("最"), len(folds.text))[2] == "zui好"


@pytest.mark.parametrize(
    "text",
    [
        "本品不能代替药物，也不具有治疗功效", "禁止未成年人饮酒", "请勿酒后驾车",
        "过量饮酒有害健康",
        "未满18岁请勿购买", "不是最好的，但用了心", "我们不卖特供酒", "不承诺升值，也不回购",
        "不收入会费，不发展下线", "有人卖特供酒，请举报", "这酒能治病吗", "顾客第一",
        "最佳饮用温度 12 度", "第一次下单立减 10 元", "祝您健康长寿",
    ],
)  # fmt: skip
def test_denials_warnings_and_questions_are_allowed(text: str) -> None:
    assert verdict(lint(text)) == "ok", lint(text)


def test_a_claim_of_fact_needs_evidence() -> None:
    found = lint("纯粮固态发酵，陶坛贮存五年")
    assert verdict(found) == "evidence"
    assert {each.claim for each in found} == {"process", "age"}


def test_contacts_are_refused_in_names_only_as_bare_numbers() -> None:
    assert verdict(lint("老王酒铺 13800138000", "name")) == "refused"
    assert verdict(lint("客服电话 13800138000，早九点到晚九点")) == "ok"


def test_a_strike_price_far_above_the_price_is_refused() -> None:
    assert kinds("原价 1999 元，现价 199 元") == {"price"}
    assert kinds("原价 299 元，现价 269 元") == set()


def test_words_that_wechat_blocks_in_templates_are_a_list_of_their_own() -> None:
    text = "中秋 满 减，领取红包"
    assert [each.word for each in marketing_words(text)] == ["满 减", "领取", "红包"]
    assert lint(text) == []


def test_skipping_patterns_by_their_required_characters_loses_no_finding() -> None:
    texts = [text for name in SETS for _, _, _, text in cases(name)]
    hidden = [
        (text, pattern.pattern)
        for text in map(fold_word, texts)
        for _, pattern, rule in lists().patterns
        if pattern.search(text)
        if (pattern, rule) not in lists().possible({*text, *_pairs(text)})
    ]
    assert len(texts) > 1000
    assert hidden == []


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("(?:喝|饮)[^。]{0,8}(?:长寿|年轻)", [{"喝", "饮"}, {"长寿", "年轻"}]),
        ("最(?!近)好?", [{"最"}]), ("(?:a|)b+", [{"b"}]), (r"\d{6,}", []),
        ("[a-d]x", [{"a", "b", "c", "d"}, {"x"}]),
    ],
)  # fmt: skip
def test_the_required_characters_of_a_pattern(pattern: str, needs: list[set[str]]) -> None:
    assert [set(each) for each in needs_of(pattern)] == needs


def test_the_command_prints_a_verdict_for_each_line() -> None:
    lines = "国家级佳酿\n纯粮固态\n第一次购买立减十元\n\n"
    ran = subprocess.run(
        [sys.executable, "-m", "app", "--config", "/nowhere.yaml", "lint", "--lines", "--json"],
        input=lines.encode(), capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    answers = [json.loads(line) for line in ran.stdout.decode().splitlines()]
    assert answers == [
        {"verdict": "refused", "grounds": ["absolute"], "words": ["国家级"]},
        {"verdict": "evidence", "grounds": ["evidence"], "words": ["纯粮"]},
        {"verdict": "ok", "grounds": [], "words": []},
        {"verdict": "ok", "grounds": [], "words": []},
    ]
