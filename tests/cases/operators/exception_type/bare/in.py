def f(table, key):
    try:
        return table[key]
    except:
        raise
