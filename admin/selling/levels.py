"""分销层级: one level is paid, unless the owner reads the law and signs for more."""

from __future__ import annotations

from aiohttp import web

from admin.as_shown import refuses_if_changed, shown_facts, write_as_shown
from admin.guard import requires
from admin.web import actor, done, errors_of, form_errors, page, read
from domain import distribution
from kernel.errors import DomainError
from kernel.web.forms import read_form

routes = web.RouteTableDef()

# This text is shown on the page and stored with each signature; old signatures keep their text.
LAW = (
    "《禁止传销条例》（国务院令第 444 号）第七条：以发展人员的数量、以下线的销售业绩为依据"
    "计算和给付上线报酬，牟取非法利益的，属于传销行为；"
    "第二十四条：组织策划传销的，没收非法财物和违法所得，处 50 万元以上 200 万元以下罚款；"
    "构成犯罪的，依法追究刑事责任。\n"
    "已有白酒企业因设置两级分销返佣、尚未支付任何佣金即被市场监管部门立案并处罚款。\n"
    "微信《微信公众平台运营规范》禁止多级分销，违规可被永久封禁帐号及支付权限；商家转账的“佣金报酬”场景仅支持一级。\n"
    "本店不收取任何入门费，不以购买为条件，不按发展人数计酬；只对已成交且已收货的商品计佣。"
)


@routes.get("/levels")
@requires("distribution.see")
async def show(request: web.Request) -> web.StreamResponse:
    """Show the levels in force, all signatures, and the form."""
    return await _show(request, {}, {})


@routes.post("/levels")
@refuses_if_changed("levels")
@requires("distribution.levels", fresh=True)
async def sign(request: web.Request) -> web.StreamResponse:
    """Sign for a number of levels."""
    form = await read_form(request)
    levels = form.integer("levels", least=0, most=3)
    name = form.text("signed_name", most=30)
    if not form.flag("agreed"):
        form.fail("agreed", "levels_not_agreed")
    errors = form_errors(form)
    if not errors:
        text = LAW if levels > 1 else ""
        try:
            await write_as_shown(
                request, distribution.sign_levels, levels, name, text, actor(request)
            )
        except DomainError as error:
            errors = errors_of(error)
        else:
            await done(request, f"已签署：{levels} 级，之后的订单生效", "/admin/levels")
    return await _show(request, form.values, errors)


async def _show(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    signed = await read(request, distribution.list_level_signatures)
    return await page(
        request,
        "admin/selling/levels.html",
        status=422 if errors else 200,
        current=signed[0],
        signed=signed,
        law=LAW,
        shown=await shown_facts(request, "levels"),
        values=values,
        errors=errors,
    )
