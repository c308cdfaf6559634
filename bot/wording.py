"""The merchant's wording of an answer: plain text with names in braces, and back from Jinja.

A file's answer is a Jinja text. What it prints outside of its conditions, and every link to a page
or command that it has, gets a name: ``{{ facts.ship_within_hours }}`` is ``{ship_within_hours}``,
``{{ say("人工", "找客服") }}`` is ``{找客服}``. A text of the merchant's may use these names, and
any command or question as a tap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bot.intent import Intent
from domain.chat_answers import NAMED

_TAG = re.compile(r"\{\{-?(?P<print>.*?)-?\}\}|\{%-?\s*(?P<do>.*?)\s*-?%\}", re.DOTALL)
_FACT = re.compile(r"(?:facts|company)(?:\.[a-z_]+)*\.([a-z_]+)(?:\s*\|\s*[a-z_]+)*")
_TAP = re.compile(r'say\(\s*"([^"]+)"(?:,\s*"([^"]+)")?\s*\)')
_PAGE = re.compile(r'go\(\s*(?:paths\.[A-Z_]+|"[^"]+"),\s*"([^"]+)"\s*\)')
_OPENS = re.compile(r"(?:if|for|call|filter|macro|with|raw|set\s+[a-z_]+\s*$)\b")
_LONGER = re.compile(r"\n{3,}")


def names_of(intent: Intent) -> dict[str, str]:
    """What an intent's answer prints, by name: the expression."""
    found: dict[str, str] = {}
    if intent.reply is not None:
        return found
    depth = 0
    for tag in _TAG.finditer(intent.answer):
        done = tag["do"]
        if done is not None:
            depth += bool(_OPENS.match(done)) - done.startswith("end")
            continue
        expression = " ".join(tag["print"].split())
        name = _name_of(expression, is_sure=depth == 0)
        if name:
            found.setdefault(name, expression)
    return found


def typed(intent: Intent) -> tuple[str, bool]:
    """An answer as the merchant would type it, and whether that is all of it.

    An answer with conditions shows all that it may say; one made by code shows nothing.
    """
    if intent.reply is not None:
        return "", False
    names = {expression: name for name, expression in names_of(intent).items()}
    is_whole = True

    def shown(tag: re.Match[str]) -> str:
        nonlocal is_whole
        if tag["print"] is None:
            is_whole = False
            return ""
        name = names.get(" ".join(tag["print"].split()))
        is_whole = is_whole and name is not None
        return f"{{{name}}}" if name else "…"

    text = _TAG.sub(shown, intent.answer)
    lines = "\n".join(line.strip() for line in text.strip().split("\n"))
    return _LONGER.sub("\n\n", lines), is_whole


def source_of(text: str, names: Mapping[str, str]) -> str:
    """The merchant's text as Jinja: its names are expressions, all else is printed as it is."""
    parts, at = [], 0
    for found in NAMED.finditer(text):
        name = found[1]
        parts.append(_literal(text[at : found.start()]))
        parts.append(f"{{{{ {names[name]} }}}}" if name in names else _tap(name))
        at = found.end()
    return "".join([*parts, _literal(text[at:])])


def _name_of(expression: str, *, is_sure: bool) -> str:
    """The name of a printed expression; a fact below a condition may be missing and has none."""
    if tap := _TAP.fullmatch(expression):
        return tap[2] or tap[1]
    if page := _PAGE.fullmatch(expression):
        return page[1]
    fact = _FACT.fullmatch(expression) if is_sure else None
    return fact[1] if fact else ""


def _literal(text: str) -> str:
    return f"{{{{ {json.dumps(text, ensure_ascii=False)} }}}}" if text else ""


def _tap(name: str) -> str:
    return f"{{{{ say({json.dumps(name, ensure_ascii=False)}) }}}}"
