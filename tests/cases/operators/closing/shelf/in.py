import shelve
def f(path, key):
    with shelve.open(path) as held:
        return held[key]
