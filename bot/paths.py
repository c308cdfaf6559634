"""Paths of the mall's pages that chat answers link to; ``mall_h5`` serves them."""

from kernel.money import yuan

HOME = "/m/"
OFFERS = "/m/offers"
CART = "/m/cart"
CAMPAIGN_RULES = "/legal/campaign"
ORDERS = "/m/orders"
ADDRESSES = "/m/addresses"
GIFTS = "/m/gifts"
CASES = "/m/aftersales"
SELLING = "/m/d/"
ENTRIES = "/m/d/entries"
CUSTOMERS = "/m/d/customers"
APPLY = "/m/d/"
WITHDRAW = "/m/d/withdraw"
WITHDRAWALS = "/m/d/withdrawals"
FREEZE = "/m/d/freeze"
AGE = "/m/me/age"
CONSENTS = "/m/me/privacy"
SHOWN_TO = "/m/me/privacy"
LICENCES = "/legal/licences"
PRIVACY = "/legal/privacy"
REQUESTS = "/m/me/requests"
DELETE = "/m/me/delete"
WHY_UPLINE = "/m/d/why"
WHY_NOT_MINE = "/m/d/order-why"
POSTER = "/m/d/poster"
GOODS = "/m/d/goods"
IDENTITY = "/m/d/identity"
SELLER_SETTINGS = "/m/d/settings"
RULES = "/legal/distribution"
TERMS = "/legal/terms"


def leak(leak_no: str) -> str:
    """The page of a leak that concerns the person."""
    return f"/m/me/leaks/{leak_no}"


def pickup(order_no: str) -> str:
    """The page of an order's pickup code."""
    return f"/m/orders/{order_no}/pickup"


def product(product_id: int) -> str:
    """A product's page."""
    return f"/m/p/{product_id}"


def order(order_no: str) -> str:
    """An order's page."""
    return f"/m/orders/{order_no}"


def search(words: str) -> str:
    """The page with the results of a search."""
    return f"/m/search?q={words}"


def withdraw(fen: int) -> str:
    """The page where a withdrawal is requested, with the amount filled in."""
    return f"{WITHDRAW}?amount={yuan(fen)}"


def withdrawal(withdrawal_id: int) -> str:
    """A withdrawal's page; one that failed can be requested again there."""
    return f"{WITHDRAWALS}/{withdrawal_id}"


def confirm(withdrawal_id: int) -> str:
    """The page where a transfer is confirmed in WeChat."""
    return f"/m/pay/transfer/{withdrawal_id}"


def case(case_no: str) -> str:
    """An after-sales case's page."""
    return f"{CASES}/{case_no}"


def gift(order_no: str) -> str:
    """The page from which a gift is sent on."""
    return f"/m/orders/{order_no}/gift"


def pay(order_no: str) -> str:
    """The page where an order is paid."""
    return f"/m/pay/{order_no}"


def claim(order_no: str, line_id: int | None = None) -> str:
    """The page where a refund or return of a line begins, or of a whole order that waits."""
    line = f"&line={line_id}" if line_id is not None else ""
    return f"{CASES}/new?order={order_no}{line}"
