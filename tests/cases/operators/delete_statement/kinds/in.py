def f(items):
    """Keep me."""
    items.sort()
    for item in items:
        print(item)
    return items
