def f(items):
    items.sort()
