def a(x, y):
    return type(x) == dict or type(x) != type(y)
