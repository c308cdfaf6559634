"""Pictures, categories, products, SKUs, price and stock history."""

from __future__ import annotations

from peewee import BooleanField, Check, IntegerField, TextField

from schema.columns import FenField, JsonField, Table, UtcField, ref, state, word


class Picture(Table):
    """A stored picture: re-encoded in several widths, identified by its content (图片)."""

    digest = word(64, unique=True)
    width = IntegerField()
    height = IntegerField()
    color = word(7)
    widths = JsonField()
    alt = word(120, default="")
    created_at = UtcField()


class Category(Table):
    """A category of products (分类)."""

    name = word(24)
    position = IntegerField(default=0)
    is_hidden = BooleanField(default=False)


class Product(Table):
    """A product with one or more SKUs (商品)."""

    title = word(80)
    subtitle = word(160, default="")
    category = ref(Category)
    description = TextField(default="")
    usage = TextField(default="")
    strength = word(20, default="")  # e.g. 52%vol
    is_liquor = BooleanField(default=True)
    is_return_exempt = BooleanField(default=False)  # no 7-day return, confirmed per line
    tags = JsonField(null=True)
    state = state("draft")  # draft, submitted, on_shelf, off_shelf
    position = IntegerField(default=0)
    search_text = word(600, default="")
    from_price_fen = FenField(default=0)
    version = IntegerField(default=1)
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        indexes = (
            (("state", "position", "id"), False),
            (("category", "state", "position", "id"), False),
            (("from_price_fen", "id"), False),
        )


class ProductPicture(Table):
    """A picture of a product; position 0 is the cover."""

    product = ref(Product, index=False)
    picture = ref(Picture, index=False)
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("product", "position"), True),)


class Sku(Table):
    """A SKU: one specification of a product with price and stock (规格).

    Invariant: initial + adjusted = stock + held + sold; a return moves from sold back to stock.
    """

    product = ref(Product)
    spec_text = word(80, default="")
    code = word(40, null=True, unique=True)
    price_fen = FenField()
    stock = IntegerField(default=0, constraints=[Check("stock >= 0")])
    held = IntegerField(default=0, constraints=[Check("held >= 0")])
    sold = IntegerField(default=0, constraints=[Check("sold >= 0")])
    low_stock = IntegerField(default=10)
    weight_g = IntegerField(default=0)
    position = IntegerField(default=0)
    is_removed = BooleanField(default=False)


class PriceHistory(Table):
    """A SKU's price from an instant on; the lawful strike price is computed from it (价格历史)."""

    sku = ref(Sku, index=False)
    price_fen = FenField()
    from_at = UtcField()
    by = word(64)

    class Meta:
        indexes = ((("sku", "from_at"), False),)


class StockMove(Table):
    """A change of a SKU's stock with its reason (库存流水)."""

    sku = ref(Sku)
    delta = IntegerField()  # the change of ``stock``
    quantity = IntegerField()  # how many were moved; a sale moves from ``held``, so its delta is 0
    reason = word(16)  # initial, adjust, hold, release, sold, return, replace
    source = word(48, default="")
    note = word(80, default="")
    actor = word(64)
    at = UtcField()

    class Meta:
        indexes = ((("reason", "at"), False),)
