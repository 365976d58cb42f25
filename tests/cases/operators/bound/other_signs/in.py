def f(a, b, c):
    return a == b or a in c or 0 <= a < b
