"""Each face has a text for every refusal that can reach it, with its facts; none is left over."""

from __future__ import annotations

import ast
from string import Formatter

import pytest

from admin.texts import TEXTS as DESK
from bot.texts import TEXTS as CHAT
from kernel import catalogues
from kernel.web.texts import COMMON, TYPED, Texts
from mall_h5.texts import TEXTS as MALL
from tests.arch.reach import body_of, edges, path_of
from tests.arch.refusals import Site, at_face, codes_of, sites

NAMES = {"admin.": "admin", "mall_h5.": "mall", "bot.": "chat"}
FACES = (("admin.", DESK), ("mall_h5.", MALL), ("bot.", CHAT))
COMPOSED: dict[str, set[str]] = {
    "text_too_heavy": {"limit"},
    "held_after_restore": set(),
    "sign_in_locked": {"until", "minutes"}, "sign_in_slow": {"until", "minutes"},
    "ceiling_per_hour": {"limit_fen"}, "ceiling_per_day": {"limit_fen"},
    "ceiling_per_person_day": {"limit_fen"},
    "mass_needs_two": set(), "template_promotion_off": set(),
    "sheet_kind": set(), "sheet_xls": set(),
    "upload_too_large": set(), "http_403": set(), "http_404": set(), "http_405": set(),
    "http_500": set(), "database_away": set(), "database_busy": set(), "commit_unknown": set(),
    "disk_full": set(),
}  # fmt: skip
"""Codes that are composed or passed on where they are raised, with their facts."""
NOBODY_READS = {
    "command_key_bad": "keys are made by our forms",
    "referral_code_taken": "five codes in a row, all taken",
    "notice_not_a_transfer": "answered to WeChat", "notice_not_a_grant": "answered to WeChat",
    "signature_bad": "answered to WeChat, or a cookie that is then dropped",
}  # fmt: skip
ELSEWHERE = {
    "admin.": {
        "choice_not_offered": "buyers choose in the mall",
    },
    "mall_h5.": {},
    "bot.": {
        "bill_missing": "the chat names none", "choice_not_offered": "buyers choose in the mall",
        "nickname_missing": "typed in the mall", "name_reserved": "typed in the mall",
        "order_missing": "an order that was listed before",
        "order_state": "answered by the order's state", "order_moved": "answered by its state",
        "case_missing": "a number that is not theirs: not found",
        "refund_missing": "a number that is not theirs: not found",
        "withdrawal_missing": "a withdrawal that was listed before",
        "payee_missing": "who is a distributor is a payee",
        "oauth_state": "said by the mall's page", "oauth_loop": "said by the mall's page",
        "snapshot_user": "said by the mall's page",
    },
}  # fmt: skip
"""Refusals of verbs that a face runs, which the face can't meet."""


def _named(text: str) -> set[str]:
    """The facts that a text names; a sum of ``name_fen`` is named ``name``."""
    return {name.partition(".")[0] for _, name, _, _ in Formatter().parse(text) if name}


def _given(facts: set[str] | frozenset[str]) -> set[str]:
    return set(facts) | {fact.removesuffix("_fen") for fact in facts}


def _said() -> list[Site]:
    """The texts that a face asks for by name: ``TEXTS.text("code", fact=…)``."""
    calls = (
        (node, statement, call) for node in edges() for statement in body_of(node)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and path_of(call.func) == ("TEXTS", "text")
    )  # fmt: skip
    return [
        Site(node, code, frozenset(str(k.arg) for k in call.keywords), False)
        for node, statement, call in calls
        for code in codes_of(call.args[0], statement)
    ]


@pytest.mark.parametrize(("face", "texts"), FACES)
def test_each_refusal_that_can_reach_a_face_has_its_text(face: str, texts: Texts) -> None:
    codes = {site.code for site in at_face(face)}
    assert len(codes) > 15
    silent = set(NOBODY_READS) | set(ELSEWHERE[face])
    assert sorted(code for code in codes - silent if code not in texts) == []


@pytest.mark.parametrize(("face", "texts"), FACES)
def test_codes_that_a_face_cannot_meet_have_no_text(face: str, texts: Texts) -> None:
    codes = {site.code for site in at_face(face)}
    assert set(ELSEWHERE[face]) <= codes
    assert [code for code in ELSEWHERE[face] if code in texts] == []


@pytest.mark.parametrize(("face", "texts"), FACES)
def test_no_text_belongs_to_an_unused_code(face: str, texts: Texts) -> None:
    raised = {site.code for site in (*sites(), *_said())} | set(COMPOSED) | set(TYPED)
    assert sorted(set(texts.by_code) - raised) == []
    own = catalogues.of(NAMES[face]).names("error")
    assert [code for code, text in own.items() if COMMON.get(code) == text] == []


@pytest.mark.parametrize(("face", "texts"), FACES)
def test_a_text_names_only_facts_that_come_with_each_refusal(face: str, texts: Texts) -> None:
    """Earlier, a missing fact was shown in braces: 数量应在 1 到 {limit} 之间."""
    lacking = {
        f"{site.code} at {site.node[0]}.{site.node[1]}": sorted(lacks)
        for site in (*sites(), *_said())
        if site.code in texts and not site.has_more
        if (lacks := _named(texts.by_code[site.code]) - _given(site.facts))
    }
    assert lacking == {}
    for code, facts in COMPOSED.items():
        assert _named(texts.by_code.get(code, "")) <= _given(facts), code


def test_what_nobody_reads_is_raised_and_has_no_text() -> None:
    assert set(NOBODY_READS) <= {site.code for site in sites()}
    assert [code for code in NOBODY_READS if code in MALL or code in CHAT] == []
