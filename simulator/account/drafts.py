"""草稿 and 发布: drafts of articles, publishing, and the page that readers open."""

from __future__ import annotations

import html
from typing import Any

from aiohttp import web

from simulator.account import gate
from simulator.account.gate import Call
from simulator.account.media import live
from simulator.errors import WxError
from simulator.ids import digits, random_id
from simulator.sim import SIM, Sim


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of drafts and publishing."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/draft/add", add_draft),
            ("POST", "/cgi-bin/draft/get", get_draft),
            ("POST", "/cgi-bin/draft/delete", delete_draft),
            ("GET", "/cgi-bin/draft/count", count_drafts),
            ("POST", "/cgi-bin/freepublish/submit", publish),
            ("POST", "/cgi-bin/freepublish/get", get_publish),
            ("POST", "/cgi-bin/freepublish/getarticle", get_article),
        ],
    )
    app.router.add_get("/mp/article/{key}/{number}", show_article)


async def add_draft(call: Call) -> dict[str, Any]:
    """Add a draft of up to eight articles, each with a cover."""
    articles = call.need("articles", list)
    if not 1 <= len(articles) <= 8:
        raise WxError(45008)
    for article in articles:
        if not article.get("title") or not article.get("content"):
            raise WxError(44004)
        live(call.sim, article.get("thumb_media_id"), "thumb", "image")
    media_id = random_id(64)
    call.sim.world.drafts[media_id] = {"articles": articles}
    return {"media_id": media_id}


def draft(sim: Sim, media_id: Any) -> dict[str, Any]:
    """The draft with that id; 40007 if unknown."""
    found = sim.world.drafts.get(str(media_id))
    if found is None:
        raise WxError(40007)
    return found


def articles_json(sim: Sim, found: dict[str, Any], media_id: str) -> list[dict[str, str]]:
    """A draft's articles as a phone shows them."""
    return [
        {
            "title": article["title"],
            "description": article.get("digest", ""),
            "url": article.get("content_source_url")
            or sim.own_url(f"/mp/article/{media_id}/{number}"),
            "picurl": f"/_sim/media/{article['thumb_media_id']}",
        }
        for number, article in enumerate(found["articles"])
    ]


async def show_article(request: web.Request) -> web.Response:
    """Show an article to its readers; as at WeChat, no script runs in it."""
    world, key = request.app[SIM].world, request.match_info["key"]
    found = world.drafts.get(key, {}).get("articles")
    for published in world.publishes.values():
        if published["article_id"] == key:
            found = published["news_item"]
    number = request.match_info["number"]
    if not found or not number.isdigit() or int(number) >= len(found):
        raise web.HTTPNotFound
    article = found[int(number)]
    text = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(article['title'])}</title></head>"
        f"<body><h1>{html.escape(article['title'])}</h1>{article['content']}</body></html>"
    )
    headers = {"Content-Security-Policy": "script-src 'none'; frame-ancestors *"}
    return web.Response(text=text, content_type="text/html", headers=headers)


async def get_draft(call: Call) -> dict[str, Any]:
    """A draft's articles."""
    return {"news_item": draft(call.sim, call.body.get("media_id"))["articles"]}


async def delete_draft(call: Call) -> None:
    """Delete a draft."""
    draft(call.sim, call.body.get("media_id"))
    del call.sim.world.drafts[str(call.body["media_id"])]


async def count_drafts(call: Call) -> dict[str, Any]:
    """The number of drafts."""
    return {"total_count": len(call.sim.world.drafts)}


async def publish(call: Call) -> dict[str, Any]:
    """Publish a draft: its articles get an address; no follower is notified."""
    media_id = str(call.body.get("media_id"))
    found = draft(call.sim, media_id)
    publish_id = digits(12)
    article_id = random_id(40)
    urls = [a["url"] for a in articles_json(call.sim, found, article_id)]
    call.sim.world.publishes[publish_id] = {
        "publish_id": publish_id,
        "publish_status": 0,
        "article_id": article_id,
        "article_detail": {
            "count": len(urls),
            "item": [{"idx": n + 1, "article_url": url} for n, url in enumerate(urls)],
        },
        "fail_idx": [],
        "news_item": found["articles"],
    }
    return {"errcode": 0, "errmsg": "ok", "publish_id": publish_id, "msg_data_id": digits(10)}


async def get_publish(call: Call) -> dict[str, Any]:
    """The state of a publication."""
    found = call.sim.world.publishes.get(str(call.body.get("publish_id")))
    if found is None:
        raise WxError(40007)
    return {k: v for k, v in found.items() if k != "news_item"}


async def get_article(call: Call) -> dict[str, Any]:
    """The articles of a publication."""
    wanted = call.body.get("article_id")
    for found in call.sim.world.publishes.values():
        if found["article_id"] == wanted:
            return {"news_item": found["news_item"]}
    raise WxError(53600)
