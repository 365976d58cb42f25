def total(store, keys):
    out = 0
    for key in (k for k in keys):
        out += store.load(key)
    for key in keys:
        out += store.load(key, 1)
    for key in keys:
        store = store.next
        out += store.load(key)
    return out
