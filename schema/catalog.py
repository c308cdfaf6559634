"""Pictures, categories, products, SKUs, price and stock history."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, Check, IntegerField, TextField

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
    parent_id = BigIntegerField(null=True, index=True)  # none for the first level; no reference,
    # so that rows are copied and deleted in any order
    picture = word(64, default="")  # the digest of a picture
    position = IntegerField(default=0)
    is_hidden = BooleanField(default=False)
    version = IntegerField(default=1)


class Attribute(Table):
    """A fact that products of a category state, such as 香型 (规格参数).

    Categories below it have it too.
    """

    category = ref(Category, index=False)
    name = word(20)
    kind = word(8)  # text, number, choice
    unit = word(10, default="")
    options = JsonField(null=True)
    is_filter = BooleanField(default=False)
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("category", "name"), True),)


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
    brand = word(40, default="")
    specs = JsonField(null=True)  # [{"name": "容量", "values": ["500ml", "1L"]}], at most three
    tags = JsonField(null=True)
    state = state("draft")  # draft, submitted, on_shelf, off_shelf
    position = IntegerField(default=0)
    search_text = word(600, default="")
    from_price_fen = FenField(default=0)
    on_shelf_at = UtcField(null=True, index=True)  # planned
    off_shelf_at = UtcField(null=True, index=True)
    version = IntegerField(default=1)
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        indexes = (
            (("state", "position", "id"), False),
            (("category", "state", "position", "id"), False),
            (("from_price_fen", "id"), False),
        )


class ProductAttribute(Table):
    """What a product states of an attribute; a number is kept without its unit."""

    product = ref(Product, index=False)
    attribute = ref(Attribute, index=False)
    value = word(120)

    class Meta:
        indexes = (
            (("product", "attribute"), True),
            (("attribute", "value", "product"), False),
        )


class ProductPicture(Table):
    """A picture of a product; position 0 is the cover."""

    product = ref(Product, index=False)
    picture = ref(Picture, index=False)
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("product", "position"), True),)


class ProductStory(Table):
    """The rich detail of a product: cleaned HTML, pictures by their digests (图文详情)."""

    product = ref(Product, unique=True)
    html = TextField(default="")
    version = IntegerField(default=1)
    updated_at = UtcField()


class StoryPicture(Table):
    """A picture in a product's rich detail."""

    product = ref(Product, index=False)
    picture = ref(Picture)

    class Meta:
        indexes = ((("product", "picture"), True),)


class LoosePicture(Table):
    """A picture that only the editor of rich details stored; it goes when no detail shows it."""

    picture = ref(Picture, unique=True)
    at = UtcField(index=True)


class Sku(Table):
    """A SKU: one specification of a product with price and stock (规格).

    Invariant: initial + adjusted = stock + held + sold; a return moves from sold back to stock.
    """

    product = ref(Product)
    spec_text = word(80, default="")
    choices = JsonField(null=True)  # a value of each specification of the product
    code = word(40, null=True, unique=True)
    price_fen = FenField()
    cost_fen = FenField(null=True)
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
    cause = word(16, null=True)  # of an adjustment: arrival, count, damage, sample, other
    source = word(48, default="")
    note = word(80, default="")
    actor = word(64)
    at = UtcField()

    class Meta:
        indexes = ((("reason", "at"), False),)
