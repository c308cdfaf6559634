"""The gallery of a product in Chromium: counted while it is swiped, opened at full size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.test_scripts_of_the_faces import browser, open_page, pytestmark, until

__all__ = ["browser", "open_page", "pytestmark"]

ALBUM = """{% extends "h5/base.html" %}{% from "h5/macros/product.html" import album %}
{% set tab = "home" %}{% block main %}{{ album(pics) }}{% endblock %}"""


@pytest.mark.row("B3")
def test_a_picture_of_the_gallery_opens_large_and_turns_to_the_next(
    open_page: Callable[..., Any],
) -> None:
    page = open_page(ALBUM)
    page.eval_on_selector(".album", "album => { album.scrollLeft = album.clientWidth; }")
    until(page, "document.querySelector('[data-at]').textContent === '2'")
    page.eval_on_selector(".album", "album => { album.scrollLeft = 0; }")
    until(page, "document.querySelector('[data-at]').textContent === '1'")
    page.click("[data-zoom='0']")
    shown = "document.querySelector('.zoom img').getAttribute('src').split('/').pop()[0]"
    until(page, "document.querySelector('dialog.zoom').open")
    assert (page.evaluate(shown), page.text_content(".zoom-count")) == ("a", "1/2")
    page.keyboard.press("ArrowRight")
    assert (page.evaluate(shown), page.text_content(".zoom-count")) == ("b", "2/2")
    page.dispatch_event(".zoom img", "click")
    until(page, "document.querySelector('.zoom').classList.contains('is-large')")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('.zoom')")
    assert page.evaluate("document.activeElement.dataset.zoom") == "1"
