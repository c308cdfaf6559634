"""Records WeChat Pay's refusals for the merchant; a later success of the call clears them."""

from __future__ import annotations

from domain.refusals.ports import RefusalBook
from kernel.errors import GatewayError

UNPROVEN_ERRORS = frozenset({"answer_headers", "answer_time", "answer_serial", "answer_signature"})
"""Codes of answers that failed our verification: keys or clocks do not agree."""


class record_call:
    """Records the result of one call; time-outs and 5xx answers are not refusals."""

    __slots__ = ("_book", "_call")

    def __init__(self, book: RefusalBook, call: str) -> None:
        self._book = book
        self._call = call

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None:
            self._book.record_success("pay", self._call)
        elif isinstance(error, GatewayError) and _is_refusal(error):
            self._book.record_refusal("pay", self._call, error.code, detail=error.message)


def _is_refusal(error: GatewayError) -> bool:
    status = error.facts.get("status")
    is_answered = isinstance(status, int) and 400 <= status < 500
    return is_answered or error.code in UNPROVEN_ERRORS
