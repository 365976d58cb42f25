def f(table, key):
    try:
        return table[key]
    except KeyError:
        raise ValueError(key)
