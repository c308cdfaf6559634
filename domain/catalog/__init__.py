"""The catalogue (商品): categories, products, SKUs, prices, pictures and stock."""

from domain.catalog.attributes import (
    ATTRIBUTE_KINDS,
    AttributeForm,
    AttributeRow,
    StatedAttribute,
    add_attribute,
    attributes_of,
    checked_value,
    edit_attribute,
    remove_attribute,
    set_attributes,
    stated_by,
)
from domain.catalog.categories import (
    CategoryForm,
    CategoryRow,
    CategoryView,
    add_category,
    category_detail,
    edit_category,
    ids_below,
    list_categories,
    list_shown_categories,
    shown_category,
)
from domain.catalog.costs import CostRow, CostView, list_costs
from domain.catalog.errors import StockShort
from domain.catalog.filters import (
    CHOSEN_MOST,
    Chosen,
    Filter,
    FilterValue,
    filters_of,
    narrowed,
)
from domain.catalog.finding import find_products
from domain.catalog.indexing import FieldName, texts_of_product
from domain.catalog.listing import (
    PriceEntry,
    ProductDetail,
    ProductRow,
    SkuDetail,
    StockEntry,
    StockRow,
    StockWatch,
    list_prices,
    list_product_pictures,
    list_products,
    list_stock_moves,
    list_watched_stock,
    product_detail_for_merchant,
)
from domain.catalog.matrix import (
    Matrix,
    MatrixRow,
    MatrixSku,
    check_matrix,
    matrix_of,
    save_matrix,
)
from domain.catalog.pictures import (
    PictureRef,
    pictures,
    pictures_of_lines,
    unused_pictures_by_alt,
)
from domain.catalog.queries import (
    Home,
    PricedSku,
    ProductCard,
    ProductPage,
    Shelf,
    SkuLine,
    SkuView,
    best_seller,
    home,
    known_ids,
    price_histories,
    priced_skus,
    product_cards,
    product_page,
    search,
    shelf,
    sku_lines,
)
from domain.catalog.reserving import STOCK
from domain.catalog.rules import (
    SKUS_MAX,
    STRIKE_PRICE_WINDOW,
    STRIKE_SHOWN_FOR,
    PriceStep,
    ProductForm,
    SkuForm,
    checked_product,
    checked_sku,
    is_large_price_change,
)
from domain.catalog.searching import canonical_words, cut_words, with_strengths
from domain.catalog.service import (
    add_picture,
    create_product,
    delete_picture,
    edit_product,
    is_on_a_product,
    lock_product,
    save_picture,
    set_pictures,
    set_state,
)
from domain.catalog.shelving import (
    ShelfPlan,
    copy_product,
    plan_of,
    plan_shelf,
)
from domain.catalog.skus import (
    add_sku,
    edit_sku,
    edit_sku_of_product,
    remove_sku,
    remove_sku_of_product,
    set_cost,
    set_price,
)
from domain.catalog.specs import Choices, Spec, choose, combinations
from domain.catalog.stock import (
    adjust_stock,
    skus_out_of_balance,
)
from domain.catalog.stories import (
    Story,
    keep_story_picture,
    save_story,
    story_of,
)
from domain.catalog.wishing import (
    Goods,
    Wish,
    WishOrder,
    best_sellers,
    fit,
    goods_named,
    goods_on_shelf,
)

__all__ = [
    "ATTRIBUTE_KINDS", "CHOSEN_MOST", "SKUS_MAX", "STOCK", "STRIKE_PRICE_WINDOW",
    "STRIKE_SHOWN_FOR", "AttributeForm", "AttributeRow", "CategoryForm", "CategoryRow",
    "CategoryView", "Choices", "Chosen", "CostRow", "CostView", "FieldName", "Filter",
    "FilterValue", "Goods", "Home", "Matrix", "MatrixRow", "MatrixSku", "PictureRef", "PriceEntry",
    "PriceStep", "PricedSku", "ProductCard", "ProductDetail", "ProductForm", "ProductPage",
    "ProductRow", "Shelf", "ShelfPlan", "SkuDetail", "SkuForm", "SkuLine", "SkuView", "Spec",
    "StatedAttribute", "StockEntry", "StockRow", "StockShort", "StockWatch", "Story", "Wish",
    "WishOrder", "add_attribute", "add_category", "add_picture", "add_sku", "adjust_stock",
    "attributes_of", "best_seller", "best_sellers", "canonical_words", "category_detail",
    "check_matrix", "checked_product", "checked_sku", "checked_value", "choose", "combinations",
    "copy_product", "create_product", "cut_words", "delete_picture", "edit_attribute",
    "edit_category", "edit_product", "edit_sku", "edit_sku_of_product", "filters_of",
    "find_products", "fit", "goods_named", "goods_on_shelf", "home", "ids_below",
    "is_large_price_change", "is_on_a_product", "keep_story_picture", "known_ids",
    "list_categories", "list_costs", "list_prices", "list_product_pictures", "list_products",
    "list_shown_categories", "list_stock_moves", "list_watched_stock", "lock_product", "matrix_of",
    "narrowed", "pictures", "pictures_of_lines", "plan_of", "plan_shelf", "price_histories",
    "priced_skus", "product_cards", "product_detail_for_merchant", "product_page",
    "remove_attribute", "remove_sku", "remove_sku_of_product", "save_matrix", "save_picture",
    "save_story", "search", "set_attributes", "set_cost", "set_pictures", "set_price", "set_state",
    "shelf", "shown_category", "sku_lines", "skus_out_of_balance", "stated_by", "story_of",
    "texts_of_product", "unused_pictures_by_alt", "with_strengths",
]  # fmt: skip
