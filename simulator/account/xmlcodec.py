"""Writes and reads WeChat's XML: flat elements, lists as repeated elements, text in CDATA."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat


class XmlError(ValueError):
    """The text is not the kind of XML that WeChat exchanges."""


def render(fields: dict[str, Any]) -> str:
    """`<xml>…</xml>` with the fields in their order; numbers plain, text in CDATA."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{_children(value)}</{name}>"
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = str(value).replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{text}]]></{name}>"
    return f"<{name}>{value}</{name}>"


def parse(text: str) -> dict[str, Any]:
    """The children of the root as a dict; repeated names become lists; entities are refused."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise XmlError(str(error)) from error
    if reader.root_name != "xml" or not isinstance(reader.root, dict):
        raise XmlError("the root is not <xml> with elements")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Any = None
        self.root_name = ""
        self._stack: list[tuple[dict[str, Any], list[str]]] = []

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._stack.append(({}, []))

    def text(self, data: str) -> None:
        self._stack[-1][1].append(data)

    def end(self, name: str) -> None:
        children, text = self._stack.pop()
        value: Any = children or "".join(text)
        if not self._stack:
            self.root, self.root_name = value, name
            return
        parent = self._stack[-1][0]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def doctype(self, *_args: Any) -> None:
        raise XmlError("document types are refused")
