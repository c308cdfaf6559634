"""Products as a sheet (商品表): a row for each SKU, written and read back with the same headings.

A product is changed or made as a whole, from all of its rows. See ADR 0122.
"""

from domain.product_sheets.checking import check_product_rows, group_product_rows
from domain.product_sheets.goods import SheetLine, lines_of_products, list_lines
from domain.product_sheets.rules import NAMES, ProductFault
from domain.product_sheets.saving import save_product_rows

__all__ = [
    "NAMES", "ProductFault", "SheetLine", "check_product_rows", "group_product_rows",
    "lines_of_products", "list_lines", "save_product_rows",
]  # fmt: skip
