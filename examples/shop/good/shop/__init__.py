"""A small shop: prices, discounts and baskets."""
