"""图文详情: the editor of a product's rich detail, and the pictures that are put into it."""

from __future__ import annotations

from html import escape
from typing import Any

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import ID, Ask
from admin.texts import TEXTS
from admin.web import id_of, page, read, takes_upload, write
from domain import catalog
from kernel import rich_text
from kernel.errors import DomainError
from kernel.pictures import UPLOAD_BYTES
from kernel.web.forms import Form, read_form
from kernel.web.templates import picture_view

routes = web.RouteTableDef()
ONE = f"/products/{ID}/story"
NAME = "story"


class Words(dict[str, str]):
    """What a message says of a rich detail: its words instead of its HTML."""

    def get(self, html: str, _: Any = None) -> str:
        """The words of the HTML."""
        return rich_text.text_of(rich_text.clean(html).html)


@routes.get(ONE)
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The rich detail of a product, to be edited."""
    return await _page(request, {}, {})


@routes.post(f"{ONE}/pictures")
@takes_upload
@requires("products.edit")
async def add(request: web.Request) -> web.StreamResponse:
    """Store a picture that was put into the editor; answers its address and size as JSON."""
    file = (await read_form(request)).upload("picture")
    try:
        await read(request, catalog.product_detail_for_merchant, id_of(request))
        if file is None:
            return _refused(TEXTS.text("picture_none"))
        stored = await deps_of(request).pictures.take(file.file)
        ref = await write(request, catalog.keep_story_picture, stored)
    except DomainError as error:
        return _refused(TEXTS.of(error))
    view = picture_view(ref)
    assert view is not None
    note = TEXTS.text("picture_is_cut") if stored.is_cut else ""
    return web.json_response(
        {"src": view.src, "width": view.width, "height": view.height, "note": note}
    )


def _refused(text: str) -> web.Response:
    return web.json_response({"error": text}, status=422)


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request), values.get(NAME))
    return await page(
        request,
        "admin/goods/story.html",
        status=422 if errors else 200,
        errors=errors,
        upload_bytes=UPLOAD_BYTES,
        **(found | {"values": {**found["values"], **values, NAME: found["html"]}}),
    )


def _load(product_id: int, typed: str | None) -> dict[str, Any]:
    """The page of a product; ``typed`` HTML is cleaned before an editor opens it."""
    product = catalog.product_detail_for_merchant(product_id)
    present = _present_of(catalog.story_of(product_id))
    html = present.values[NAME] or rich_text.of_plain(product.form.description)
    if typed is not None:
        html = _editable(rich_text.clean(typed).html)
    return {
        "product": product,
        "html": html,
        "is_new": not present.values[NAME],
        "values": {**present.values, **present.carried},
    }


def _present_of(story: catalog.Story) -> Present:
    return Present({NAME: _editable(story.html)}, story.version, {NAME: Words()})


def _present(ask: Ask) -> Present:
    return _present_of(catalog.story_of(ask.id))


def _editable(html: str) -> str:
    """Stored HTML with addresses of its pictures, as an editor shows it."""
    found = catalog.pictures(rich_text.pictures_in(html))
    return rich_text.drawn(html, found, _img)


def _img(ref: catalog.PictureRef, alt: str) -> str:
    view = picture_view(ref)
    assert view is not None
    size = f'width="{view.width}" height="{view.height}"'
    return f'<img src="{view.src}" alt="{escape(alt)}" {size}>'


def _story(form: Form) -> str:
    """The typed HTML; its words are judged like every text that others read."""
    html = form.raw(NAME)
    form.publish("story", rich_text.text_of(rich_text.clean(html).html))
    return html


def save(ask: Ask, html: str, version: int) -> None:
    """Save the rich detail of a product."""
    catalog.save_story(ask.id, html, version)


SAVE = FormSpec[str](
    ONE, "products.edit", _story, save, _page, "图文详情已保存",
    "/admin/products/{id}/story", present=_present, moved=frozenset({"story_moved"}),
)  # fmt: skip
