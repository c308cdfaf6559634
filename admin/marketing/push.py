"""消息群发: list of campaigns; a campaign's reach, start, pause, stop and results per person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from admin.approvals import redirect_with_outcome
from admin.as_shown import refuses_if_changed, shown_facts, try_as_shown
from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import Ask, Step, nothing
from admin.kit.wanted import View, Wanted
from admin.texts import TEXTS
from admin.web import (
    PAGE_SIZE,
    actor,
    chosen,
    first_url,
    id_of,
    next_url,
    page,
    read,
    refuse_bad,
    typed,
)
from admin.words import AUDIENCE, CAMPAIGN, CARRIER, DELIVERY, campaign_stop, rate, who
from domain import approvals, audit, push, settings
from domain.push import CampaignView
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut
from kernel.web.templates import when

routes = web.RouteTableDef()
ID = r"/push/{id:\d{1,18}}"
STATES = ("draft", "sending", "paused", "done", "stopped")


def find(wanted: Wanted) -> Sequence[CampaignView]:
    """Campaigns, newest first."""
    state = None if wanted.view == "all" else wanted.view
    return push.list_campaigns(state, wanted.cursor, wanted.limit)


def _note(_: Wanted) -> str:
    rules = settings.get(settings.PushRules)
    return (
        f"促销只发给同意接收且未退订的会员，每人每周最多 {rules.weekly_cap} 条，"
        f"{rules.quiet_from_hour} 点至 {rules.quiet_to_hour} 点不发送，"
        f"拒收超过 {rate(rules.block_stop_bp)} 自动停止"
    )


def _delivered(row: CampaignView) -> int | None:
    """The number of delivered messages; None for the carrier that sends no receipts."""
    return None if row.carrier == "service" else row.counts.get("delivered", 0)


LIST = ListSpec[CampaignView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("标题", lambda row: row.title,
                  note=lambda row: f"{when(row.created_at)} · {who(row.created_by)}"),
        cols.when("新建", lambda row: row.created_at, on_screen=False),
        cols.text("方式", lambda row: CARRIER[row.carrier],
                  note=lambda row: "促销" if row.is_promotion else ""),
        cols.text("人群", lambda row: AUDIENCE.get(row.audience.get("kind", ""), ""),
                  note=lambda row: row.audience_size or ""),
        cols.number("人数", lambda row: row.audience_size, on_screen=False),
        cols.number("已发出", lambda row: row.reached),
        cols.number("送达", _delivered),
        cols.number("拒收", lambda row: row.counts.get("blocked", 0)),
        cols.number("失败", lambda row: row.counts.get("failed", 0)),
        cols.state("状态", CAMPAIGN, lambda row: row.state,
                   note=lambda row: campaign_stop(row.stop_cause, row.stop_reason)),
        cols.act(lambda row: "发送" if row.state == "draft" else "结果"),
    ),
    unit="条",
    note=_note,
    href=lambda row: f"/admin/push/{row.id}",
    views=(View("all", "全部"), *(View(each, CAMPAIGN[each][0]) for each in STATES)),
    buttons=(Button("新建群发", "/admin/push/new", "push.edit", tone="primary"),),
    empty=Empty("还没有群发", "新建一条，先看看能送达多少人。"),
    has_file=True,
)  # fmt: skip


@routes.get(ID)
@requires("push.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """Show a campaign: preview, reach per carrier before its start, progress after it."""
    found = await read(request, _detail_context, id_of(request))
    state = chosen(request, "state", DELIVERY)
    rows = await read(
        request, push.list_deliveries, id_of(request), state, cursor_of(request), PAGE_SIZE + 1
    )
    results = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/marketing/campaign.html",
        results=results.items,
        shown=await shown_facts(request, "campaign", [id_of(request)]),
        state=state or "",
        next=next_url(request, results),
        first=first_url(request),
        **found,
    )


@routes.get(f"{ID}/progress")
@requires("push.see")
async def progress(request: web.Request) -> web.StreamResponse:
    """The progress of a campaign, which its page reloads every few seconds while it runs."""
    found = await read(request, push.campaign_detail, id_of(request))
    return await page(request, "admin/marketing/_campaign_progress.html", campaign=found)


def _detail_context(campaign_id: int) -> dict[str, Any]:
    found = push.campaign_detail(campaign_id)
    template_id = str(found.content.get("template_id") or "")
    templates = {t.template_id: t for t in push.list_templates()}
    return {
        "campaign": found,
        "reach": push.preview_reach_of_campaign(campaign_id) if found.state == "draft" else None,
        "waits": push.campaign_begins_at(campaign_id) if found.state == "sending" else None,
        "shape": templates.get(template_id),
        "proposals": approvals.list_proposals_about([f"campaign:{campaign_id}"], 3),
        "log": audit.timeline("campaign", campaign_id, limit=12),
        "rules": settings.get(settings.PushRules),
    }


@routes.post(f"{ID}/start")
@refuses_if_changed("campaign")
@requires("push.send")
async def start(request: web.Request) -> web.StreamResponse:
    """Start a campaign after the word was typed.

    If it reaches more recipients than the ceiling, a second person has to approve it.
    """
    form, url = await read_form(request), f"/admin/push/{id_of(request)}"
    typed(form, "发送")
    await refuse_bad(request, form, url)
    made = await try_as_shown(request, url, push.send_or_propose, id_of(request), actor(request))
    await redirect_with_outcome(request, made, "已开始发送，可随时暂停或停止", url)


def pause(ask: Ask, _: None) -> str:
    """Pause a campaign: nothing is sent until it is resumed."""
    push.pause_campaign(ask.id, ask.actor)
    return "已暂停"


def resume(ask: Ask, _: None) -> str:
    """Resume a paused campaign."""
    push.resume_campaign(ask.id, ask.actor)
    return "已继续发送"


def stop(ask: Ask, why: str) -> str:
    """Stop a campaign for good; queued messages are not sent."""
    push.stop_campaign(ask.id, ask.actor, why)
    return TEXTS.text("campaign_stopped")


def _reason(form: Form) -> str:
    return form.text("reason", most=80)


ONE = "/admin/push/{id}"
STEPS = (
    Step(f"{ID}/pause", "push.send", pause, ONE, nothing),
    Step(f"{ID}/resume", "push.send", resume, ONE, nothing),
    Step(f"{ID}/stop", "push.send", stop, ONE, _reason, word="停止"),
)
