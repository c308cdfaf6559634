"""Readers of pages for tests: texts, facts, tables, errors and forms by CSS selector."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NOT_SENT = frozenset({"submit", "button", "file", "reset", "image"})


@dataclass(frozen=True)
class FormMarkup:
    """A form's action and method as written, and its fields in order."""

    action: str
    is_post: bool
    fields: tuple[tuple[str, str], ...]


def forms_of(text: str) -> list[FormMarkup]:
    """The forms of a page, in order."""
    return [_form(node) for node in LexborHTMLParser(text).css("form")]


def fields_of(text: str, action: str) -> dict[str, str]:
    """The fields of the form with this action, as a browser would send them without any input.

    Raises AssertionError unless the page has exactly one such form.
    """
    found = [form for form in forms_of(text) if form.action == action]
    assert len(found) == 1, f"{len(found)} forms with the action {action}"
    return dict(found[0].fields)


def _form(form: LexborNode) -> FormMarkup:
    sent = [_sent(node) for node in form.css("input[name], textarea[name], select[name]")]
    return FormMarkup(
        _of(form, "action"),
        _of(form, "method").lower() == "post",
        tuple(each for each in sent if each is not None),
    )


def _sent(node: LexborNode) -> tuple[str, str] | None:
    name = _of(node, "name")
    if node.tag == "textarea":
        return name, node.text()
    if node.tag == "select":
        options = node.css("option")
        chosen = next((o for o in options if "selected" in o.attributes), None)
        chosen = chosen or next(iter(options), None)
        return name, _of(chosen, "value") if chosen is not None else ""
    kind = _of(node, "type")
    is_off = kind in {"checkbox", "radio"} and "checked" not in node.attributes
    return None if is_off or kind in _NOT_SENT else (name, _of(node, "value"))


def _of(node: LexborNode, attribute: str) -> str:
    return node.attributes.get(attribute) or ""


def table_of(text: str, place: int = 0) -> list[list[str]]:
    """A table's cells as a person reads them, row by row, without its head."""
    tables = LexborHTMLParser(text).css("table")
    if place >= len(tables):
        return []
    return [
        [" ".join(cell.text(separator=" ").split()) for cell in row.css("td")]
        for row in tables[place].css("tbody tr")
    ]


def facts_of(text: str) -> dict[str, str]:
    """The labels and values of a page's lists of facts."""
    labels, values = (texts_of(text, f".facts > {tag}") for tag in ("dt", "dd"))
    return dict(zip(labels, values, strict=True))


def values_of(text: str, selector: str, attribute: str) -> list[str]:
    """An attribute of each node that a selector finds."""
    return [_of(node, attribute) for node in LexborHTMLParser(text).css(selector)]


def texts_of(text: str, selector: str) -> list[str]:
    """The text of each node that a selector finds."""
    found = LexborHTMLParser(text).css(selector)
    return [" ".join(node.text(separator=" ").split()) for node in found]


def errors_of(text: str, form: str = "form") -> dict[str, str]:
    """The error beside each field of the forms that a selector finds, by the field's name.

    Errors without a field stand in ``.errors li``.
    """
    found = LexborHTMLParser(text).css(f"{form} .error[id^=e-]")
    return {
        _of(node, "id").removeprefix("e-"): " ".join(node.text(separator=" ").split())
        for node in found
    }


def is_nowhere(text: str, *words: str) -> bool:
    """True if no word stands anywhere in a page's source, attributes and scripts included.

    For secrets and personal data: what a person doesn't see must not be sent either.
    """
    sources = (text, html.unescape(text))
    return not any(word in source for word in words for source in sources)


def lines_of(text: str, selector: str) -> str:
    """What stands in all nodes that a selector finds, one line each."""
    return "\n".join(texts_of(text, selector))


def words_of(text: str, selector: str = "body") -> str:
    """The text of a part of the page as a person reads it, in one line.

    Scripts, styles and templates are left out; closed dialogs and ``<details>`` are included.
    Raises AssertionError if the page has no such part.
    """
    page = LexborHTMLParser(text)
    for node in page.css("script, style, template"):
        node.decompose()
    part = page.css_first(selector)
    assert part is not None, f"the page has no {selector}"
    return " ".join(part.text(separator=" ").split())


def count_of(text: str, selector: str) -> int:
    """How often a selector is found."""
    return len(LexborHTMLParser(text).css(selector))


def script_data_of(text: str, element_id: str) -> Any:
    """The JSON that a page gives to its script in ``<script type="application/json" id="…">``.

    Raises AssertionError if the page has no such element.
    """
    node = LexborHTMLParser(text).css_first(f"script#{element_id}")
    assert node is not None, f"the page has no script#{element_id}"
    return json.loads(node.text())
