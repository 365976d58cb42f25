def f(items, n):
    return items[1:n]
