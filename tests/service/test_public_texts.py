"""Public texts: refused by word, let pass with a reason, proven by evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.demo_goods import MORE
from app.seed import demo_products
from domain import public_texts
from domain.public_texts import EvidenceForm, PublicText
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from models import AuditEntry, ClaimEvidence, TextRuling

BOSS = "staff:boss"


def refused(text: str, field: str = "title", *, is_name: bool = False) -> Any:
    found = public_texts.refused_texts({field: PublicText(text, is_name)})
    return found[0] if found else None


def test_a_refused_text_names_its_field_and_words(db: Any) -> None:
    said = {"title": "国家级佳酿", "subtitle": "绵柔", "tags": ""}
    texts = {field: PublicText(text) for field, text in said.items()}
    (found,) = public_texts.refused_texts(texts)
    assert (found.field, [f.word for f in found.findings]) == ("title", ["国家级"])
    assert not found.needs_evidence_only


def test_a_text_that_was_let_pass_is_not_refused_while_unchanged(db: Any) -> None:
    text = "本厂注册商标：国酒坊"
    public_texts.record_refused([refused(text)], "/admin/products/new", "staff:li")
    public_texts.record_refused([refused(text)], "/admin/products/7", "staff:wang")
    (row,) = public_texts.list_rulings("refused")
    assert (row.page, row.asked_by) == ("/admin/products/7", "staff:wang")
    assert [each["word"] for each in row.words] == ["国酒"]
    public_texts.let_pass(row.id, "商标注册证第 123 号", BOSS)
    assert refused(text) is None
    assert refused(text + "，国家级") is not None, "a changed text is judged anew"
    (passed,) = public_texts.list_rulings("passed")
    assert (passed.decided_by, passed.reason) == (BOSS, "商标注册证第 123 号")
    entry = AuditEntry.get(AuditEntry.action == "text.passed")
    assert (entry.actor, entry.after["reason"], entry.after["words"]) == (
        BOSS, "商标注册证第 123 号", "国酒",
    )  # fmt: skip
    assert TextRuling.get().text_hash.startswith(entry.after["text_hash"])
    with pytest.raises(Conflict, match="text_ruled"):
        public_texts.let_pass(row.id, "再来一次", BOSS)
    public_texts.take_back(row.id, "商标已转让", BOSS)
    assert refused(text) is not None


def test_letting_a_text_pass_needs_a_reason_and_a_refused_text(db: Any) -> None:
    public_texts.record_refused([refused("国家级佳酿")], "/admin/products/new", "staff:li")
    (row,) = public_texts.list_rulings("refused")
    with pytest.raises(Invalid, match="reason_missing"):
        public_texts.let_pass(row.id, " ", BOSS)
    with pytest.raises(NotFound, match="ruling_missing"):
        public_texts.let_pass(row.id + 1, "有依据", BOSS)
    assert public_texts.count_refused() == 1


def test_a_claim_passes_with_evidence_for_what_it_says(db: Any) -> None:
    text = "纯粮固态发酵，陶坛贮存五年"
    assert refused(text).needs_evidence_only
    evidence = EvidenceForm("process", "检验报告", "JY-1", ("纯粮固态发酵",))
    public_texts.add_evidence(evidence, BOSS)
    assert [f.claim for f in refused(text).findings] == ["age"]
    until = clock.business_day(clock.now()) + timedelta(days=30)
    age = EvidenceForm("age", "入库单", "", ("贮存五年",), until)
    age_id = public_texts.add_evidence(age, BOSS)
    assert refused(text) is None
    assert refused("陶坛贮存三十年") is not None, "evidence for five years covers no thirty"
    public_texts.withdraw_evidence(age_id, BOSS)
    assert [f.claim for f in refused(text).findings] == ["age"]
    with pytest.raises(Conflict, match="evidence_withdrawn"):
        public_texts.withdraw_evidence(age_id, BOSS)


def test_evidence_ends_with_its_last_day(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.business_day(clock.now())
    public_texts.add_evidence(EvidenceForm("award", "证书", "", ("金奖",), today), BOSS)
    assert refused("荣获金奖") is None
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert refused("荣获金奖") is not None
    assert [each.is_live for each in public_texts.list_evidence()] == [False]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (EvidenceForm("magic", "证书", "", ("金奖",)), "claim_unknown"),
        (EvidenceForm("award", "证书", "", ()), "evidence_covers_nothing"),
        (EvidenceForm("award", "证书", "", ("金",)), "evidence_covers_nothing"),
    ],
)
def test_invalid_evidence_is_refused(db: Any, form: EvidenceForm, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        public_texts.add_evidence(form, BOSS)
    assert ClaimEvidence.select().count() == 0


def test_the_demo_shop_passes_its_own_lint(db: Any) -> None:
    from app.seed import EVIDENCE

    for form, _ in EVIDENCE:
        public_texts.add_evidence(form, BOSS)
    products = demo_products(dict.fromkeys(("陈酿", "小酒", "礼盒", "露酒", "酒器"), 1))
    forms = [product.form for product in products] + [good.form(1, 1) for good in MORE]
    said = [text for f in forms for text in (f.title, f.subtitle, f.description, f.usage, *f.tags)]
    said += [sku.spec_text for product in products for sku in product.skus]
    said += [text for good in MORE for text in (*good.facts().values(), *dict(good.packs))]
    texts = {str(n): PublicText(text) for n, text in enumerate(said)}
    assert len(texts) > 40
    assert public_texts.refused_texts(texts) == []
