"""What orders took, and what of each line went back to the shelf (订单占用).

Filled from what cases left behind: pieces dropped before they were shipped, goods taken back as
fit for sale, and replacements sent.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
)

from kernel.migrate import add_columns, create_tables


class Order(Model):
    id = BigAutoField()

    class Meta:
        table_name = "mall_order"


class OrderTake(Model):
    id = BigAutoField()
    order = ForeignKeyField(Order, backref="+", on_delete="RESTRICT", index=False)
    line = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    kind = CharField(max_length=12)
    ref = BigIntegerField()
    amount = BigIntegerField(constraints=[Check("amount >= 0")])
    given_back = BigIntegerField(constraints=[SQL("DEFAULT 0"), Check("given_back >= 0")])

    class Meta:
        table_name = "order_take"
        constraints = (Check("given_back <= amount"),)
        indexes = ((("order", "line", "kind", "ref"), True),)


class OrderLine(Model):
    id = BigAutoField()
    restocked = IntegerField(constraints=[SQL("DEFAULT 0")])
    replaced = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "order_line"


# Each sets a total anew: on MySQL a file that broke off is applied again.
RESTOCKED = """
UPDATE order_line SET restocked = dropped + COALESCE((
    SELECT SUM(p.quantity) FROM after_sale_line p WHERE p.line_id = order_line.id AND EXISTS (
        SELECT 1 FROM after_sale_log g WHERE g.case_id = p.case_id
        AND g.to_state = 'received_back' AND g.why = 'restock')), 0)
"""
REPLACED = """
UPDATE order_line SET replaced = COALESCE((
    SELECT SUM(p.quantity) FROM after_sale_line p JOIN after_sale c ON c.id = p.case_id
    WHERE p.line_id = order_line.id AND c.state = 'exchanged'), 0)
"""
TAKES = """
INSERT INTO order_take (order_id, line, kind, ref, amount, given_back)
SELECT l.order_id, l.id, 'stock', l.sku_id, l.quantity + l.replaced, l.restocked
FROM order_line l WHERE (l.restocked > 0 OR l.replaced > 0) AND NOT EXISTS (
    SELECT 1 FROM order_take t WHERE t.order_id = l.order_id AND t.line = l.id
    AND t.kind = 'stock' AND t.ref = l.sku_id)
"""


def up(_: Any, db: Any) -> None:
    """One table, two columns of lines, filled."""
    create_tables(db, [OrderTake])
    add_columns(db, OrderLine, "restocked", "replaced")
    for sql in (RESTOCKED, REPLACED, TAKES):
        db.execute_sql(sql)
