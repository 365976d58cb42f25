# at: table
def f(table, key):
    return table[key]
