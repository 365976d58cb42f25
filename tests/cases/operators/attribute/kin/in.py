def f(items, more):
    items.append(more)
    items.sort()
    return more.strip()
