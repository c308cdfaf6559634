"""消息模板: the account's templates, what each is for; subscription notices are added by hand."""

from __future__ import annotations

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.web import actor, done, page, read, refuse_bad, try_step
from domain import push
from kernel.errors import GatewayError
from kernel.web.forms import Form, read_form
from kernel.web.keys import STORE

routes = web.RouteTableDef()
URL = "/admin/templates"


@routes.get("/templates")
@requires("push.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Every template, those in use first."""
    return await page(
        request,
        "admin/templates.html",
        rows=await read(request, push.template_list),
        purposes=push.PURPOSES,
    )


@routes.post("/templates/sync")
@requires("push.edit")
async def sync(request: web.Request) -> web.StreamResponse:
    """Take over what the account's console has."""
    try:
        n = await push.sync_templates(request.config_dict[STORE], deps_of(request).messenger)
    except GatewayError as error:
        await done(request, f"未完成：微信没有答复（{error.code}）", URL)
    await done(request, f"已同步 {n} 个模板", URL)


@routes.post("/templates/purpose")
@requires("push.edit")
async def purpose(request: web.Request) -> web.StreamResponse:
    """Which occasion a template serves."""
    form = await read_form(request)
    chosen = form.raw("purpose")
    chosen = chosen if chosen in push.PURPOSES else ""
    template_id = form.text("template_id", most=64)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, push.set_purpose, template_id, chosen or None, actor(request))
    await done(request, "已保存", URL)


@routes.post("/templates")
@requires("push.edit")
async def add(request: web.Request) -> web.StreamResponse:
    """A subscription notice, with its fields as the console lists them."""
    form = await read_form(request)
    template_id, title = form.text("template_id", most=64), form.text("title", most=60)
    fields = _fields(form)
    await refuse_bad(request, form, URL)
    await try_step(
        request,
        URL,
        push.save_template,
        template_id,
        "subscription",
        title,
        fields,
        actor(request),
        "promotion" if form.flag("is_promotion") else None,
    )
    await done(request, "订阅通知已保存", URL)


def _fields(form: Form) -> list[tuple[str, str]]:
    """One line per field: ``thing1 活动名称``."""
    found = []
    for line in form.prose("fields", most=600).splitlines():
        key, _, label = line.strip().partition(" ")
        if key and key.isascii() and key.isalnum():
            found.append((key, label.strip() or key))
        elif key:
            form.fail("fields", "template_field_bad", line=line.strip()[:20])
    return found
