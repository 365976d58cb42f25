def total(store, keys):
    out = 0
    for key in keys:
        out += store.load(key)
    return out
