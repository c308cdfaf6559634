"""The order that a ticket is about, written before its text (关于订单)."""

from __future__ import annotations

import re

ORDER = re.compile(r"ORD[A-Z0-9]{10,29}")
_ABOUT = re.compile(rf"\[订单 ({ORDER.pattern})\] (.*)", re.DOTALL)


def with_order(order_no: str, text: str) -> str:
    """The text of a ticket about an order."""
    return f"[订单 {order_no}] {text}" if order_no else text


def split_order_no(text: str) -> tuple[str, str]:
    """The order's number in a ticket's text ('' for none), and the text without it.

    The writer may put in any number, so a page must check whose order it is.
    """
    found = _ABOUT.fullmatch(text)
    return (found[1], found[2]) if found else ("", text)
