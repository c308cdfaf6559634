"""The chat in plain mode: ``帮助`` by many members over 64 connections."""

from __future__ import annotations

from bench.tools.chat import measure


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    measure("chat_plain", aes=False, quick=quick)


if __name__ == "__main__":
    main()
