"""逛: the goods: home, categories, search, offers, a product."""
