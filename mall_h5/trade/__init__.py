"""买: cart, checkout, payment, orders, after-sales."""
