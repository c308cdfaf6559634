"""写群发: the composer for all four carriers; it shows reach, words and risks before saving."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.web import (
    actor,
    command_key,
    done,
    errors_of,
    form_errors,
    id_of,
    once,
    page,
    read,
    write,
)
from domain import push, settings
from domain.push import CARRIERS, CampaignForm, ReachPreview
from domain.segments import KINDS
from kernel import clock
from kernel.errors import Conflict, DomainError
from kernel.web.forms import Form, read_form
from kernel.web.keys import CONFIG

routes = web.RouteTableDef()
TEXT_MOST = 600
VALUE_MOST = 60
MEMBERS_MOST = 200


@routes.get("/push/new")
@requires("push.edit")
async def new(request: web.Request) -> web.StreamResponse:
    """Show the composer for a new campaign."""
    values = {"carrier": "service", "audience": "all", "is_promotion": "1"}
    return await _compose(request, None, values, {}, None)


@routes.post("/push/new")
@requires("push.edit")
async def create(request: web.Request) -> web.StreamResponse:
    """Show the reach, or save the draft."""
    return await _take(request, None)


@routes.get(r"/push/{id:\d{1,18}}/edit")
@requires("push.edit")
async def edit(request: web.Request) -> web.StreamResponse:
    """Show the composer with a draft."""
    found = await read(request, push.campaign_detail, id_of(request))
    if found.state != "draft":
        raise Conflict("campaign_state")
    return await _compose(request, found.id, _values(found), {}, None)


@routes.post(r"/push/{id:\d{1,18}}/edit")
@requires("push.edit")
async def change(request: web.Request) -> web.StreamResponse:
    """Show the reach, or save the changed draft."""
    return await _take(request, id_of(request))


async def _take(request: web.Request, campaign_id: int | None) -> web.StreamResponse:
    form = await read_form(request)
    templates = {t.template_id: t for t in await read(request, push.list_templates)}
    typed = _typed(form, templates, request.config_dict[CONFIG].public_url)
    is_kept = form.raw("do") == "save"
    errors, reach = (form_errors(form) if is_kept else {}), None
    if not errors:
        try:
            if is_kept:
                kept = await _keep(request, form, campaign_id, typed)
                await done(request, "草稿已保存，核对后发送", f"/admin/push/{kept}")
            reach = await read(request, push.preview_reach, typed)
        except DomainError as error:
            errors = errors_of(error)
    return await _compose(request, campaign_id, form.values, errors, reach)


async def _keep(
    request: web.Request, form: Form, campaign_id: int | None, typed: CampaignForm
) -> int:
    if campaign_id is None:
        key = command_key(request, form, "draft_campaign", repr(typed))
        return await once(request, key, push.draft_campaign, typed, actor(request))
    await write(request, push.edit_campaign, campaign_id, typed, actor(request))
    return campaign_id


async def _compose(
    request: web.Request, campaign_id: int | None, values: dict[str, Any],
    errors: dict[str, str], reach: ReachPreview | None,
) -> web.Response:  # fmt: skip
    templates = await read(request, push.list_templates)
    carrier = values.get("carrier", "service")
    fitting = [t for t in templates if t.kind == carrier and t.is_active]
    chosen = next((t for t in fitting if t.template_id == values.get("template_id")), None)
    return await page(
        request,
        "admin/marketing/compose.html",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        reach=reach,
        templates=fitting,
        shape=chosen,
        campaign_id=campaign_id,
        rules=await read(request, settings.get, settings.PushRules),
        carriers=CARRIERS,
        audiences=KINDS,
    )


def _typed(form: Form, templates: dict[str, Any], public_url: str) -> CampaignForm:
    carrier = form.choice("carrier", CARRIERS, "service")
    if carrier in ("template", "subscription"):
        content = _template_content(form, templates, public_url)
    else:
        text = form.publish("text", form.raw("text").replace("\r\n", "\n").strip())
        if len(text) > TEXT_MOST:
            form.fail("text", "text_too_long", limit=TEXT_MOST)
        content = {"text": text} | ({"kind": "text"} if carrier == "mass" else {})
    return CampaignForm(
        title=form.text("title", most=60),
        carrier=carrier,
        content=content,
        audience=_audience(form),
        is_promotion=form.flag("is_promotion"),
        send_at=_when(form),
    )


def _template_content(form: Form, templates: dict[str, Any], public_url: str) -> dict[str, Any]:
    template_id = form.raw("template_id")
    fields = templates[template_id].fields if template_id in templates else ()
    path = form.text("path", most=200, required=False)
    if path and not (path.startswith("/m/") and path.isprintable() and "\\" not in path):
        form.fail("path", "link_bad")
    return {
        "template_id": template_id,
        "values": {key: form.public(f"v_{key}", most=VALUE_MOST) for key, _ in fields},
        "url": f"{public_url}{path}" if path else "",
    }


def _audience(form: Form) -> dict[str, Any]:
    kind = form.choice("audience", KINDS, "all")
    audience: dict[str, Any] = {"kind": kind}
    if kind in ("buyers", "never_bought") and form.raw("days").strip():
        audience["days"] = form.count("days", least=1, most=3650)
    if kind == "members":
        audience["member_ids"] = form.counts("member_ids", most=MEMBERS_MOST)
    return audience


def _when(form: Form) -> datetime | None:
    text = form.raw("send_at").strip()
    if not text:
        return None
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - Shanghai, below
    except ValueError:
        form.fail("send_at", "date_bad")
        return None
    return local.replace(tzinfo=clock.SHANGHAI)


def _values(found: Any) -> dict[str, Any]:
    """The values of a saved draft in the form."""
    content, audience = found.content, found.audience
    url = str(content.get("url") or "")
    local = found.send_at.astimezone(clock.SHANGHAI) if found.send_at else None
    values = {
        "title": found.title, "carrier": found.carrier, "text": content.get("text", ""),
        "template_id": content.get("template_id", ""), "audience": audience["kind"],
        "path": url[url.find("/m/"):] if "/m/" in url else "",
        "days": audience.get("days", ""), "is_promotion": "1" if found.is_promotion else "",
        "member_ids": " ".join(str(i) for i in audience.get("member_ids", [])),
        "send_at": local.strftime("%Y-%m-%dT%H:%M") if local else "",
    }  # fmt: skip
    return values | {f"v_{k}": v for k, v in (content.get("values") or {}).items()}
