"""订单: orders, after-sales, refunds, and WeChat's bills against our book."""
