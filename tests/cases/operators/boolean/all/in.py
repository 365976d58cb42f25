def near(a, b, c):
    return a == b and b == c and a == c
