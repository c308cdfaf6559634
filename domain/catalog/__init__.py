"""The catalogue (商品): categories, products, SKUs, prices, pictures and stock."""

from domain.catalog.errors import StockShort
from domain.catalog.finding import find_products
from domain.catalog.listing import (
    CategoryRow,
    PriceEntry,
    ProductDetail,
    ProductRow,
    SkuDetail,
    StockEntry,
    StockRow,
    StockWatch,
    list_categories,
    list_prices,
    list_product_pictures,
    list_products,
    list_stock_moves,
    list_watched_stock,
    product_detail_for_merchant,
)
from domain.catalog.queries import (
    CategoryView,
    Home,
    PictureRef,
    PricedSku,
    ProductCard,
    ProductPage,
    Shelf,
    SkuLine,
    SkuView,
    best_seller,
    home,
    known_ids,
    list_shown_categories,
    pictures,
    pictures_of_lines,
    price_histories,
    priced_skus,
    product_cards,
    product_page,
    search,
    shelf,
    sku_lines,
    unused_pictures_by_alt,
)
from domain.catalog.reserving import STOCK
from domain.catalog.rules import (
    STRIKE_PRICE_WINDOW,
    STRIKE_SHOWN_FOR,
    PriceStep,
    ProductForm,
    SkuForm,
    is_large_price_change,
)
from domain.catalog.service import (
    add_picture,
    add_sku,
    create_product,
    delete_picture,
    edit_product,
    edit_sku,
    edit_sku_of_product,
    remove_sku,
    remove_sku_of_product,
    save_category,
    save_picture,
    set_pictures,
    set_price,
    set_state,
)
from domain.catalog.stock import (
    adjust_stock,
    skus_out_of_balance,
)

__all__ = [
    "STOCK", "STRIKE_PRICE_WINDOW", "STRIKE_SHOWN_FOR", "CategoryRow", "CategoryView", "Home",
    "PictureRef", "PriceEntry", "PriceStep", "PricedSku", "ProductCard", "ProductDetail",
    "ProductForm", "ProductPage", "ProductRow", "Shelf", "SkuDetail", "SkuForm", "SkuLine",
    "SkuView", "StockEntry", "StockRow", "StockShort", "StockWatch", "add_picture", "add_sku",
    "adjust_stock", "best_seller", "create_product", "delete_picture", "edit_product", "edit_sku",
    "edit_sku_of_product", "find_products", "home", "is_large_price_change", "known_ids",
    "list_categories", "list_prices", "list_product_pictures", "list_products",
    "list_shown_categories", "list_stock_moves", "list_watched_stock", "pictures",
    "pictures_of_lines", "price_histories", "priced_skus", "product_cards",
    "product_detail_for_merchant", "product_page", "remove_sku", "remove_sku_of_product",
    "save_category", "save_picture", "search", "set_pictures", "set_price", "set_state", "shelf",
    "sku_lines", "skus_out_of_balance", "unused_pictures_by_alt",
]  # fmt: skip
