"""图片审核: pictures that people added, in a grid; shown or refused, many at once."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit.steps import Ask, Step
from admin.web import page, read
from admin.words import PICTURE_STATE
from domain import catalog, members, picture_reviews
from domain.picture_reviews import AT_ONCE, Decision, ReviewView
from kernel.web.forms import Form, one_of, query_param
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/pictures"
VIEWS = ("waiting", "shown", "refused")


@routes.get("/pictures")
@requires("texts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The pictures of a view with who added each."""
    view = one_of(query_param(request, "view"), VIEWS, "waiting")
    found, known, pics = await read(request, _load, view, cursor_of(request))
    part = cut(found, AT_ONCE, key=lambda each: each.id)
    return await page(
        request, "admin/marketing/pictures.html", view=view, found=part.items, known=known,
        pics=pics, views=[(each, PICTURE_STATE[each].name) for each in VIEWS],
        next=f"{URL}?view={view}&before={part.next_cursor}" if part.next_cursor else "",
    )  # fmt: skip


def _load(view: str, before_id: int | None) -> tuple[list[ReviewView], Any, Any]:
    found = picture_reviews.list_reviews(view, before_id, AT_ONCE + 1)
    known = members.member_views(each.member_id for each in found)
    return found, known, catalog.pictures(each.picture for each in found)


class Wish(NamedTuple):
    """Which pictures, and what is decided about them."""

    ids: tuple[int, ...]
    decision: Decision
    ground: str


def _wish(form: Form) -> Wish:
    decisions: tuple[Decision, ...] = ("shown", "refused")
    return Wish(
        tuple(form.ids("id", AT_ONCE)),
        form.choice("decision", decisions),
        form.text("reason", most=200, required=False),
    )


def decide(_: Ask, it: Wish) -> str:
    """Show the ticked pictures, or refuse them with a ground."""
    done = picture_reviews.decide(it.ids, it.decision, it.ground)
    said = "已通过" if it.decision == "shown" else "已驳回"
    left = len(set(it.ids)) - done
    return f"{said} {done} 张" + (f"，{left} 张已有人处理" if left else "")


STEPS = (Step("/pictures/decide", "pictures.decide", decide, URL, _wish),)
