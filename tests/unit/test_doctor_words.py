"""The go-live check's sentences: the catalogue has one for each finding, and no other."""

from __future__ import annotations

import ast
import string

import pytest

from gateways.checks import TEXT, item
from tests.arch.source import modules

DOCTORS = {"gateways/wechat/doctor.py", "gateways/wechatpay/doctor.py", "gateways/identity.py"}


def findings() -> dict[str, set[str]]:
    """``item.finding`` of each call of ``item``, with the facts that it gives."""
    found: dict[str, set[str]] = {}
    for module in modules("gateways"):
        if module.name in DOCTORS:
            for call in module.calls():
                if isinstance(call.func, ast.Name) and call.func.id == "item":
                    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                    named = [str(each) for each in words if each not in {"ok", "warn", "fail"}]
                    key = ".".join(named if len(named) > 1 else [*named, "fine"])
                    found[key] = {str(each.arg) for each in call.keywords}
    return found


def test_the_findings_are_the_catalogue_s() -> None:
    said = {key.rpartition(".")[0] for key in TEXT.names("check")}
    assert said == set(findings())


@pytest.mark.parametrize(("key", "given"), sorted(findings().items()))
def test_a_sentence_names_only_facts_that_are_given(key: str, given: set[str]) -> None:
    said = TEXT.names(f"check.{key}")
    named = {name for text in said.values() for _, name, _, _ in string.Formatter().parse(text)}
    assert named - {None} <= given


def test_a_finding_says_what_was_found_and_what_to_do() -> None:
    check = item("push_url", "fail", "wrong", status=404, address="https://x.cn/wechat")
    assert check.found == "/wechat 应答 404，echostr 不符"
    assert "https://x.cn/wechat" in check.what_to_do_zh
