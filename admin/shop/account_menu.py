"""公众号菜单: edit, preview, save and publish three buttons of up to five entries."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from admin.deps import deps_of
from admin.guard import requires
from admin.kit import stale
from admin.shop import chat_faults
from admin.texts import TEXTS
from admin.web import done, page, read, write
from domain import audit, settings
from domain.settings import ChatMenu
from kernel.errors import DomainError, GatewayError
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
URL = "/admin/menu"
BUTTONS = 3
ENTRIES = 5


@routes.get("/menu")
@requires("menu.edit")
async def show(request: web.Request) -> web.StreamResponse:
    """Show the saved menu, and the menu that WeChat has."""
    return await _show(request, _shown(await read(request, settings.get, ChatMenu)), "")


@routes.post("/menu")
@requires("menu.edit")
async def save(request: web.Request) -> web.StreamResponse:
    """Save the menu; ``publish`` also sends it to WeChat."""
    form = await read_form(request)
    buttons = _typed(form)
    version = form.integer("version", least=0, most=2**31, default=0)
    try:
        ChatMenu(buttons=buttons)  # type: ignore[arg-type]
        await write(request, settings.change, ChatMenu, {"buttons": buttons}, version=version)
    except ValidationError as error:
        text = TEXTS.text("menu_bad", why=chat_faults.first_mistake(error))
        return await _show(request, buttons, text, 422)
    except DomainError as error:
        text = TEXTS.of(error)
        if error.code == "setting_moved":
            now = _shown(await read(request, settings.fresh, ChatMenu))
            text = stale.moved_parts(_differing(now, buttons))
        return await _show(request, buttons, text, 422)
    if not form.flag("publish"):
        await done(request, "菜单已保存，尚未发布", URL)
    await _publish(request)
    return await done(request, "菜单已发布，手机上最迟 5 分钟后更新", URL)


def _differing(now: list[dict[str, Any]], typed: list[dict[str, Any]]) -> list[str]:
    """The names of buttons whose typed values differ from the saved ones."""
    mine, theirs = ({each["name"]: each for each in menu} for menu in (typed, now))
    return [f"菜单“{name}”" for name in mine | theirs if mine.get(name) != theirs.get(name)]


async def _publish(request: web.Request) -> None:
    try:
        await deps_of(request).publish_menu()
    except GatewayError as error:
        await done(request, f"已保存，但微信没有接受：{error.code} {error.message}"[:120], URL)
    await write(request, audit.record, "menu.publish", "setting", ChatMenu.KEY)


def _typed(form: Form) -> list[dict[str, Any]]:
    """The typed buttons with a name, and their entries with a name."""
    buttons: list[dict[str, Any]] = []
    for b in range(BUTTONS):
        name = form.publish(f"b{b}", form.raw(f"b{b}").strip())
        if not name:
            continue
        items = [item for n in range(ENTRIES) if (item := _entry(form, f"b{b}i{n}"))["name"]]
        direct = _entry(form, f"b{b}d") | {"name": name}
        if items or not direct["value"]:
            buttons.append({"name": name, "item": None, "items": items})
        else:
            buttons.append({"name": name, "item": direct, "items": []})
    return buttons


def _entry(form: Form, at: str) -> dict[str, str]:
    kind = form.raw(f"{at}k")
    return {
        "name": form.publish(at, form.raw(at).strip()),
        "kind": kind if kind in ("command", "page", "link") else "command",
        "value": form.raw(f"{at}v").strip(),
    }


def _shown(menu: ChatMenu) -> list[dict[str, Any]]:
    return [button.model_dump(mode="json") for button in menu.buttons]


async def _show(
    request: web.Request, buttons: list[dict[str, Any]], error: str, status: int = 200
) -> web.Response:
    versions = await read(request, settings.all_versions)
    return await page(
        request,
        "admin/shop/menu.html",
        status=status,
        buttons=buttons,
        error=error,
        live=await _live(request),
        version=versions.get(ChatMenu.KEY, 0),
        entries=ENTRIES,
        most=BUTTONS,
    )


async def _live(request: web.Request) -> list[str] | None:
    """The names of the buttons that WeChat shows now; None if the query fails."""
    try:
        return [str(each.get("name", "")) for each in await deps_of(request).menu.current_menu()]
    except GatewayError:
        return None
