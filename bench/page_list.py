"""The product list: twenty of 1,000 products, full HTML, as a signed-in shopper."""

from __future__ import annotations

from bench.tools.pages import measure


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    measure("page_list", quick=quick)


if __name__ == "__main__":
    main()
