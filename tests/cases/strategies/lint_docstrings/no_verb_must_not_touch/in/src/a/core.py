def total(values):
    """Values of it."""
