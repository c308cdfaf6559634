"""Composing, checking, starting and stopping a campaign (群发任务)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import audit, outbox, settings
from domain.members import tidy
from domain.push.audience import check_audience, everybody
from domain.push.rules import (
    CARRIERS,
    Count,
    Limits,
    carrier_refusal,
    count_reach,
    lint,
    quiet_until,
    text_of,
)
from domain.push.views import CampaignForm, CarrierReach, ReachPreview, WordFinding
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from models import PushCampaign, PushTemplate

MOST_TEXT = 2000


def draft_campaign(form: CampaignForm, actor: str) -> int:
    """A campaign is composed; nothing is sent before it is started."""
    values = _checked(form)
    made = PushCampaign.create(created_by=actor[:64], created_at=clock.now(), **values)
    audit.record("campaign.draft", "campaign", made.id, after={"title": form.title,
                 "carrier": form.carrier}, actor=actor)  # fmt: skip
    return int(made.id)


def edit_campaign(campaign_id: int, form: CampaignForm, actor: str) -> None:
    """A draft may be changed; what was started may not."""
    _step(campaign_id, ("draft",), **_checked(form))
    audit.record("campaign.edit", "campaign", campaign_id, after={"title": form.title},
                 actor=actor)  # fmt: skip


def reach(form: CampaignForm) -> ReachPreview:
    """Before sending: how many each lawful carrier reaches and why not the others (预览触达)."""
    check_audience(form.audience)
    limits, now = limits_now(), clock.now()
    counts = {carrier: Count() for carrier in CARRIERS}
    total = 0
    template_id = str(form.content.get("template_id") or "")
    for page in everybody(form.audience, template_id, is_promotion=form.is_promotion):
        total += len(page)
        count_reach(page, limits, counts, is_promotion=form.is_promotion, now=now)
    blocking, warnings = words_in(form)
    return ReachPreview(
        audience=total,
        carriers=tuple(
            CarrierReach(
                carrier, count.reached, count.excluded,
                carrier_refusal(carrier, limits, is_promotion=form.is_promotion)
                or _unfit(carrier, form, count.reached),
            )
            for carrier, count in counts.items()
        ),
        blocking=blocking,
        warnings=warnings,
        quiet_until=quiet_now() if form.is_promotion else None,
        risks=_risks(form),
    )  # fmt: skip


def _unfit(carrier: str, form: CampaignForm, reached: int) -> str | None:
    """Why a carrier can't take this campaign as it stands, though the rules allow it."""
    if carrier == "subscription" and not form.content.get("template_id"):
        return "template_missing"
    return "mass_needs_two" if carrier == "mass" and reached == 1 else None


def reach_of(campaign_id: int) -> ReachPreview:
    """The preview of a kept campaign."""
    return reach(form_of(campaign(campaign_id)))


def start_campaign(campaign_id: int, actor: str) -> None:
    """The campaign goes out, at once or at its time; promotions wait for the quiet hours' end.

    Raises Invalid('words_blocked'), Invalid(refusal of the carrier), Conflict('state_moved').
    """
    row = campaign(campaign_id)
    form = form_of(row)
    refused = carrier_refusal(form.carrier, limits_now(), is_promotion=form.is_promotion)
    if refused is not None:
        raise Invalid(refused, "carrier")
    blocking, _ = words_in(form)
    if blocking:
        raise Invalid("words_blocked", "content", words=[f.word for f in blocking])
    _check_template(form)
    now = clock.now()
    _step(campaign_id, ("draft",), state="sending", started_at=now)
    at = max(now, form.send_at or now)
    outbox.enqueue("push.expand", {"campaign_id": campaign_id, "after": 0},
                   order_key=key_of(campaign_id), delay=at - now or None)  # fmt: skip
    audit.record("campaign.start", "campaign", campaign_id, actor=actor,
                 after={"carrier": form.carrier, "audience": form.audience})  # fmt: skip


def pause_campaign(campaign_id: int, actor: str) -> None:
    """No further message leaves until it is resumed (暂停)."""
    _step(campaign_id, ("sending",), state="paused")
    audit.record("campaign.pause", "campaign", campaign_id, actor=actor)


def resume_campaign(campaign_id: int, actor: str) -> None:
    """A paused campaign goes on where it was (继续)."""
    _step(campaign_id, ("paused",), state="sending")
    outbox.enqueue("push.send", {"campaign_id": campaign_id}, order_key=key_of(campaign_id))
    audit.record("campaign.resume", "campaign", campaign_id, actor=actor)


def stop_campaign(campaign_id: int, actor: str, reason: str) -> None:
    """The campaign ends now; what is queued never leaves (停止)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(campaign_id, ("sending", "paused"), state="stopped", stop_reason=reason[:80],
          finished_at=clock.now())  # fmt: skip
    audit.record("campaign.stop", "campaign", campaign_id, after={"reason": reason}, actor=actor)


def campaign(campaign_id: int) -> PushCampaign:
    """The campaign's row. Raises NotFound."""
    row = PushCampaign.get_or_none(PushCampaign.id == campaign_id)
    if row is None:
        raise NotFound("campaign_missing")
    return row


def form_of(row: PushCampaign) -> CampaignForm:
    """The campaign as it was composed."""
    return CampaignForm(
        row.title, row.carrier, row.content, row.audience, row.is_promotion, row.send_at
    )


def limits_now() -> Limits:
    """The merchant's switches."""
    chosen = settings.get(settings.PushRules)
    return Limits(chosen.allow_template_promotion, chosen.weekly_cap)


def waits_until(form: CampaignForm) -> datetime | None:
    """When a campaign that was started begins: at its time, or at the quiet hours' end."""
    if form.send_at is not None and form.send_at > clock.now():
        return form.send_at
    until: datetime | None = quiet_now() if form.is_promotion else None
    return until


def quiet_now() -> Any:
    """When the quiet hours that it is now end, or None."""
    chosen = settings.get(settings.PushRules)
    return quiet_until(clock.now(), chosen.quiet_from_hour, chosen.quiet_to_hour)


def words_in(form: CampaignForm) -> tuple[tuple[WordFinding, ...], tuple[WordFinding, ...]]:
    """Words that forbid sending, and words that a service template is intercepted for."""
    text = f"{form.title}\n{text_of(form.content)}"
    blocking = lint(text_of(form.content), "ad", "liquor", "share")
    warned = lint(text, "marketing") if form.carrier == "template" else []
    return (
        tuple(WordFinding(f.kind, f.word) for f in blocking),
        tuple(WordFinding(f.kind, f.word) for f in warned),
    )


def key_of(campaign_id: int) -> str:
    """The sequence in which a campaign's chunks run."""
    return f"push:{campaign_id}"


def _step(campaign_id: int, states: tuple[str, ...], **values: Any) -> None:
    row = campaign(campaign_id)
    same = (PushCampaign.id == campaign_id) & PushCampaign.state.in_(states)
    if PushCampaign.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state)


def _checked(form: CampaignForm) -> dict[str, Any]:
    title = tidy(form.title)
    if not 2 <= len(title) <= 60:
        raise Invalid("title_length", "title", least=2, most=60)
    if form.carrier not in CARRIERS:
        raise Invalid("carrier_unknown", "carrier")
    check_audience(form.audience)
    _check_content(form)
    if form.send_at is not None and form.send_at > clock.now() + timedelta(days=90):
        raise Invalid("send_at_too_late", "send_at")
    return {
        "title": title, "carrier": form.carrier, "content": form.content,
        "audience": form.audience, "is_promotion": form.is_promotion, "send_at": form.send_at,
    }  # fmt: skip


def _check_content(form: CampaignForm) -> None:
    if form.carrier in ("template", "subscription"):
        if not form.content.get("template_id"):
            raise Invalid("template_missing", "template_id")
        return
    text = str(form.content.get("text") or "")
    if len(text) > MOST_TEXT:
        raise Invalid("text_too_long", "text", limit=MOST_TEXT)
    if not text.strip() and not form.content.get("media_ids"):
        raise Invalid("text_missing", "text")


def _check_template(form: CampaignForm) -> None:
    if form.carrier not in ("template", "subscription"):
        return
    row = PushTemplate.get_or_none(PushTemplate.template_id == form.content["template_id"])
    if row is None or not row.is_active or row.kind != form.carrier:
        raise Invalid("template_missing", "template_id")
    values = form.content.get("values") or {}
    missing = [label for key, label in row.fields if not str(values.get(key) or "").strip()]
    if missing:
        raise Invalid("template_values_missing", "values", fields=missing)


def _risks(form: CampaignForm) -> tuple[str, ...]:
    """What the merchant should know before starting."""
    risks = []
    if form.carrier == "template" and form.is_promotion:
        risks.append("template_promotion_risks_account")
    if form.carrier == "mass":
        risks.append("mass_four_a_month")
    if form.carrier == "service":
        risks.append("window_five_messages")
    return tuple(risks)
