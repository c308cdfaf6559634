"""Records WeChat Pay's refusals for the merchant; a later success of the call clears them."""

from __future__ import annotations

from domain.refusals.ports import RefusalBook
from kernel.errors import GatewayError

UNPROVEN_ERRORS = frozenset({"answer_headers", "answer_time", "answer_serial", "answer_signature"})
"""Codes of answers that failed our verification: keys or clocks do not agree."""


class record_call:
    """Records the result of one call.

    Time-outs, 5xx answers and the ``usual`` code, which is an answer, are not refusals.
    """

    __slots__ = ("_book", "_call", "_usual")

    def __init__(self, book: RefusalBook, call: str, usual: str = "") -> None:
        self._book = book
        self._call = call
        self._usual = usual

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None or (isinstance(error, GatewayError) and error.code == self._usual):
            self._book.record_success("pay", self._call)
        elif isinstance(error, GatewayError) and _is_refusal(error):
            self._book.record_refusal("pay", self._call, error.code, detail=error.message)


def _is_refusal(error: GatewayError) -> bool:
    status = error.facts.get("status")
    is_answered = isinstance(status, int) and 400 <= status < 500
    return is_answered or error.code in UNPROVEN_ERRORS
