"""自动回复: the welcome, the reply out of hours, and keyword answers; live within a second."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from admin.guard import requires
from admin.kit import stale
from admin.shop import chat_faults
from admin.texts import TEXTS
from admin.web import done, page, read, write
from domain import settings
from domain.settings import ChatTexts
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
URL = "/admin/chat"
SPARE = 2
MOST = 200


@routes.get("/chat")
@requires("menu.edit")
async def show(request: web.Request) -> web.StreamResponse:
    """Show the merchant's automatic replies."""
    found = await read(request, settings.get, ChatTexts)
    return await _show(request, found.model_dump(), "")


@routes.post("/chat")
@requires("menu.edit")
async def save(request: web.Request) -> web.StreamResponse:
    """Save the replies; an empty text restores ours, a keyword without an answer is removed."""
    form = await read_form(request)
    values = _typed(form)
    version = form.integer("version", least=0, most=2**31, default=0)
    try:
        ChatTexts(**values)
        await write(request, settings.change, ChatTexts, values, version=version)
    except ValidationError as error:
        text = TEXTS.text("chat_bad", why=chat_faults.first_mistake(error))
        return await _show(request, values, text, 422)
    except DomainError as error:
        text = TEXTS.of(error)
        if error.code == "setting_moved":
            text = stale.moved_parts(
                _differing(await read(request, settings.fresh, ChatTexts), values)
            )
        return await _show(request, values, text, 422)
    return await done(request, "已保存，1 秒内生效", URL)


def _differing(now: ChatTexts, typed: dict[str, Any]) -> list[str]:
    """The names of texts whose typed values differ from the saved ones."""
    names = {"welcome": "关注后说", "closed": "非服务时间有人找客服时说"}
    found = [text for key, text in names.items() if getattr(now, key) != typed[key]]
    mine = {" ".join(each["words"]): each for each in typed["keywords"]}
    theirs = {" ".join(each.words): each.model_dump(mode="json") for each in now.keywords}
    differing = [words for words in mine | theirs if mine.get(words) != theirs.get(words)]
    return found + [f"关键词“{words}”" for words in differing]


def _typed(form: Form) -> dict[str, Any]:
    keywords = []
    rows = form.integer("rows", least=0, most=MOST, default=0)
    for n in range(rows):
        words = [w for w in form.raw(f"w{n}").replace("，", " ").replace(",", " ").split() if w]
        said = form.publish(f"a{n}", form.raw(f"a{n}").replace("\r", "")).split("\n---\n")
        answers = [each.strip() for each in said if each.strip()]
        if words and answers:
            match = "contains" if form.raw(f"m{n}") == "contains" else "exact"
            keywords.append({"words": words, "match": match, "answers": answers})
    return {
        "welcome": form.publish("welcome", form.raw("welcome").replace("\r\n", "\n").strip()),
        "closed": form.publish("closed", form.raw("closed").replace("\r\n", "\n").strip()),
        "keywords": keywords,
    }


async def _show(
    request: web.Request, values: dict[str, Any], error: str, status: int = 200
) -> web.Response:
    versions = await read(request, settings.all_versions)
    empty = {"words": (), "match": "exact", "answers": ()}
    rows = [*values["keywords"], *[empty] * SPARE]
    return await page(
        request,
        "admin/shop/chat.html",
        status=status,
        values=values,
        rows=rows,
        error=error,
        version=versions.get(ChatTexts.KEY, 0),
    )
