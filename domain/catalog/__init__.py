"""The catalogue (商品): categories, products, SKUs, prices, pictures and stock."""

from domain.catalog.desk import (
    CategorySheet,
    PriceEntry,
    ProductRow,
    ProductSheet,
    SkuSheet,
    StockEntry,
    StockRow,
    category_desk,
    picture_desk,
    price_history,
    product_desk,
    product_sheet,
    stock_desk,
    stock_moves,
)
from domain.catalog.errors import StockShort
from domain.catalog.queries import (
    Card,
    CategoryView,
    Home,
    PictureRef,
    ProductPage,
    Shelf,
    SkuLine,
    SkuView,
    cards,
    categories,
    home,
    line_pictures,
    pictures,
    pictures_of,
    product_page,
    search,
    shelf,
    sku_lines,
)
from domain.catalog.rules import ProductForm, SkuForm
from domain.catalog.service import (
    add_picture,
    add_sku,
    create_product,
    edit_product,
    edit_sku,
    keep_picture,
    remove_sku,
    save_category,
    set_pictures,
    set_price,
    set_state,
)
from domain.catalog.stock import (
    adjust_stock,
    hold_stock,
    identity_gaps,
    release_stock,
    replace_stock,
    return_stock,
    take_stock,
)

__all__ = [
    "Card", "CategorySheet", "CategoryView", "Home", "PictureRef", "PriceEntry", "ProductForm",
    "ProductPage", "ProductRow", "ProductSheet", "Shelf", "SkuForm", "SkuLine", "SkuSheet",
    "SkuView", "StockEntry", "StockRow", "StockShort", "add_picture", "add_sku", "adjust_stock",
    "cards", "categories", "category_desk", "create_product", "edit_product", "edit_sku",
    "hold_stock", "home", "identity_gaps", "keep_picture", "line_pictures", "picture_desk",
    "pictures", "pictures_of",
    "price_history", "product_desk", "product_page", "product_sheet", "release_stock",
    "remove_sku", "replace_stock", "return_stock", "save_category", "search", "set_pictures",
    "set_price",
    "set_state", "shelf", "sku_lines", "stock_desk", "stock_moves", "take_stock",
]  # fmt: skip
