"""我的: the member's own data, complaints, and the cart brought from another browser."""
