def norm(x, y):
    return sqrt(x * x + y * y)
