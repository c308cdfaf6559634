"""Why a message did not arrive, and why a campaign stopped, are codes; WeChat's words beside.

Both stood in one column: ``failed:user block``, ``43101 user refuse``, ``err(10001)``.
"""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.migrate import add_columns

SAID = {"failed:user block": "user_block", "failed: system failed": "system_failed"}
AT_ONCE = 1_000


CAUSES = ("offer_over", "block_share")
WECHAT = "wechat:"


class PushCampaign(Model):
    id = BigAutoField()
    stop_reason = CharField(max_length=80, null=True)
    stop_cause = CharField(max_length=40, null=True)

    class Meta:
        table_name = "push_campaign"


class Delivery(Model):
    id = BigAutoField()
    error = CharField(max_length=60, null=True)
    said = CharField(max_length=60, null=True)

    class Meta:
        table_name = "delivery"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what is still a sentence."""
    add_columns(db, Delivery, "said")
    add_columns(db, PushCampaign, "stop_cause")
    with db.bind_ctx([Delivery, PushCampaign], bind_refs=False, bind_backrefs=False), db.atomic():
        for sentence, code in SAID.items():
            same = Delivery.error == sentence
            Delivery.update(error=code, said=sentence).where(same).execute()
        _stops()
        while rows := _next():
            for row in rows:
                code, said = coded(row.error)
                Delivery.update(error=code, said=said).where(Delivery.id == row.id).execute()


def _stops() -> None:
    """What the machine wrote beside the reasons of people gets a column of its own."""
    for cause in CAUSES:
        same = PushCampaign.stop_reason == cause
        PushCampaign.update(stop_cause=cause, stop_reason=None).where(same).execute()
    for row in list(PushCampaign.select().where(PushCampaign.stop_reason.startswith(WECHAT))):
        values = {"stop_cause": row.stop_reason.removeprefix(WECHAT)[:40], "stop_reason": None}
        PushCampaign.update(**values).where(PushCampaign.id == row.id).execute()


def _next() -> list[Any]:
    words = Delivery.error.contains(" ") | Delivery.error.contains("(")
    words |= Delivery.error.contains(":")
    return list(Delivery.select().where(words).limit(AT_ONCE))


def coded(sentence: str) -> tuple[str, str]:
    """The code and WeChat's words of a former result."""
    code, _, rest = sentence.partition(" ")
    if code.lstrip("-").isdigit() and rest:
        return code, rest
    return "refused", sentence
