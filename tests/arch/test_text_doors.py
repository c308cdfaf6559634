"""Typed text is read through the forms of ``kernel.web.forms`` only, which clean it."""

from __future__ import annotations

import re

from tests.arch.source import modules

# Signed queries of machines, and a page's address, which is repeated in links.
QUERY_READ_AS_IT_IS = {
    "bot/webhook.py": 2, "kernel/web/forms.py": 1, "admin/web.py": 2, "mall_h5/trade/paying.py": 1,
}  # fmt: skip
PASSWORDS = {"admin/account.py", "admin/sign_in.py", "kernel/web/forms.py"}
FACES = ("admin", "mall_h5", "bot", "app", "kernel")


def lines(pattern: str) -> dict[str, int]:
    """How often a pattern occurs in each file of the faces."""
    found: dict[str, int] = {}
    for face in FACES:
        for m in modules(face):
            if count := len(re.findall(pattern, m.text)):
                found[m.name] = count
    return found


def test_values_of_queries_are_cleaned() -> None:
    raw = lines(r"(?<!Form\()request\.query\b(?!_string)")
    over = {name: n for name, n in raw.items() if n > QUERY_READ_AS_IT_IS.get(name, 0)}
    assert over == {}, "kernel.web.forms.asked reads one value, Form(request.query) several"


def test_only_passwords_are_read_unchanged() -> None:
    assert set(lines(r"\.secret\(\"?")) <= PASSWORDS


def test_stored_headers_of_browsers_are_cleaned() -> None:
    # This code only searches the header for a word and stores nothing.
    assert set(lines(r"\"User-Agent\"")) <= {
        "kernel/web/forms.py", "kernel/web/render.py", "mall_h5/trade/paying.py",
    }  # fmt: skip


def test_cookies_are_read_by_cookie_of() -> None:
    assert set(lines(r"\.cookies\b")) <= {"kernel/web/forms.py"}, "kernel.web.forms.cookie_of"


def test_the_referer_is_read_by_referer_of() -> None:
    assert set(lines(r"\"Referer\"")) <= {"kernel/web/forms.py"}, "kernel.web.forms.referer_of"
