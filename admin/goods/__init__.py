"""商品: products with their pictures, stock, categories."""
