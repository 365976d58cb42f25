def f(key, table):
    return key not in table or table[key] is None
