"""Why a case was decided by itself, and why it took a step, are codes; what a person wrote stands
beside them. A refund's cause says its reason; only words of a former release stay in the column.

A refund that is under way keeps its words, because WeChat gets the same words again.
"""

from __future__ import annotations

import json
from typing import Any

from peewee import BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns

DECISIONS = {"超时自动同意": "timeout", "商品已发出，请申请退货退款": "goods_sent"}
RESTORED = "恢复备份后补记：微信已退款"
SENTENCES = DECISIONS | {
    "nothing was paid": "nothing_to_refund", RESTORED: "refunded_at_wechat",
}  # fmt: skip
EVENTS = {
    ("requested", "rejected"): "reject", ("returning", "rejected"): "reject",
    ("unconfirmed", "rejected"): "reject", ("requested", "approved"): "approve_return",
    ("requested", "refunding"): "approve_refund",
    ("received_back", "refunding"): "instead_of_exchange",
}  # fmt: skip
CODES = {
    "withdraw", "withdrawn", "approve_return", "approve_refund", "reject", "send_back",
    "take_back",
    "restock", "goods_back", "escalate", "remind", "exchange", "replaced", "instead_of_exchange",
    "refund", "refunded", "succeed", "fail", "retry", "settle_by_hand", "settled_by_hand",
    "timeout", "goods_sent", "nothing_to_refund", "refunded_at_wechat",
}  # fmt: skip
SAID_BY_CAUSE = {
    "late": "订单已关闭,付款退回", "duplicate": "重复付款退回", "wrong_amount": "付款金额不符",
    "found": "恢复备份后补记",
}  # fmt: skip
FINISHED = ("succeeded", "settled_by_hand")


class AfterSale(Model):
    id = BigAutoField()
    note = CharField(max_length=300, default="")
    decided_by = CharField(max_length=64, null=True)
    decision = CharField(max_length=24, null=True)
    decision_note = CharField(max_length=200, null=True)

    class Meta:
        table_name = "after_sale"


class AfterSaleLog(Model):
    id = BigAutoField()
    from_state = CharField(max_length=20, null=True)
    to_state = CharField(max_length=20)
    why = CharField(max_length=200)
    facts = TextField(null=True)

    class Meta:
        table_name = "after_sale_log"


class Refund(Model):
    id = BigAutoField()
    cause = CharField(max_length=20)
    reason = CharField(max_length=80)
    state = CharField(max_length=20)

    class Meta:
        table_name = "refund"


ALL = (AfterSale, AfterSaleLog, Refund)


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what is still a sentence."""
    add_columns(db, AfterSale, "decision")
    add_columns(db, AfterSaleLog, "facts")
    with db.bind_ctx(ALL, bind_refs=False, bind_backrefs=False), db.atomic():
        for sentence, code in DECISIONS.items():
            same = (AfterSale.decided_by == "system") & (AfterSale.decision_note == sentence)
            AfterSale.update(decision=code, decision_note="").where(same).execute()
        AfterSale.update(note="").where(AfterSale.note == RESTORED).execute()
        for sentence, code in SENTENCES.items():
            AfterSaleLog.update(why=code).where(AfterSaleLog.why == sentence).execute()
        _part_codes_from_words()
        _drop_known_reasons()


def _part_codes_from_words() -> None:
    """What a person wrote moves to the facts; the step's event is the code."""
    steps = AfterSaleLog.from_state.is_null(False) & (AfterSaleLog.to_state != "abnormal")
    typed = steps & AfterSaleLog.facts.is_null() & AfterSaleLog.why.not_in(sorted(CODES))
    for row in list(AfterSaleLog.select().where(typed)):
        code = EVENTS.get((row.from_state, row.to_state), "said_before")
        facts = json.dumps({"said": row.why}, ensure_ascii=False, separators=(",", ":"))
        AfterSaleLog.update(why=code, facts=facts).where(AfterSaleLog.id == row.id).execute()


def _drop_known_reasons() -> None:
    done = Refund.state.in_(FINISHED)
    for cause, sentence in SAID_BY_CAUSE.items():
        same = done & (Refund.cause == cause) & (Refund.reason == sentence)
        Refund.update(reason="").where(same).execute()
    of_case = done & (Refund.cause == "case") & Refund.reason.startswith("订单")
    Refund.update(reason="").where(of_case & Refund.reason.endswith("退款")).execute()
