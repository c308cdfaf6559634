"""The merchant's messages: campaigns, deliveries, templates, subscriptions."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, IntegerField

from schema.columns import JsonField, Table, UtcField, ref, state, word
from schema.members import Member


class PushCampaign(Table):
    """A message to an audience over one carrier (群发任务)."""

    title = word(60)
    carrier = word(16)  # template, subscription, mass, service
    is_promotion = BooleanField(default=True)
    content = JsonField()
    audience = JsonField()
    state = state("draft")  # draft, sending, paused, done, stopped
    audience_size = IntegerField(default=0)
    queued = IntegerField(default=0)
    stop_reason = word(80, null=True)  # what a person wrote
    stop_cause = word(40, null=True)  # domain.push.rules.StopCause, or a code of WeChat's
    mass_msg_id = word(64, null=True)
    source = word(32, null=True, index=True)  # its cause, offer:{id}; null if a person made it
    created_by = word(64)
    created_at = UtcField(index=True)
    send_at = UtcField(null=True)
    started_at = UtcField(null=True)
    finished_at = UtcField(null=True)


class Delivery(Table):
    """One message of a campaign to one person, and its result (发送明细)."""

    campaign = ref(PushCampaign, index=False)
    member = ref(Member, index=False)
    openid = word(64)
    state = word(20, default="queued")  # domain.push.rules.DeliveryState
    client_msg_id = word(48, null=True)
    msg_id = word(40, null=True)
    error = word(60, null=True)  # domain.push.rules.NotSent, or a code of WeChat's
    said = word(60, null=True)  # WeChat's words
    at = UtcField()  # when queued, then when taken for sending; the weekly cap counts from it

    class Meta:
        indexes = (
            (("campaign", "member"), True),
            (("campaign", "state", "id"), False),
            (("campaign", "id"), False),
            (("member", "at"), False),
            (("msg_id",), False),
        )


class PromotionNotice(Table):
    """A single promotional notice that was or may have been sent to a member (促销通知).

    It counts in the weekly cap like a campaign's message.
    """

    member = ref(Member, index=False)
    key = word(48, unique=True)  # of the outbox row that sends it
    purpose = word(40)
    at = UtcField()

    class Meta:
        indexes = ((("member", "at"), False),)


class CampaignCount(Table):
    """A change of the number of a campaign's messages in a state (群发计数; ADR 0069).

    The sum of a campaign's rows is the number now in the state. Each change adds a row and alters
    none, so that senders and receipts don't wait for locks; old rows are merged. There is no
    foreign key, because it would lock the campaign for each receipt.
    """

    campaign_id = BigIntegerField()
    state = word(20)
    number = IntegerField()

    class Meta:
        indexes = ((("campaign_id", "state", "number"), False),)


class PushTemplate(Table):
    """A message template or subscription notice of the account, with its fields (消息模板)."""

    template_id = word(64, unique=True)
    kind = word(16)  # template, subscription
    title = word(60)
    purpose = word(32, null=True)  # order_paid, order_shipped, commission, withdrawal, promotion
    fields = JsonField()  # [[key, label], …]
    is_active = BooleanField(default=True)
    updated_at = UtcField()


class SubscriptionGrant(Table):
    """How many notices of a template a member still accepts; each subscription allows one."""

    member = ref(Member, index=False)
    template_id = word(64)
    remaining = IntegerField(default=0)
    updated_at = UtcField()

    class Meta:
        indexes = ((("member", "template_id"), True),)
