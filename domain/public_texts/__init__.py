"""Texts that others read (公开文本): judged before they are kept, let through with a reason."""

from domain.public_texts.erasing import PERSONAL
from domain.public_texts.evidence import (
    CLAIMS,
    EvidenceForm,
    EvidenceView,
    Proof,
    add_evidence,
    evidence_ending,
    evidence_file,
    list_evidence,
    proofs_at_risk,
    withdraw_evidence,
)
from domain.public_texts.facts import PublicText, RefusedText
from domain.public_texts.judging import open_findings, refused_texts
from domain.public_texts.rulings import (
    RulingView,
    count_refused,
    let_pass,
    list_rulings,
    record_refused,
    ruling_detail,
    take_back,
)

__all__ = [
    "CLAIMS", "PERSONAL", "EvidenceForm", "EvidenceView", "Proof", "PublicText", "RefusedText",
    "RulingView", "add_evidence", "count_refused", "evidence_ending", "evidence_file", "let_pass",
    "list_evidence", "list_rulings", "open_findings", "proofs_at_risk", "record_refused",
    "refused_texts", "ruling_detail", "take_back", "withdraw_evidence",
]  # fmt: skip
