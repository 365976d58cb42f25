"""The product: one module a sequence, its handlers in the order of its beats."""
