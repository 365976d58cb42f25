CACHE = {}
KEPT = {}
SEEN = make()


def price(name):
    global CACHE
    CACHE = {name: 1}
    CACHE[name] = 2
    SEEN.append(name)
    return KEPT.get(name)
