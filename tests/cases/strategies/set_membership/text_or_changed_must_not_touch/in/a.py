def odd(items, allowed, order):
    for item in items:
        if item in allowed:
            yield item
    found = list(order)
    for item in items:
        if item in found:
            found.remove(item)
    return found
