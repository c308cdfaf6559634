"""The product page, one of 1,000, full HTML, as a signed-in shopper."""

from __future__ import annotations

from bench.tools.pages import measure


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    measure("page_detail", quick=quick)


if __name__ == "__main__":
    main()
