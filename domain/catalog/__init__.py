"""The catalogue (商品): categories, products, SKUs, prices, pictures and stock."""

from domain.catalog.desk import (
    CategorySheet,
    PriceEntry,
    ProductRow,
    ProductSheet,
    SkuSheet,
    StockEntry,
    StockRow,
    StockWatch,
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
    PricedSku,
    ProductPage,
    Shelf,
    SkuLine,
    SkuView,
    cards,
    categories,
    home,
    known_ids,
    line_pictures,
    pictures,
    pictures_called,
    pictures_of,
    price_steps,
    priced_skus,
    product_page,
    search,
    shelf,
    sku_lines,
)
from domain.catalog.reserving import STOCK
from domain.catalog.rules import (
    STRIKE_LOOKS_BACK,
    STRIKE_SHOWN_FOR,
    PriceStep,
    ProductForm,
    SkuForm,
    is_far_move,
)
from domain.catalog.service import (
    add_picture,
    add_sku,
    create_product,
    drop_sku,
    edit_product,
    edit_sku,
    forget_picture,
    keep_picture,
    keep_sku,
    remove_sku,
    save_category,
    set_pictures,
    set_price,
    set_state,
)
from domain.catalog.stock import (
    adjust_stock,
    identity_gaps,
)

__all__ = [
    "STOCK", "STRIKE_LOOKS_BACK", "STRIKE_SHOWN_FOR", "Card", "CategorySheet", "CategoryView",
    "Home", "PictureRef", "PriceEntry", "PriceStep", "PricedSku", "ProductForm", "ProductPage",
    "ProductRow", "ProductSheet", "Shelf", "SkuForm", "SkuLine", "SkuSheet", "SkuView",
    "StockEntry", "StockRow", "StockShort", "StockWatch", "add_picture", "add_sku", "adjust_stock",
    "cards", "categories", "category_desk", "create_product", "drop_sku", "edit_product",
    "edit_sku", "forget_picture", "home", "identity_gaps", "is_far_move", "keep_picture",
    "keep_sku", "known_ids", "line_pictures", "picture_desk", "pictures", "pictures_called",
    "pictures_of", "price_history", "price_steps", "priced_skus", "product_desk", "product_page",
    "product_sheet", "remove_sku", "save_category", "search", "set_pictures", "set_price",
    "set_state", "shelf", "sku_lines", "stock_desk", "stock_moves",
]  # fmt: skip
