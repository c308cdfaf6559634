"""Texts that the lint refused and who let them pass; evidence for claims."""

from __future__ import annotations

from schema.columns import JsonField, Table, UtcField, state, word


class TextRuling(Table):
    """A text that the lint refused (广告审查): asked for again it is the same row."""

    text_hash = word(64, unique=True)
    text = word(500)  # its beginning
    page = word(120)  # the address of the form
    field = word(40)
    words = JsonField()  # [{"word": …, "ground": …, "why": …, "severity": …}]
    asked_by = word(64)
    asked_at = UtcField(index=True)
    state = state("refused")  # refused, passed
    decided_by = word(64, null=True)
    decided_at = UtcField(null=True)
    reason = word(200, null=True)


class ClaimEvidence(Table):
    """Evidence for a claim of fact (证明材料), and the phrases that it covers."""

    claim = word(20)  # age, process, heritage, award, figures
    title = word(80)
    number = word(80, default="")
    covers = word(400)  # phrases, separated by spaces
    last_day = word(10, null=True)  # the last day, Shanghai
    file = word(64, default="")  # of the document itself: 32 hex digits and its type
    added_by = word(64)
    added_at = UtcField()
    withdrawn_by = word(64, null=True)
    withdrawn_at = UtcField(null=True)
