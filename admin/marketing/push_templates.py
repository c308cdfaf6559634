"""消息模板: the account's templates and their occasions; adding subscription notices by hand."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.kit.steps import Ask, Step
from admin.web import done, page, read
from domain import push
from kernel.errors import GatewayError
from kernel.web.forms import Form
from kernel.web.keys import STORE

routes = web.RouteTableDef()
URL = "/admin/templates"


@routes.get("/templates")
@requires("push.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All templates; those in use come first."""
    return await page(
        request,
        "admin/marketing/templates.html",
        rows=await read(request, push.list_templates),
        purposes=push.PURPOSES,
    )


@routes.post("/templates/sync")
@requires("push.edit")
async def sync(request: web.Request) -> web.StreamResponse:
    """Import the templates of the account's console at WeChat."""
    try:
        n = await push.sync_templates(request.config_dict[STORE], deps_of(request).messenger)
    except GatewayError as error:
        await done(request, f"未完成：微信没有答复（{error.code}）", URL)
    await done(request, f"已同步 {n} 个模板", URL)


class Purpose(NamedTuple):
    """A template and its occasion; None for no occasion."""

    template_id: str
    occasion: str | None


class Subscription(NamedTuple):
    """The typed values of a subscription notice."""

    template_id: str
    title: str
    fields: list[tuple[str, str]]
    purpose: str | None


def _purpose(form: Form) -> Purpose:
    chosen = form.raw("purpose")
    return Purpose(form.text("template_id", most=64), chosen if chosen in push.PURPOSES else None)


def _subscription(form: Form) -> Subscription:
    template_id, title = form.text("template_id", most=64), form.text("title", most=60)
    purpose = "promotion" if form.flag("is_promotion") else None
    return Subscription(template_id, title, _fields(form), purpose)


def set_purpose(ask: Ask, it: Purpose) -> str:
    """Set the occasion of a template."""
    push.set_purpose(it.template_id, it.occasion, ask.actor)
    return "已保存"


def add(ask: Ask, it: Subscription) -> str:
    """Add a subscription notice, with its fields as the console lists them."""
    push.save_template(it.template_id, "subscription", it.title, it.fields, ask.actor, it.purpose)
    return "订阅通知已保存"


STEPS = (
    Step("/templates/purpose", "push.edit", set_purpose, URL, _purpose),
    Step("/templates", "push.edit", add, URL, _subscription, once=True),
)


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
