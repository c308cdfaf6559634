"""The forms of a page, with the values that a browser would send without any input."""

from __future__ import annotations

from dataclasses import dataclass

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
    """What stands in each node that a selector finds."""
    found = LexborHTMLParser(text).css(selector)
    return [" ".join(node.text(separator=" ").split()) for node in found]
