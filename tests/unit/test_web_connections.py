"""Only the first line of a request with raw bytes in the address is rewritten."""

from __future__ import annotations

import pytest

from kernel.web.connections import escape_target


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("GET /m/陈 HTTP/1.1\r\n", b"GET /m/%E9%99%88 HTTP/1.1\r\n"),
        ("GET /m/?q=陈&r=%E9 HTTP/1.0\r\n", b"GET /m/?q=%E9%99%88&r=%E9 HTTP/1.0\r\n"),
        ("POST /m/cart?陈 HTTP/1.1\r\nX: 陈\r\n\r\n陈",
         b"POST /m/cart?%E9%99%88 HTTP/1.1\r\nX: \xe9\x99\x88\r\n\r\n\xe9\x99\x88"),
    ],
)  # fmt: skip
def test_raw_utf8_bytes_of_an_address_are_escaped(sent: str, read: bytes) -> None:
    assert escape_target(sent.encode()) == read


def test_bytes_of_another_encoding_are_escaped_unchanged() -> None:
    assert escape_target(b"GET /m/\xe9 HTTP/1.1\r\n") == b"GET /m/%E9 HTTP/1.1\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"GET /m/ HTTP/1.1\r\nX: \xe9\r\n\r\n",
        b"X: GET /\xe9 HTTP/1.1\r\n",
        b"get /\xe9 HTTP/1.1\r\n",
        b"GET /\xe9 x HTTP/1.1\r\n",
        b"GET /\xe9\r\n",
        b"GET /\xe9 HTTP/1.1",
        b"\r\nGET /\xe9 HTTP/1.1\r\n",
        b"GET /\xe9\x00 HTTP/1.1\r\n",
        b"GET /\xe9 HTTP/2.0\r\n",
        b"",
    ],
)
def test_other_requests_are_passed_to_the_parser_unchanged(data: bytes) -> None:
    assert escape_target(data) == data
