"""订单: orders, after-sales cases, refunds, and the reconciliation of WeChat's bills."""
