"""自定义菜单: the default menu, conditional menus, and every size limit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator.account import gate
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import digits
from simulator.sim import Sim
from simulator.world import Phone

KEYED = {
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album",
    "pic_weixin", "location_select",
}  # fmt: skip
OTHERS = {"view", "media_id", "article_id", "article_view_limited", "miniprogram"}
MAX_OUTSIDE_DOMAINS = 3


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of menus."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/menu/create", create),
            ("GET", "/cgi-bin/menu/get", get),
            ("GET", "/cgi-bin/menu/delete", delete),
            ("POST", "/cgi-bin/menu/addconditional", add_conditional),
            ("POST", "/cgi-bin/menu/delconditional", delete_conditional),
            ("POST", "/cgi-bin/menu/trymatch", try_match),
            ("GET", "/cgi-bin/get_current_selfmenu_info", current),
        ],
    )


async def create(call: Call) -> None:
    """Replace the default menu."""
    gate.refuse_escapes(call)
    buttons = _checked(call)
    call.sim.world.menu = {"button": buttons, "menuid": int(digits(9))}
    _tell(call.sim)


async def get(call: Call) -> dict[str, Any]:
    """The default menu and the conditional ones; 46003 if there is none."""
    world = call.sim.world
    if world.menu is None:
        raise WxError(46003)
    answer: dict[str, Any] = {"menu": _as_read(world.menu)}
    if world.conditional_menus:
        answer["conditionalmenu"] = [_as_read(menu) for menu in world.conditional_menus]
    return answer


def _as_read(menu: dict[str, Any]) -> dict[str, Any]:
    """A menu as WeChat returns it: every button has a `sub_button`, even an empty one."""
    buttons = [
        {**b, "sub_button": [{**sub, "sub_button": []} for sub in b.get("sub_button") or []]}
        for b in menu["button"]
    ]
    return {**menu, "button": buttons}


async def delete(call: Call) -> None:
    """Remove the default menu and every conditional one."""
    call.sim.world.menu = None
    call.sim.world.conditional_menus = []
    _tell(call.sim)


async def current(call: Call) -> dict[str, Any]:
    """The menu in force, in the form of get_current_selfmenu_info."""
    menu = call.sim.world.menu
    if menu is None:
        return {"is_menu_open": 0, "selfmenu_info": {"button": []}}
    buttons = [
        {**{k: v for k, v in b.items() if k != "sub_button"}, "sub_button": {"list": subs}}
        if (subs := b.get("sub_button"))
        else b
        for b in menu["button"]
    ]
    return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}


async def add_conditional(call: Call) -> dict[str, Any]:
    """Add a menu for followers with one tag; rules by sex or region are refused since 2021."""
    gate.refuse_escapes(call)
    world = call.sim.world
    if world.menu is None:
        raise WxError(65303)
    rule = call.need("matchrule", dict)
    if set(rule) & {"sex", "country", "province", "city", "language"}:
        raise WxError(65320)
    buttons = _checked(call)
    menu = {"button": buttons, "matchrule": rule, "menuid": int(digits(9))}
    world.conditional_menus.insert(0, menu)
    _tell(call.sim)
    return {"menuid": str(menu["menuid"])}


async def delete_conditional(call: Call) -> None:
    """Delete one conditional menu."""
    menus = call.sim.world.conditional_menus
    wanted = str(call.body.get("menuid", ""))
    kept = [m for m in menus if str(m["menuid"]) != wanted]
    if len(kept) == len(menus):
        raise WxError(65301)
    call.sim.world.conditional_menus = kept
    _tell(call.sim)


def menu_of(sim: Sim, who: Phone) -> dict[str, Any]:
    """菜单: the first conditional menu with a tag of this person, else the default menu."""
    if not who.is_following or sim.world.menu is None:
        return {"button": []}
    for menu in sim.world.conditional_menus:
        if int(menu["matchrule"].get("tag_id") or 0) in who.tag_ids:
            return {"button": menu["button"]}
    return {"button": sim.world.menu["button"]}


async def try_match(call: Call) -> dict[str, Any]:
    """The menu that a given person sees."""
    return menu_of(call.sim, call.user(call.body.get("user_id")))


def _tell(sim: Sim) -> None:
    for key in sim.world.phones:
        sim.hub.publish(key, "menu")


def _checked(call: Call) -> list[dict[str, Any]]:
    buttons: list[dict[str, Any]] = call.need("button", list)
    if not 1 <= len(buttons) <= 3:
        raise WxError(40016)
    flat: list[dict[str, Any]] = []
    for button in buttons:
        _check_name(button, 16, 40018)
        subs = button.get("sub_button") or []
        if len(subs) > 5:
            raise WxError(40023)
        for sub in subs:
            _check_name(sub, 60, 40025)
            _check_action(sub, is_sub=True)
        if not subs:
            _check_action(button, is_sub=False)
        flat += subs or [button]
    _check_domains(call.sim, flat)
    return buttons


def _check_name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise WxError(errcode)


def _check_action(button: dict[str, Any], *, is_sub: bool) -> None:
    kind = button.get("type")
    if kind not in KEYED | OTHERS:
        raise WxError(40024 if is_sub else 40017)
    if kind in KEYED and not 1 <= len(str(button.get("key", "")).encode()) <= 128:
        raise WxError(40026 if is_sub else 40019)
    if kind in ("view", "miniprogram"):
        url = str(button.get("url", ""))
        if not 1 <= len(url.encode()) <= 1024:
            raise WxError(40027 if is_sub else 40020)
        if urlsplit(url).scheme not in ("http", "https"):
            raise WxError(40054 if is_sub else 40055)


def _check_domains(sim: Sim, buttons: list[dict[str, Any]]) -> None:
    hosts = {urlsplit(b["url"]).netloc for b in buttons if b["type"] == "view"}
    if len(hosts - {sim.settings.app_domain()}) > MAX_OUTSIDE_DOMAINS:
        raise WxError(65316)
