"""A refund by the merchant has a reason for the log and a note for the buyer."""

from __future__ import annotations

from typing import Any

import pytest

from domain import aftersales, audit
from kernel import context
from kernel.errors import Invalid
from tests.factories.orders import received_order


def test_the_merchant_s_reason_is_for_the_logs_and_what_is_told_for_the_buyer(
    db: Any, wired: None
) -> None:
    bought = received_order()
    with context.acting("staff:lisa"):
        made = aftersales.merchant_refund(bought.order_no, [], " 疑似恶意 ", told="少发一瓶")
    case = aftersales.case_detail_for_merchant(made["case_id"])
    assert case.note == "少发一瓶"
    assert [step.facts.get("said") for step in case.log] == [None, "疑似恶意"]
    entry = audit.history("case", made["case_id"])[0]
    assert (entry.actor, entry.after) == ("staff:lisa", {"why": "疑似恶意", "note": "少发一瓶"})
    for words in ({"why": "字" * 201}, {"why": "补偿", "told": "字" * 201}):
        with pytest.raises(Invalid) as refused:
            aftersales.merchant_refund(received_order().order_no, [], **words)
        assert refused.value.code == "text_too_long"
