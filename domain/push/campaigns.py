"""Writing, checking, starting and stopping a campaign (群发任务)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import approvals, audit, outbox, segments, settings
from domain.lint import Finding, marketing_words
from domain.public_texts import open_findings
from domain.push.audience import audience_pages
from domain.push.rules import (
    CARRIERS,
    Count,
    Limits,
    carrier_refusal,
    count_reach,
    parts_of,
    quiet_until,
    text_of,
)
from domain.push.views import CampaignForm, CarrierReach, ReachPreview
from kernel import clock, typed
from kernel.chat_text import TEXT_BYTES_MAX
from kernel.errors import Conflict, Invalid, NotFound
from kernel.text import clean_line
from models import PushCampaign, PushTemplate

MOST_TEXT = TEXT_BYTES_MAX // 3  # WeChat counts bytes; this many Chinese characters fit


def draft_campaign(form: CampaignForm, actor: str, *, by: str | None = None) -> int:
    """Save a campaign as a draft; nothing is sent before it is started. Returns its id.

    It belongs to ``actor``. ``by`` is set if a task of the shop wrote it.
    """
    values = _checked(form)
    made = PushCampaign.create(created_by=actor[:64], created_at=clock.now(), **values)
    audit.record_either("campaign.draft", "campaign", made.id, actor=by or actor, after={
        "title": form.title, "carrier": form.carrier} | _asked_by(actor, by))  # fmt: skip
    return int(made.id)


def edit_campaign(campaign_id: int, form: CampaignForm, actor: str) -> None:
    """Change a draft. Raises Invalid, NotFound, Conflict('state_moved') once it was started."""
    _step(campaign_id, ("draft",), **_checked(form))
    audit.record("campaign.edit", "campaign", campaign_id, after={"title": form.title},
                 actor=actor)  # fmt: skip


def preview_reach(form: CampaignForm) -> ReachPreview:
    """The reach of a form by each carrier, with the reasons for exclusion (预览触达)."""
    segments.check(form.audience)
    limits, now = limits_now(), clock.now()
    counts = {carrier: Count() for carrier in CARRIERS}
    total = 0
    template_id = str(form.content.get("template_id") or "")
    for page in audience_pages(form.audience, template_id, is_promotion=form.is_promotion):
        total += len(page)
        count_reach(page, limits, counts, is_promotion=form.is_promotion, now=now)
    blocking, warnings = forbidden_words(form)
    return ReachPreview(
        audience=total,
        carriers=tuple(
            CarrierReach(
                carrier, count.reached, count.excluded,
                carrier_refusal(carrier, limits, is_promotion=form.is_promotion)
                or _why_unfit(carrier, form, count.reached),
            )
            for carrier, count in counts.items()
        ),
        blocking=blocking,
        warnings=warnings,
        quiet_until=quiet_now() if form.is_promotion else None,
        risks=_risks(form),
    )  # fmt: skip


def _why_unfit(carrier: str, form: CampaignForm, reached: int) -> str | None:
    """Why a carrier can't take this campaign, although the rules allow the carrier; or None."""
    if carrier == "subscription" and not form.content.get("template_id"):
        return "template_missing"
    return "mass_needs_two" if carrier == "mass" and reached == 1 else None


def preview_reach_of_campaign(campaign_id: int) -> ReachPreview:
    """The preview of a saved campaign."""
    return preview_reach(form_of(campaign_or_raise(campaign_id)))


def start_campaign(campaign_id: int, actor: str, *, by: str | None = None) -> None:
    """Start a campaign, at once or at its time; promotions wait for the end of the quiet hours.

    ``by`` is as in ``draft_campaign``; the actor's limit of the day applies in any case. Raises
    Invalid('words_blocked'), Invalid with the carrier's refusal, Conflict('state_moved'),
    LimitReached('second_person') above the number of people that the actor may write to today.
    """
    form = form_of(campaign_or_raise(campaign_id))
    check_start(form)
    _step(campaign_id, ("draft",), state="sending", started_at=clock.now())
    approvals.count_against_ceilings(approvals.Use("send", count_reached(form)), actor)
    now = clock.now()
    at = max(now, form.send_at or now)
    outbox.enqueue(
        "push.expand",
        {"campaign_id": campaign_id, "after": 0},
        order_key=order_key_of_campaign(campaign_id),
        delay=at - now or None,
    )
    audit.record_either(
        "campaign.start",
        "campaign",
        campaign_id,
        actor=by or actor,
        after={"carrier": form.carrier, "audience": _audience_for_log(form.audience)}
        | _asked_by(actor, by),
    )


def check_start(form: CampaignForm) -> None:
    """Check carrier, words and template of a campaign before its start. Raises Invalid."""
    refused = carrier_refusal(form.carrier, limits_now(), is_promotion=form.is_promotion)
    if refused is not None:
        raise Invalid(refused, "carrier")
    blocking, _ = forbidden_words(form)
    if blocking:
        raise Invalid("words_blocked", "content", words=[f.word for f in blocking])
    _check_template(form)


def count_reached(form: CampaignForm) -> int:
    """The number of people whom the campaign's carrier reaches now."""
    limits, now, count = limits_now(), clock.now(), Count()
    template_id = str(form.content.get("template_id") or "")
    for page in audience_pages(form.audience, template_id, is_promotion=form.is_promotion):
        count_reach(page, limits, {form.carrier: count}, is_promotion=form.is_promotion, now=now)
    return count.reached


def count_reached_or_raise(form: CampaignForm) -> int:
    """As ``count_reached``. Raises Conflict('campaign_empty'), Invalid for its carrier."""
    reached = count_reached(form)
    unfit = _why_unfit(form.carrier, form, reached)
    if unfit is not None:
        raise Invalid(unfit, "carrier")
    if reached == 0:
        raise Conflict("campaign_empty")
    return reached


def pause_campaign(campaign_id: int, actor: str) -> None:
    """Pause a campaign; nothing is sent until it is resumed (暂停)."""
    _step(campaign_id, ("sending",), state="paused")
    audit.record("campaign.pause", "campaign", campaign_id, actor=actor)


def resume_campaign(campaign_id: int, actor: str) -> None:
    """Resume a paused campaign (继续)."""
    _step(campaign_id, ("paused",), state="sending")
    outbox.enqueue(
        "push.send", {"campaign_id": campaign_id}, order_key=order_key_of_campaign(campaign_id)
    )
    audit.record("campaign.resume", "campaign", campaign_id, actor=actor)


def stop_campaign(campaign_id: int, actor: str, reason: str) -> None:
    """Stop a campaign; queued messages are never sent (停止). Raises Invalid, Conflict."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(campaign_id, ("sending", "paused"), state="stopped",
          stop_reason=typed.words(reason, 80, "reason"), finished_at=clock.now())  # fmt: skip
    audit.record("campaign.stop", "campaign", campaign_id, after={"reason": reason}, actor=actor)


def campaign_or_raise(campaign_id: int) -> PushCampaign:
    """A campaign's row. Raises NotFound('campaign_missing')."""
    row = PushCampaign.get_or_none(PushCampaign.id == campaign_id)
    if row is None:
        raise NotFound("campaign_missing")
    return row


def form_of(row: PushCampaign) -> CampaignForm:
    """A campaign's row as a form."""
    return CampaignForm(
        row.title, row.carrier, row.content, row.audience, row.is_promotion, row.send_at
    )


def limits_now() -> Limits:
    """The merchant's settings for campaigns."""
    chosen = settings.get(settings.PushRules)
    return Limits(chosen.allow_template_promotion, chosen.weekly_cap)


def campaign_begins_at(campaign_id: int) -> datetime | None:
    """When a started campaign begins: its time or the end of the quiet hours; None: now."""
    form = form_of(campaign_or_raise(campaign_id))
    if form.send_at is not None and form.send_at > clock.now():
        return form.send_at
    until: datetime | None = quiet_now() if form.is_promotion else None
    return until


def quiet_now() -> Any:
    """The end of the quiet hours if they are now, else None."""
    chosen = settings.get(settings.PushRules)
    return quiet_until(clock.now(), chosen.quiet_from_hour, chosen.quiet_to_hour)


def forbidden_words(form: CampaignForm) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Words that forbid sending, and words for which WeChat blocks a service template."""
    text = f"{form.title}\n{text_of(form.content)}"
    blocking = [each for part in parts_of(form.content) for each in open_findings(part)]
    warned = marketing_words(text) if form.carrier == "template" else []
    return tuple(blocking), tuple(warned)


def order_key_of_campaign(campaign_id: int) -> str:
    """The order key under which a campaign's chunks run one after another."""
    return f"push:{campaign_id}"


def _audience_for_log(audience: dict[str, Any]) -> dict[str, Any]:
    """An audience for the log; members named one by one are given as a count."""
    rest = {name: value for name, value in audience.items() if name != "member_ids"}
    named = audience.get("member_ids")
    return rest if named is None else rest | {"count": len(named)}


def _asked_by(actor: str, by: str | None) -> dict[str, str]:
    return {"asked_by": actor} if by else {}


def _step(campaign_id: int, states: tuple[str, ...], **values: Any) -> None:
    row = campaign_or_raise(campaign_id)
    same = (PushCampaign.id == campaign_id) & PushCampaign.state.in_(states)
    if PushCampaign.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state)


def _checked(form: CampaignForm) -> dict[str, Any]:
    title = clean_line(form.title)
    if not 2 <= len(title) <= 60:
        raise Invalid("title_length", "title", least=2, most=60)
    if form.carrier not in CARRIERS:
        raise Invalid("carrier_unknown", "carrier")
    segments.check(form.audience)
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
    if len(text.encode()) > TEXT_BYTES_MAX:
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
    """Codes of the risks that the merchant is shown before the start."""
    risks = []
    if form.carrier == "template" and form.is_promotion:
        risks.append("template_promotion_risks_account")
    if form.carrier == "mass":
        risks.append("mass_four_a_month")
    if form.carrier == "service":
        risks.append("window_five_messages")
    return tuple(risks)
