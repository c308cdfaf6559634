"""Pages of the mall that answers lead to; the mall owns what lies behind them."""

from kernel.money import yuan

HOME = "/m/"
CART = "/m/cart"
OFFERS = "/m/offers"
ORDERS = "/m/orders"
ADDRESSES = "/m/addresses"
CASES = "/m/aftersales"
SELLING = "/m/d/"
SELLING_NAME = "/m/d/settings"
ENTRIES = "/m/d/entries"
CUSTOMERS = "/m/d/customers"
APPLY = "/m/d/"
WITHDRAW = "/m/d/withdraw"
WITHDRAWALS = "/m/d/withdrawals"
FREEZE = "/m/d/freeze"
IDENTITY = "/m/d/identity"
WHY_UPLINE = "/m/d/why"


def product(product_id: int) -> str:
    """A product's page."""
    return f"/m/p/{product_id}"


def order(order_no: str) -> str:
    """An order's page."""
    return f"/m/orders/{order_no}"


def search(words: str) -> str:
    """The shelf of a search."""
    return f"/m/search?q={words}"


def withdraw(fen: int) -> str:
    """The page where a withdrawal is asked for, with an amount filled in."""
    return f"{WITHDRAW}?amount={yuan(fen)}"


def withdrawal(withdrawal_id: int) -> str:
    """A withdrawal's page, where one that came back is asked for again."""
    return f"{WITHDRAWALS}/{withdrawal_id}"


def confirm(withdrawal_id: int) -> str:
    """Where a withdrawal is confirmed in WeChat."""
    return f"/m/pay/transfer/{withdrawal_id}"


def case(case_no: str) -> str:
    """An after-sales case's page."""
    return f"{CASES}/{case_no}"
